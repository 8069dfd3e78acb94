from __future__ import annotations

import pytest

from notewright.action.secret import TOKENS, check_tokenless, scrub
from notewright.errors import UsageError


@pytest.mark.case(20)
@pytest.mark.parametrize("name", TOKENS)
def test_every_token_that_a_job_may_hold_stops_prepare_by_its_name(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is set") as raised:
        check_tokenless({"PATH": "/bin", name: "canary-4f7a"})
    assert "canary" not in f"{raised.value.message} {raised.value.hint}"


def test_an_environment_without_tokens_and_with_empty_ones_is_fine() -> None:
    check_tokenless({"PATH": "/bin", "GITHUB_TOKEN": ""})


def test_a_child_gets_everything_but_tokens() -> None:
    assert scrub({"PATH": "/bin", **dict.fromkeys(TOKENS, "canary")}) == {"PATH": "/bin"}
