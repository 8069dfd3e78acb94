"""What a change redoes: the stages whose variants change, and no other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from notewright.adapters.prompts.prompts import Prompts
from notewright.dataset.asking.plan import plan_asking
from notewright.dataset.extraction import plan_extraction
from notewright.errors import ConfigError
from notewright.flows.prompts import find_prompts, open_calls
from notewright.prompting.request import Identity

_OWN = Path(__file__).parents[3] / "prompts"
_MODEL = Identity("llama_server", "a.gguf", "sha256:1", 8192, "llama.cpp b1")


def digests(place: Path, *, model: Identity = _MODEL, questions: int = 5, kinds: tuple[str, ...] = ("what", "how"), judge: bool = True,
            settings: dict[str, object] | None = None) -> dict[str, str]:  # fmt: skip
    stages = plan_asking(
        Prompts([place]).theme("default"), model, questions=questions, kinds=kinds, judge=judge, settings={"answer": settings or {}}
    )
    return {stage: plan.variant.digest for stage, plan in stages.items()}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A copy of notewright's own prompts."""
    return Path(shutil.copytree(_OWN, tmp_path / "prompts"))


def append(file: str) -> Callable[[Path], None]:
    def change(place: Path) -> None:
        path = place / file
        path.write_text(path.read_text("utf-8") + "\nBe brief.\n", "utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "redone"),
    [
        pytest.param(append("questions/default/user.md.j2"), {"questions"}, id="how questions are asked for"),
        pytest.param(append("answers/default/user.md.j2"), {"answer"}, id="how an answer is asked for"),
        pytest.param(append("answers/default/repair.md.j2"), {"repair"}, id="how an answer is asked for again"),
        pytest.param(append("judge/default/user.md.j2"), {"judge"}, id="how a pair is judged"),
        pytest.param(
            append("questions/default/system.md.j2"), {"questions", "answer", "repair", "judge"}, id="what all of them begin with"
        ),
        pytest.param(lambda place: (place / "answers/default/README.md").write_text("why"), set(), id="a file that nobody reads"),
        pytest.param(append("answers/standards/user.md.j2"), set(), id="another theme"),
    ],
)
def test_an_edit_of_a_prompt_redoes_what_depends_on_it(change: Callable[[Path], None], redone: set[str], place: Path) -> None:
    before = digests(place)
    change(place)
    after = digests(place)
    assert {stage for stage in before if before[stage] != after[stage]} == redone


def test_only_what_replies_depend_on_is_in_a_variant(place: Path) -> None:
    before = digests(place)
    assert digests(place, model=replace(_MODEL, model="moved.gguf", engine="llama_cpp", runtime="b2", context_length=4096)) == before
    assert set(digests(place, model=replace(_MODEL, digest="sha256:2")).values()).isdisjoint(before.values())
    changed = digests(place, questions=4)
    assert {stage for stage in before if before[stage] != changed[stage]} == {"questions"}
    changed = digests(place, kinds=("how", "what"))
    assert {stage for stage in before if before[stage] != changed[stage]} == {"questions"}
    changed = digests(place, settings={"temperature": 0.7})
    assert {stage for stage in before if before[stage] != changed[stage]} == {"answer"}
    assert digests(place, judge=False).keys() == {"questions", "answer", "repair"}


def test_a_model_without_a_digest_is_known_by_its_name(place: Path) -> None:
    unknown = replace(_MODEL, digest="")
    assert digests(place, model=unknown) != digests(place, model=replace(unknown, model="b.gguf"))


def test_extraction_is_the_same_whatever_the_model() -> None:
    assert plan_extraction() == plan_extraction()
    assert (plan_extraction().variant.stage, plan_extraction().variant.model) == ("extract", "")


def test_a_theme_of_one_s_own_has_the_judge_of_default_unless_it_brings_one(place: Path) -> None:
    for task in ("questions", "answers"):
        shutil.copytree(place / task / "default", place / task / "mine")
    assert Prompts([place]).theme("mine").judge.name == "default"
    shutil.copytree(place / "judge" / "default", place / "judge" / "mine")
    assert Prompts([place]).theme("mine").judge.name == "mine"


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        pytest.param("questions/default/prompt.yaml", "version: 1\nschema: claims\n", "schema: input should be 'questions'", id="replies"),
        pytest.param("questions/default/prompt.yaml", "version: 1\nschema: questions\nkinds: {riddle: a}\n", "riddle", id="a kind"),
        pytest.param(
            "questions/default/system.md.j2", "You ask {{ count }} questions.", "'count' is undefined", id="a system part that varies"
        ),
        pytest.param("answers/default/repair.md.j2", None, "has no repair.md.j2", id="no repair"),
        pytest.param("answers/default/repair.md.j2", "{% if %}", "repair.md.j2 of the prompt answers/default", id="a broken repair"),
    ],
)
def test_a_theme_that_cannot_be_used_says_why(file: str, content: str | None, told: str, place: Path) -> None:
    (place / file).unlink() if content is None else (place / file).write_text(content, "utf-8")
    prompts = Prompts([place])
    (found,) = find_prompts(prompts, ["answers/default"])
    with pytest.raises(ConfigError, match=told):
        open_calls(prompts, found).requests(None, "en")
