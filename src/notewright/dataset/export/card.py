"""The card: what a dataset is, for people, and for `datasets.load_dataset`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from notewright.dataset.export.loading import config_lines
from notewright.dataset.export.manifest import Manifest
from notewright.dataset.export.reasons import REASONS, ranked
from notewright.dataset.export.templates import TEMPLATES, Template
from notewright.rendering.neutral import neutral_cell, neutral_code, neutral_text, visible

NAME = "README.md"
# A dataset of many repositories has a card that can still be read; the manifest names them all
_MOST_REPOSITORIES = 200
EXTRACTED = "extracted"
_FORMS = {
    "alpaca": "`instruction` is the question, `input` the passage, `output` the answer.",
    "chatml": "`text` is the conversation in ChatML; `<|` in a text is written as `< |`, so that no text ends its turn.",
    "sharegpt": "`conversations` has two turns: `human` asks the question and shows the passage, `gpt` answers.",
    "openai": "`messages` has two turns: `user` asks the question and shows the passage, `assistant` answers.",
    "raw": "`question`, `answer` and `context`, which is the passage.",
}
_LEVELS = {
    "repository": "A repository lies in one split as a whole.",
    "file": "A file lies in one split as a whole; there are too few repositories for each to lie in one.",
}
_RESOLVE = """\
The passage of a row is in its file, at the commit that the row names, in the lines `line_start` to `line_end`. In a clone of `repository`:

```
git show COMMIT:PATH | sed -n 'LINE_START,LINE_ENDp'
```

A passage that begins or ends inside a line is a part of those lines. `blob` is git's name of the whole file."""
_ASKED = """\
It asked a model for questions about each passage, then for an answer to each question from that passage alone, and checked every answer
against it. Rows of the type `extracted` come from documented definitions, without a model."""
_EXTRACTED = "The rows come from documented definitions: no model was asked."
_TAKEDOWN = """\
Whoever holds rights in a file may ask those who publish this dataset to leave it out, naming the repository, the path or the `blob` of a
row. They write it into the file of `dataset.takedown`, and it is in no later release."""
_CSV = """\
CSV has the texts as they are, because code is of no use changed. A spreadsheet may take a text that begins with `=`, `+`, `-` or `@` for a
formula: import the columns as text, or read the file with a program."""


def build_card(manifest: Manifest, meanings: Mapping[str, str]) -> bytes:
    """Return README.md. `meanings` explain the reasons for which pairs were dropped before the export."""
    parts = (
        _front_matter(manifest),
        f"# {neutral_text(manifest.settings.title)}",
        _summary(manifest),
        "## Rows",
        _rows(manifest),
        "## How it was made",
        _making(manifest),
        "## What was left out",
        _left_out(manifest, {**meanings, **REASONS}),
        "## Where it comes from",
        _table("Licence", "Rows", ((neutral_cell(name or "unknown"), count) for name, count in ranked(manifest.tally.by("license")))),
        _sources(manifest),
        "## From a row to its file",
        _RESOLVE,
        "## Takedown",
        _TAKEDOWN,
    )
    return ("\n\n".join(filter(None, parts)) + "\n").encode()


def _front_matter(manifest: Manifest) -> str:
    licenses = sorted({_known_license(name) for name in manifest.tally.by("license")})
    lines = (
        f"pretty_name: {json.dumps(visible(manifest.settings.title), ensure_ascii=False)}",
        *([f"license: {json.dumps(licenses)}"] if licenses else []),
        'task_categories: ["question-answering", "text-generation"]',
        'tags: ["code"]',
        *config_lines(manifest.settings, manifest.tally.by("split")),
    )
    return "\n".join(("---", *lines, "---"))


def _known_license(name: str) -> str:
    """Return a license as the hub writes it; `other` for an expression, or what is no name at all."""
    return name.lower() if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,40}", name) else "other"


def _summary(manifest: Manifest) -> str:
    tally = manifest.tally
    rows = f"{tally.rows:,} questions with their answers, each about a passage of source code that it can be followed back to"
    texts = f"{tally.rows:,} rows have about {tally.estimated_tokens:,} tokens, counted as four characters each"
    new = f" Only what is new since an earlier release is here: of {manifest.pairs:,} pairs now, {manifest.removed:,} of then are gone."
    return f"{rows}. The {texts}.{new if manifest.since else ''}"


