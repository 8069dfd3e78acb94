"""An export is there as a whole, the same each time, or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

import pytest
import yaml
from markdown_it import MarkdownIt

from notewright.config.config import Config
from notewright.config.dataset import DatasetConfig
from notewright.control import Advanced, Cancel, Event, Finished, Started, Warned, ignore
from notewright.dataset.export.filters import FilePlace, Filters, Rules, Screen
from notewright.dataset.export.settings import ExportSettings
from notewright.dataset.export.takedown import Takedown
from notewright.dataset.pairs import StoredPair
from notewright.errors import Cancelled, CheckFailed, StorageError, UsageError
from notewright.flows.dataset.export import Exported, Rows, Source, export_dataset
from notewright.flows.dataset.settings import export_rules
from tests.parts.stored_pairs import in_order, stored_pair

PAIRS = [stored_pair(number, repository=f"https://example.org/team/{number % 3}") for number in range(200)]
EVERY = ExportSettings(formats=("jsonl", "csv", "parquet"), template="raw")
RAW = ExportSettings(template="raw")


def screen_of(personal: Literal["redact", "drop", "keep"]) -> Screen | None:
    """Return what a configuration screens with."""
    return export_rules(Config(dataset=DatasetConfig(personal_data=personal)), Path(), Filters()).screen


def export(
    output: Path,
    pairs: Iterable[StoredPair] = PAIRS,
    *,
    settings: ExportSettings = RAW,
    rules: Rules | None = None,
    state: str = "",
    since: Path | None = None,
    rows: Rows | None = None,
) -> Exported:
    source = Source(rows or in_order(pairs), "generation-1", state)
    return export_dataset(source, output, rules=rules or Rules(), settings=settings, report=ignore, cancel=Cancel(), since=since)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rows_of(folder: Path) -> list[dict[str, str]]:
    return [
        json.loads(line) for path in sorted(folder.glob("data/*.jsonl")) for line in path.read_text(encoding="utf-8").split("\n") if line
    ]


def test_the_same_pairs_give_the_same_bytes_wherever_and_in_whatever_order_they_were_stored(tmp_path: Path) -> None:
    export(tmp_path / "one", settings=EVERY)
    export(tmp_path / "two", reversed(PAIRS), settings=EVERY)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert {name.partition(".")[2] for name in files(tmp_path / "one") if name.startswith("data/")} == {"jsonl", "csv", "parquet"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_every_format_holds_the_same_rows(tmp_path: Path) -> None:
    from pyarrow import parquet  # type: ignore[import-untyped]  # it brings no types

    hostile = stored_pair(900, question='=1+1,"x"\r\n\ry', answer="é\u2028\U0001f600", text=" \ttab\x00\n", license_name="")
    export(tmp_path / "out", [*PAIRS, hostile], settings=EVERY)
    seen = []
    for split in ("train", "validation", "test"):
        path = tmp_path / "out/data" / split
        lines = [json.loads(line) for line in path.with_suffix(".jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
        assert parquet.read_table(path.with_suffix(".parquet")).to_pylist() == lines
        with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
            assert list(csv.DictReader(file)) == [{name: str(value) for name, value in line.items()} for line in lines]
        seen += lines
    assert {line["id"] for line in seen} == {stored.key for stored in [*PAIRS, hostile]}
    assert hostile.text in {line["context"] for line in seen}


def test_checksums_and_manifest_name_every_file_as_it_is(tmp_path: Path) -> None:
    export(tmp_path / "out", settings=EVERY)
    found = files(tmp_path / "out")
    lines = found.pop("checksums.txt").decode().splitlines()
    assert lines == [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in found.items()]
    manifest = json.loads(found.pop("manifest.json"))
    assert [(file["name"], file["bytes"]) for file in manifest["files"]] == [(name, len(content)) for name, content in found.items()]
    assert (manifest["rows"], manifest["pairs"], manifest["generation"]) == (200, 200, "generation-1")
    assert sum(manifest["splits"].values()) == 200


def test_what_is_dropped_is_counted_with_its_reason(tmp_path: Path) -> None:
    pairs = [
        *PAIRS,
        stored_pair(300, reason="echo"),
        stored_pair(301, question="Why?", answer="So.", path="a.py"),
        stored_pair(302, question="why?", answer="So.", path="b.py"),
        stored_pair(303, answer="Mail jane.doe@northwind-traders.com"),
        stored_pair(304, repository="https://example.org/gone/x"),
        stored_pair(305, license_name="GPL-3.0-only"),
    ]
    rules = Rules(takedown=Takedown(frozenset({"gone/x"})), license_allowed=lambda name: name == "MIT", screen=screen_of("redact"))
    exported = export(tmp_path / "out", pairs, rules=rules)
    assert exported.dropped == {"personal": 1, "duplicate": 1, "echo": 1}
    assert exported.rows == 201
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["refused_files"] == {"licence": 1, "takedown": 1}
    card = (tmp_path / "out/README.md").read_text(encoding="utf-8")
    for line in ("| echo | 1 | The answer only repeats the question. |", "| licence | 1 | The licence of its file", "| personal | 1 |"):
        assert line in card
    everything = b"".join(files(tmp_path / "out").values())
    assert b"northwind" not in everything
    assert b"gone/x" not in everything
    assert b"GPL" not in everything


def test_a_pair_of_two_places_is_told_at_the_one_that_may_be(tmp_path: Path) -> None:
    first, second = (stored_pair(1, repository=f"https://example.org/{name}/x", path="a.py", key="ab" * 34) for name in ("a", "b"))
    export(tmp_path / "out", [first, second], rules=Rules(takedown=Takedown(frozenset({"a/x"}))))
    assert [row["repository"] for row in rows_of(tmp_path / "out")] == ["https://example.org/b/x"]


def test_a_release_of_what_is_new_has_only_that(tmp_path: Path) -> None:
    export(tmp_path / "may", PAIRS[:150])
    later = [*PAIRS[10:], stored_pair(900)]
    exported = export(tmp_path / "june", later, since=tmp_path / "may/manifest.json")
    assert (exported.rows, exported.pairs) == (51, 191)
    assert {row["id"] for row in rows_of(tmp_path / "june")} == {stored.key for stored in later[140:]}
    manifest = json.loads((tmp_path / "june/manifest.json").read_text())
    assert manifest["removed"] == 10
    assert manifest["since"] == "sha256:" + hashlib.sha256((tmp_path / "may/manifest.json").read_bytes()).hexdigest()
    assert "10 of then are gone" in (tmp_path / "june/README.md").read_text(encoding="utf-8")
    nothing = export(tmp_path / "july", later, since=tmp_path / "june/manifest.json")
    assert (nothing.rows, rows_of(tmp_path / "july")) == (0, [])


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"kind": "notewright dataset", "schema": 99}', b"[" * 100_000])
def test_what_is_no_manifest_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    (tmp_path / "rows.ids").touch()
    with pytest.raises(UsageError, match=r"manifest\.json is no manifest of a dataset"):
        export(tmp_path / "out", since=tmp_path / "manifest.json")
    with pytest.raises(UsageError, match="is no manifest"):
        export(tmp_path / "out", since=tmp_path / "nowhere.json")


def test_a_release_does_not_replace_the_one_that_it_adds_to(tmp_path: Path) -> None:
    export(tmp_path / "out")
    before = files(tmp_path / "out")
    with pytest.raises(UsageError, match="is the release that"):
        export(tmp_path / "out", since=tmp_path / "out/manifest.json")
    assert files(tmp_path / "out") == before


def test_what_did_not_change_is_not_made_again(tmp_path: Path) -> None:
    assert export(tmp_path / "out", state="1").made
    before = (tmp_path / "out").stat().st_ino

    def unread(_: object) -> Iterable[StoredPair]:
        raise AssertionError("the store was read")

    again = export(tmp_path / "out", state="1", rows=unread)  # type: ignore[arg-type]  # nobody calls it
    assert (again.made, again.rows, again.pairs) == (False, 200, 200)
    assert (tmp_path / "out").stat().st_ino == before


@pytest.mark.parametrize(
    ("state", "settings", "rules"),
    [
        ("2", RAW, Rules()),
        ("", RAW, Rules()),
        ("1", ExportSettings(template="alpaca"), Rules()),
        ("1", ExportSettings(template="raw", min_pairs=1), Rules()),
        ("1", RAW, Rules(takedown=Takedown(frozenset({"team/1"})))),
        ("1", RAW, Rules(screen=screen_of("keep"))),
    ],
)
def test_what_changed_is_made_again(state: str, settings: ExportSettings, rules: Rules, tmp_path: Path) -> None:
    export(tmp_path / "out", state="1")
    assert export(tmp_path / "out", state=state, settings=settings, rules=rules).made


@pytest.mark.parametrize("name", ["data/train.jsonl", "README.md", "rows.ids", "manifest.json", "checksums.txt"])
@pytest.mark.parametrize("damage", ["gone", "cut", "changed", "link"])
def test_what_is_damaged_is_made_again(name: str, damage: str, tmp_path: Path) -> None:
    export(tmp_path / "out", state="1")
    whole = files(tmp_path / "out")
    path = tmp_path / "out" / name
    content = path.read_bytes()
    path.unlink()
    if damage == "link":
        (tmp_path / "elsewhere").write_bytes(content + b"\n")
        path.symlink_to(tmp_path / "elsewhere")
    elif damage != "gone":
        path.write_bytes(content[:-1] if damage == "cut" else bytes((content[0] ^ 1,)) + content[1:])
    if name == "manifest.json" and damage in ("gone", "changed"):
        with pytest.raises(UsageError, match="is no dataset of notewright"):  # it may be anybody's by now
            export(tmp_path / "out", state="1")
        return
    assert export(tmp_path / "out", state="1").made
    assert files(tmp_path / "out") == whole


def test_too_few_pairs_fail_and_say_why(tmp_path: Path) -> None:
    export(tmp_path / "out", PAIRS)
    before = files(tmp_path / "out")
    pairs = [*PAIRS[:9], *(stored_pair(number, reason="echo") for number in range(300, 330)), stored_pair(400, reason="number")]
    with pytest.raises(CheckFailed, match=r"^9 pairs are left, fewer than the 10 of min_pairs; dropped: echo 30, number 1$") as caught:
        export(tmp_path / "out", pairs, settings=ExportSettings(min_pairs=10))
    assert caught.value.exit_code == 1
    assert files(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_no_pair_at_all_is_an_empty_release_with_a_warning(tmp_path: Path) -> None:
    events: list[Event] = []
    source = Source(in_order([stored_pair(1, reason="echo")]), "g")
    exported = export_dataset(source, tmp_path / "out", rules=Rules(), settings=RAW, report=events.append, cancel=Cancel())
    assert exported.rows == 0
    assert Warned("no pair is left to export; dropped: echo 1") in events
    assert sorted(files(tmp_path / "out")) == ["README.md", "checksums.txt", "dataset_info.json", "manifest.json", "rows.ids"]


def test_progress_is_told(tmp_path: Path) -> None:
    events: list[Event] = []
    pairs = in_order([stored_pair(number) for number in range(2_100)])
    export_dataset(Source(pairs, "g"), tmp_path / "out", rules=Rules(), settings=RAW, report=events.append, cancel=Cancel())
    assert [event for event in events if not isinstance(event, Advanced)] == [
        Started("pairs"),
        Finished("pairs"),
        Started("rows", total=2_100),
        Finished("rows", f"2,100 rows in {tmp_path / 'out'}"),
    ]
    assert Advanced("rows", 2_000) in events


@pytest.mark.parametrize("at", ["pairs", "rows"])
def test_a_cancelled_export_leaves_the_old_one(at: str, tmp_path: Path) -> None:
    export(tmp_path / "out")
    before = files(tmp_path / "out")
    cancel = Cancel()

    def report(event: Event) -> None:
        if isinstance(event, Started) and event.step == at:
            cancel.request()

    source = Source(in_order([stored_pair(number) for number in range(1_500)]), "g")
    with pytest.raises(Cancelled):
        export_dataset(source, tmp_path / "out", rules=Rules(), settings=RAW, report=report, cancel=cancel)
    assert files(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("second", [PAIRS[:-1], [*PAIRS, stored_pair(900)], [*PAIRS[:-1], stored_pair(900)], []])
def test_a_store_that_changes_meanwhile_is_noticed(second: list[StoredPair], tmp_path: Path) -> None:
    readings = iter([in_order(PAIRS), in_order(second)])

    def rows(accept: Callable[[FilePlace], bool]) -> Iterator[StoredPair]:
        return next(readings)(accept)

    with pytest.raises(StorageError, match="the store changed during the export"):
        export(tmp_path / "out", rows=rows)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("held", ["thesis.doc", "data/mine.csv", "README.md"])
def test_a_folder_that_holds_something_else_is_not_touched(held: str, tmp_path: Path) -> None:
    path = tmp_path / "out" / held
    path.parent.mkdir(parents=True)
    path.write_text("years of work")
    with pytest.raises(UsageError, match="is no dataset of notewright"):
        export(tmp_path / "out")
    assert path.read_text() == "years of work"


def test_a_strange_file_in_an_old_artifact_is_not_thrown_away(tmp_path: Path) -> None:
    export(tmp_path / "out")
    (tmp_path / "out/thesis.doc").write_text("years of work")
    with pytest.raises(UsageError, match=r"it holds thesis\.doc"):
        export(tmp_path / "out")
    assert (tmp_path / "out/thesis.doc").exists()


def test_a_file_in_the_way_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError, match="is a file"):
        export(tmp_path / "out")


_CRAMPED = """
import hashlib, resource, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from notewright.control import Cancel, ignore
from notewright.dataset.export.filters import Rules
from notewright.dataset.export.settings import ExportSettings
from notewright.errors import StorageError
from notewright.flows.dataset.export import Source, export_dataset
from notewright.flows.dataset.settings import export_rules
from tests.parts.stored_pairs import in_order, stored_pair
pairs = in_order([stored_pair(number, text=hashlib.shake_128(number.to_bytes(4)).hexdigest(1_000)) for number in range(3_000)])
import notewright.adapters.dataset.exports.artifact, pyarrow.parquet
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
settings = ExportSettings(formats=(sys.argv[3],))
try:
    export_dataset(Source(pairs, "g"), Path(sys.argv[1]), rules=Rules(), settings=settings, report=ignore, cancel=Cancel())
