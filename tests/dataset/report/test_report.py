"""The report of a real store and of the artifact that was exported from it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from notewright.adapters.dataset.store.reading import Reader
from notewright.adapters.dataset.store.store import Store, open_store
from notewright.adapters.dataset.store.values import FileRecord, Finished, Generation, NewPassage, Spent
from notewright.control import Cancel, Event, Started, ignore
from notewright.dataset.export.filters import Rules
from notewright.dataset.export.settings import ExportSettings
from notewright.dataset.pairs import Pair
from notewright.dataset.passage import Passage, PassageText
from notewright.dataset.report.figures import Counts, Source, Spending
from notewright.dataset.tasks import Done, Variant
from notewright.errors import StorageError
from notewright.flows.dataset.export import Source as Exporting
from notewright.flows.dataset.export import export_dataset
from notewright.flows.dataset.report import gather_figures, report_dataset

ONE, TWO, GONE = "https://example.org/one", "https://example.org/two", "https://example.org/gone"
SPENT = Spent(1, 900, 700, 50, 2.5)


def text(number: int) -> NewPassage:
    shown = PassageText(f"{number:064}", f"def f{number}(): return {number}", "", "Python", f"f{number}.py")
    return NewPassage(Passage(0, 24, 1, 1, 9), shown)


def fill(store: Store) -> None:
    """Two repositories with a passage in each, one of which is answered twice and the other fails; a third was never read."""
    for number, url in enumerate((ONE, TWO)):
        secret = NewPassage(Passage(24, 48, 2, 2, 9), None, "secret")
        unit = store.add_unit(f"{number:040}", "Python", "cutter", (text(number), secret))
        files = (
            FileRecord(b"f.py", f"{number:040}", unit.id, "", "Python", "MIT"),
            FileRecord(b"logo.png", "f" * 40, None, "extension"),
        )
        store.note_repository(url, commit=f"{number + 1:040}", license="MIT", state="synced")
        store.replace_provenance(url, commit=f"{number + 1:040}", prepared_digest="rules", files=files)
    store.note_repository(GONE, state="failed", error="the server has no repository of this name")
    store.start_generation(Generation((Variant("questions", "d" * 64, "default@1", "tiny"),), "cutter"))
    run = store.begin_run()
    first, second = (claimed.tasks[0].id for claimed in store.claim_passages(2))
    pairs = tuple(Pair("why", f"Why does f return {words}?", f"It returns {words}.") for words in ("that number", "what it was given"))
    dropped = Pair("how", "How?", "How.", "echo", ordinal=2)
    store.finish([Finished(first, Done("{}", pairs=(pairs[0], Pair(*_fields(pairs[1]), ordinal=1), dropped)), SPENT)])
    store.fail(second, "timeout", "it took too long", max_attempts=1, spent=SPENT)
    store.end_run(run, ended="finished", tasks=2, failures=1, pairs=2, spent=SPENT)


def _fields(pair: Pair) -> tuple[str, str, str]:
    return pair.kind, pair.question, pair.answer


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    with closing(open_store(tmp_path / "store.sqlite", label="a test")) as store:
        fill(store)
    return Reader(tmp_path / "store.sqlite")


def export(reader: Reader, artifact: Path) -> None:
    source = Exporting(lambda accept: reader.rows(accept=accept), "sha256:made")
    export_dataset(source, artifact, rules=Rules(), settings=ExportSettings(), report=ignore, cancel=Cancel())


def test_the_figures_are_those_of_the_store_and_of_the_rows(reader: Reader, tmp_path: Path) -> None:
    export(reader, tmp_path / "artifact")
    figures = gather_figures(reader, tmp_path / "artifact", title="team", engine="llama_server")
    assert figures.counts == Counts(files=4, files_selected=2, passages=4, passages_used=2, pairs=3, pairs_kept=2, rows=2)
    assert figures.sources == (
        Source(GONE, failure="the server has no repository of this name"),
        Source(ONE, f"{1:040}", 2),
        Source(TWO, f"{2:040}", 0),
    )
    assert (figures.languages, figures.types, figures.licenses) == ((("Python", 2),), (("why", 2),), (("MIT", 2),))
    assert [(drop.unit, drop.reason, drop.count) for drop in figures.drops if drop.count] == [
        ("files", "extension", 2), ("passages", "secret", 2), ("pairs", "echo", 1)
    ]  # fmt: skip
    assert all(drop.meaning.endswith(".") for drop in figures.drops)
    assert figures.spendings == (Spending("questions", 2, 1800, 1400, 100, 5.0),)
    assert [(failure.kind, failure.count) for failure in figures.failures] == [("timeout", 1)]
    assert [(stretch.pairs, stretch.generated_tokens) for stretch in figures.stretches] == [(2, 50)]
    generation = figures.generation
    assert (generation.name, generation.cutter, [each.prompt for each in generation.variants]) == ("sha256:made", "cutter", ["default@1"])


def test_same_store_same_page(reader: Reader, tmp_path: Path) -> None:
    export(reader, tmp_path / "artifact")
    told: list[Event] = []
    pages = []
    for name in ("a", "b"):
        done = report_dataset(reader, tmp_path / "artifact", tmp_path / name, title="team", engine="tiny", report=told.append)
        pages.append(done.page.read_bytes())
        assert done.summary.startswith("### Dataset team: 2 pairs from 1 repository\n")
    assert pages[0] == pages[1]
    assert told[0] == Started("report")


def test_before_anything_is_exported_the_report_says_so(reader: Reader, tmp_path: Path) -> None:
    done = report_dataset(reader, tmp_path / "artifact", tmp_path, title="team", engine="tiny", report=ignore)
    assert "- None of 2 pairs that passed the gates was exported." in done.summary


def test_before_anything_is_generated_there_is_a_report_too(tmp_path: Path) -> None:
    open_store(tmp_path / "store.sqlite", label="a test").close()
    done = report_dataset(Reader(tmp_path / "store.sqlite"), tmp_path, tmp_path, title="team", engine="none", report=ignore)
    assert "- No repository is listed." in done.summary


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"dropped": 7}', "\x00", "[" * 100_000], ids=range(6))
def test_what_is_no_manifest_is_said_to_be_none(reader: Reader, tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content, "utf-8")
    with pytest.raises(StorageError, match="is no manifest of a dataset: "):
        report_dataset(reader, tmp_path, tmp_path, title="team", engine="tiny", report=ignore)
    assert not (tmp_path / "report.html").exists()
