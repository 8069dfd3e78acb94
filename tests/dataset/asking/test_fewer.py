"""Replies of a server that ignores the schema, through the door and the whole work of a run."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from notewright.adapters.dataset.store.store import open_store
from notewright.adapters.dataset.store.values import Generation
from notewright.adapters.prompts.prompts import Prompts
from notewright.control import Cancel, ignore
from notewright.dataset.asking.plan import plan_asking
from notewright.flows.dataset.work import Limits, work
from notewright.llm.door import open_engine
from notewright.llm.settings import EngineSettings
from tests.dataset.work.oracle import fill

_OWN = Path(__file__).parents[3] / "prompts"
_ASKED = ["What does `alpha` return?", "Why is `alpha` short?", "How does `alpha` work on zero?", "Which calls does `alpha` make?"]


def question(text: str) -> dict[str, str]:
    return {"kind": "what", "question": text}


@pytest.mark.parametrize(
    ("questions", "kept", "dropped", "failures"),
    [
        pytest.param({"questions": list(map(question, _ASKED))}, 4, {"missing": 1}, {}, id="four"),
        pytest.param({"questions": []}, 0, {"missing": 5}, {}, id="none"),
        pytest.param({"questions": [question(_ASKED[0])] * 5}, 1, {"repeated": 4}, {}, id="the same five"),
        pytest.param({"questions": [question(_ASKED[0])] * 6}, 0, {}, {"invalid": 1}, id="six"),
        pytest.param("Here are your questions:", 0, {}, {"invalid": 1}, id="prose"),
    ],
)
def test_what_there_is_of_a_short_reply_is_kept_and_nothing_crashes(
    questions: object, kept: int, dropped: dict[str, int], failures: dict[str, int], tmp_path: Path
) -> None:
    script = tmp_path / "script.jsonl"
    lines = [{"match": "Write 5 questions", "reply": questions}, {"match": "Question: ", "reply": {"answer": "`alpha` never does it."}}]
    script.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    opened = open_engine(f"scripted:{script}", settings=EngineSettings(cache_mb=0))
    assert opened.engine
    with closing(opened.engine) as engine, closing(open_store(tmp_path / "store.db", label="test")) as store:
        fill(store, ["alpha.py"], passages=1)
        plans = plan_asking(Prompts([_OWN]).theme("default"), engine.identity(), questions=5, kinds=("what", "why"), judge=False)
        generation = Generation(tuple(plan.variant for plan in plans.values()))
        works = {stage: plan.work for stage, plan in plans.items()}
        work(store, generation, works, engine, limits=Limits(max_attempts=1), report=ignore, cancel=Cancel())
        status = store.reader.status()
    assert (sum(status.kept.values()), status.dropped, status.failures) == (kept, dropped, failures)
