from __future__ import annotations

from collections import Counter

from notewright.action.journal import Part
from notewright.action.result import Result, Told, tell
from notewright.action.summary import render_failure, render_summary
from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.changelog.section import Section, Totals
from notewright.errors import GitHubError
from notewright.notes.document import Notes, Sentence
from notewright.review.usage import Usage

SECTION = Section("1.4.0", "v1.4.0", "v1.3.2", "2026-11-20", Totals(42, 18, 21, 3), (), (), ())


def told(audience: str, **statuses: int) -> Told:
    return Told(audience, f"Notes for {audience}.\n", "llama_server:qwen", Counter(statuses), sum(statuses.values()))


def test_the_facts_count_all_audiences_and_what_the_model_cost() -> None:
    notes = (told("developer", model=19, repaired=2), told("customer", repaired=1, fallback=2))
    result = Result("1.4.0", SECTION, "## 1.4.0\n", notes, Usage(3, 4812, 3416, 612, 14.2))
    text = render_summary("pull request 87 updated for 1.4.0", result, [Part("notes", 14.21, "3 calls")], runner="gpu-runner-2")
    assert text.startswith("### notewright: pull request 87 updated for 1.4.0\n")
    assert (
        "42 commits → 0 entries, 21 folded, 3 hidden, 0 unaccounted for. Notes: 24 of 24 sentences supported (3 repaired, 2 by rule)."
        in text
    )
    assert "Engine `llama_server:qwen` on `gpu-runner-2`: 4,812 prompt tokens (70 % cached), 612 written, 14 s." in text
    assert "| notes | 14.2 | 3 calls |" in text


def test_words_of_an_editor_are_shown_and_do_nothing() -> None:
    policy = Prompts(prompt_places(None)).audience("developer").policy
    notes = Notes("1.4.0", "developer", "none", (Sentence("It is 40 times faster.", (), "human"),))
    markdown = "# Mine\n\n- **new:** @everyone look\n\n</details><img src=x>\n```\n"
    edited = tell(SECTION, notes, policy, markdown=markdown, edited=True)
    text = render_summary("x", Result("1.4.0", SECTION, "", (edited,)), (), runner="")
    assert "#### Mine\n\n- **new:** `@everyone` look\n" in text
    assert "Notes: 1 of 1 sentences supported (1 by people)." in text
    assert "<img" not in text
    assert text.count("</details>") == text.count("<details>") == 2, "the one of the editor is text"
    assert "\n```" not in text


def test_a_headline_links_to_an_address_only() -> None:
    result = Result(None, SECTION)
    linked = render_summary("pull request 87 updated", result, (), runner="", url="https://github.com/acme/app/pull/87")
    assert linked.startswith("### notewright: pull request [#87](https://github.com/acme/app/pull/87) updated\n")
    hostile = render_summary("pull request 87 updated", result, (), runner="", url="https://x/) <img src=y>")
    assert hostile.startswith("### notewright: pull request 87 updated\n")


def test_a_section_of_many_megabytes_is_cut_at_a_line() -> None:
    text = render_summary("x", Result("1.4.0", SECTION, "- entry\n" * 1_000_000), (), runner="")
    assert len(text) < 300_000
    assert "- entry\n\n*and more*\n\n</details>" in text
    assert text.count("<details>") == text.count("</details>")


def test_a_failure_shows_what_to_do_as_lines_to_copy() -> None:
    error = GitHubError("cannot push <b>: 403", hint="the job needs\npermissions:\n  contents: write")
    assert render_failure(error) == (
        "### notewright stopped\n\ncannot push &lt;b>: 403\n\n    the job needs\n    permissions:\n      contents: write\n"
    )
