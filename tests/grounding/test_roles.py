from __future__ import annotations

import pytest

from notewright.grounding.roles import reversed_roles


@pytest.mark.parametrize(
    ("source", "true", "false"),
    [
        ("keep artifacts for 90 days by default, previously 30", "Kept for 90 days instead of 30.", "Kept for 30 days instead of 90."),
        ("bump OpenSSL from 3.0.14 to 3.0.15", "OpenSSL goes from 3.0.14 to 3.0.15.", "OpenSSL goes from 3.0.15 to 3.0.14."),
        ("job pickup 8s -> 1s", "Pickup falls from 8 s to 1 s.", "Pickup rises from 1 s to 8 s."),
        ("rename `A` prop `b` to `c`", "The `b` prop of `A` is now called `c`.", "The `c` prop of `A` is now called `b`."),
        ("deprecate `Grid12`, use `Grid`", "`Grid12` is deprecated; use `Grid` instead.", "`Grid` is deprecated; use `Grid12` instead."),
        ("use `b.toml` instead of `a.ini`", "Move from `a.ini` to `b.toml`.", "Move from `b.toml` to `a.ini`."),
        ("rename `a` to `b`", "`b` was renamed from `a`.", "`a` was renamed from `b`."),
    ],
    ids=["instead-of", "from-to", "arrow", "now-called", "use", "move", "renamed-from"],
)  # fmt: skip
def test_old_and_new_may_change_their_wording_but_not_their_places(source: str, true: str, false: str) -> None:
    assert list(reversed_roles(true, [source])) == []
    assert list(reversed_roles(false, [source]))


def test_tokens_of_which_the_source_says_nothing_are_nobody_s_business() -> None:
    assert list(reversed_roles("From `x` to `y`.", ["rename `a` to `b`"])) == []
    assert list(reversed_roles("Takes `mean`, not `max`.", ["add `mean`, `min` and `max`"])) == []


def test_a_source_that_goes_both_ways_forbids_neither() -> None:
    assert list(reversed_roles("From `b` to `a`.", ["convert `a` to `b` and `b` to `a`"])) == []


def test_a_range_that_goes_is_no_change_and_a_name_may_leave_and_be_given_on() -> None:
    assert list(reversed_roles("Versions from 2.0 to 2.4 are no longer supported.", ["drop versions from 2.0 to 2.4"])) == []
    assert list(reversed_roles("`Box` is removed and `Box2` is renamed to `Box`.", ["rename `Box2` to `Box`"])) == []