def _rows(manifest: Manifest) -> str:
    template = TEMPLATES[manifest.settings.template]
    splits = _table(
        "Split", "Rows", ((neutral_code(split.name), manifest.tally.by("split").get(split.name, 0)) for split in manifest.settings.splits)
    )
    kept_whole = f"{_LEVELS[manifest.split_by]} Files that share a passage, or pairs that are duplicates, lie in the same split."
    parts = (
        splits,
        f"{kept_whole} A split keeps its rows when others are added, unless new rows tie its group to another, or there are enough"
        " repositories at last.",
        f"{_FORMS[template.name]} Beside it stand {_listed(template)}.",
        _formats(manifest),
        _CSV if "csv" in manifest.settings.formats else "",
        *(
            _table(title, "Rows", ((neutral_cell(name or "none"), count) for name, count in ranked(counts)))
            for title, counts in (
                ("Language", manifest.tally.by("language")),
                ("Type", manifest.tally.by("type")),
                ("Verdict", manifest.tally.by("verdict")),
            )
        ),
    )
    return "\n\n".join(filter(None, parts))


def _listed(template: Template) -> str:
    own = {"instruction", "input", "output", "text", "conversations", "messages", "question", "answer", "context"}
    return ", ".join(neutral_code(column) for column in template.columns if column not in own)


def _formats(manifest: Manifest) -> str:
    first, *others = manifest.settings.formats
    loaded = f"`datasets.load_dataset` reads the files ending in `.{first}`"
    turns = TEMPLATES[manifest.settings.template].turns and "csv" in manifest.settings.formats
    same = f"; {' and '.join(f'`.{name}`' for name in others)} hold the same rows" if others else ""
    return f"{loaded}{same}.{' In CSV the turns are JSON.' if turns else ''}"


def _making(manifest: Manifest) -> str:
    near = manifest.settings.near_duplicates
    alike = (
        f"pairs that share {near:.0%} of their runs of three words, by MinHash, are one" if near < 1 else "pairs that say the same are one"
    )
    asked = _ASKED if any(name != EXTRACTED for name in manifest.tally.by("type")) else _EXTRACTED
    lines = (
        f"{neutral_text(manifest.tool)} cut files along their syntax into passages. {asked}",
        f"Duplicates: {alike}, and which of them stays does not depend on the order in which they were made. Generation:"
        f" {neutral_code(manifest.generation) or 'none'}.",
        _table("Model", "Rows", ((neutral_cell(name or "none"), count) for name, count in ranked(manifest.tally.by("model")))),
        _table("Prompt", "Rows", ((neutral_cell(name or "none"), count) for name, count in ranked(manifest.tally.by("prompt")))),
    )
    return "\n\n".join(filter(None, lines))


def _left_out(manifest: Manifest, meanings: Mapping[str, str]) -> str:
    parts = (("Pairs", manifest.dropped), ("Whole files", manifest.refused_files))
    tables = [
        "\n".join(
            (
                f"| {head} | Count | Meaning |",
                "|---|---:|---|",
                *(f"| {neutral_cell(reason)} | {count:,} | {neutral_cell(meanings.get(reason, ''))} |" for reason, count in ranked(counts)),
            )
        )
        for head, counts in parts
        if any(counts.values())
    ]
    return "\n\n".join(tables) or "Nothing."


def _sources(manifest: Manifest) -> str:
    found = sorted(manifest.tally.by_commit().items())
    lines = [f"| {_cell_code(repository)} | {_cell_code(commit)} | {rows:,} |" for (repository, commit), rows in found[:_MOST_REPOSITORIES]]
    more = f"\n\nAnd {len(found) - _MOST_REPOSITORIES:,} more, which `manifest.json` names." if len(found) > _MOST_REPOSITORIES else ""
    return "\n".join(("| Repository | Commit | Rows |", "|---|---|---:|", *lines)) + more if lines else ""


def _table(head: str, number: str, rows: Iterable[tuple[str, int]]) -> str:
    lines = [f"| {name} | {count:,} |" for name, count in rows]
    return "\n".join((f"| {head} | {number} |", "|---|---:|", *lines)) if lines else ""


def _cell_code(text: str) -> str:
    return neutral_code(text).replace("|", "\\|")