except StorageError as error:
    print(error.message)
"""


@pytest.mark.parametrize(("most", "kind"), [(100_000, "jsonl"), (1_000_000, "jsonl"), (1_000_000, "csv"), (800_000, "parquet")])
def test_a_disk_without_room_leaves_the_old_artifact(most: int, kind: str, tmp_path: Path) -> None:
    export(tmp_path / "out")
    before = files(tmp_path / "out")
    program = _CRAMPED.format(root=str(Path(__file__).parents[3]))
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "out"), str(most), kind], check=False, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == (f"cannot write {tmp_path / 'out'}: File too large\n", "")
    assert files(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes where nobody may")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="cannot write"):
            export(tmp_path / "out")
    finally:
        tmp_path.chmod(0o700)


def test_a_place_where_nothing_can_be_written_is_refused() -> None:
    with pytest.raises(StorageError, match="cannot write /proc/notewright"):
        export(Path("/proc/notewright/out"))


HOSTILE = "x](http://evil.example) <img src=x> @everyone closes #1 | `code`\n---\nlicense: [gpl]\n\u202eevil"


def test_hostile_text_changes_nothing_of_the_card(tmp_path: Path) -> None:
    pairs = [
        stored_pair(
            number, repository=HOSTILE, path=f"{number}{HOSTILE}", license_name=HOSTILE, language=HOSTILE, model=HOSTILE, prompt=HOSTILE
        )
        for number in range(40)
    ]
    export(tmp_path / "out", pairs, settings=ExportSettings(title=HOSTILE))
    card = (tmp_path / "out/README.md").read_text(encoding="utf-8")
    front, _, rest = card.removeprefix("---\n").partition("\n---\n")
    values = yaml.safe_load(front)
    assert values["license"] == ["other"]
    assert values["configs"][0]["data_files"][0] == {"split": "train", "path": "data/train.jsonl"}
    assert "\u202e" not in card
    tokens = MarkdownIt("commonmark").enable("table").parse(rest)
    kinds = {token.type for block in tokens for token in (block, *(block.children or ()))}
    assert kinds.isdisjoint({"html_block", "html_inline", "image", "link_open", "hr", "blockquote_open", "bullet_list_open"})
    assert not re.search(
        r"@everyone|closes #1", "".join(token.content for block in tokens for token in block.children or () if token.type == "text")
    )
    assert Counter(line.count("|") - line.count("\\|") for line in rest.splitlines() if line.startswith("|")).keys() <= {3, 4}


def test_the_card_says_how_a_row_is_found_again_and_how_to_have_it_taken_down(tmp_path: Path) -> None:
    export(tmp_path / "out")
    card = (tmp_path / "out/README.md").read_text(encoding="utf-8")
    for words in ("git show COMMIT:PATH", "## Takedown", "| MIT | 200 |", "A file lies in one split", "`generation-1`", "| tiny | 200 |"):
        assert words in card
    assert all(len(line) < 400 for line in card.splitlines())


def test_a_card_of_many_repositories_can_still_be_read(tmp_path: Path) -> None:
    export(tmp_path / "out", [stored_pair(number, repository=f"https://example.org/r/{number}") for number in range(300)])
    card = (tmp_path / "out/README.md").read_text(encoding="utf-8")
    assert "And 100 more, which `manifest.json` names." in card
    assert "A repository lies in one split as a whole." in card
    assert len(json.loads((tmp_path / "out/manifest.json").read_text())["repositories"]) == 300
