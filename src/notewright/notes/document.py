"""Notes for one audience: sentences, the entries they cite and how they came to be, and their JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal, TypeGuard, get_args

from notewright.errors import UsageError
from notewright.grounding.checks import Claim
from notewright.rendering.canonical import canonical_json, json_fault

SCHEMA = 1
Status = Literal["model", "repaired", "fallback", "human"]

_MOST_BYTES = 8 << 20
_MOST_SENTENCES = 50_000
_MOST_CHARACTERS = 4_000
_MOST_CITES = 64  # more than the check allows, so that the check and not the reader says so
_AUDIENCE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_KEYS = frozenset({"schema", "version", "audience", "engine", "sentences"})
_SENTENCE_KEYS = frozenset({"text", "cites", "status"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. `rule` names why the model's own was not taken: a failed check, "omitted", "reply" or "engine"."""

    text: str
    cites: tuple[str, ...]
    status: Status
    rule: str | None = None

    @property
    def claim(self) -> Claim:
        """What is checked of it."""
        return Claim(self.text, self.cites)


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one release for one audience, in the order shown. `engine` names who wrote them, "none" for fixed sentences."""

    version: str | None
    audience: str
    engine: str
    sentences: tuple[Sentence, ...]


def notes_json(notes: Notes) -> bytes:
    """Return `notes/<audience>.json` as canonical bytes."""
    return canonical_json(notes_value(notes))


def notes_value(notes: Notes) -> dict[str, object]:
    """Return notes as plain values."""
    return {
        "schema": SCHEMA,
        "version": notes.version,
        "audience": notes.audience,
        "engine": notes.engine,
        "sentences": [_sentence_value(sentence) for sentence in notes.sentences],
    }


def read_notes(content: bytes) -> Notes:
    """Read `notes/<audience>.json`, which anybody may have written. Raises `UsageError` naming the first thing that is wrong. Whether the
    sentences are supported is not decided here."""
    value = _parse(content)
    if not isinstance(value, dict) or not value.keys() >= _KEYS:
        raise _wrong(f"it is not an object with the keys {', '.join(sorted(_KEYS))}")
    if value["schema"] != SCHEMA or type(value["schema"]) is not int:
        raise _wrong(f"schema {value['schema']!r:.40} is not {SCHEMA}")
    version, audience, engine, sentences = value["version"], value["audience"], value["engine"], value["sentences"]
    if not (version is None or _is_line(version, at_most=200)) or not _is_line(engine, at_most=500):
        raise _wrong("version and engine are not short lines of text")
    if not isinstance(audience, str) or not _AUDIENCE.fullmatch(audience):
        raise _wrong("audience is no name of lower-case letters, digits and hyphens")
    if not isinstance(sentences, list) or len(sentences) > _MOST_SENTENCES:
        raise _wrong(f"sentences is no list of at most {_MOST_SENTENCES}")
    return Notes(version, audience, engine, tuple(_read_sentence(item, index) for index, item in enumerate(sentences)))


def _parse(content: bytes) -> object:
    if len(content) > _MOST_BYTES:
        raise _wrong(f"it is larger than {_MOST_BYTES >> 20} MiB")
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _wrong(json_fault(error)) from error


def _read_sentence(value: object, index: int) -> Sentence:
    where = f"sentence {index}"
    if not isinstance(value, dict) or not value.keys() >= _SENTENCE_KEYS:
        raise _wrong(f"{where} is not an object with the keys {', '.join(sorted(_SENTENCE_KEYS))}")
    text, cites, status, rule = value["text"], value["cites"], value["status"], value.get("rule")
    if not _is_text(text, at_most=_MOST_CHARACTERS):
        raise _wrong(f"{where}: text is no text of at most {_MOST_CHARACTERS} characters")
    if not isinstance(cites, list) or len(cites) > _MOST_CITES or not all(_is_line(cite, at_most=100) for cite in cites):
        raise _wrong(f"{where}: cites is no list of at most {_MOST_CITES} ids")
    if status not in get_args(Status):
        raise _wrong(f"{where}: status is none of {', '.join(get_args(Status))}")
    if not (rule is None or _is_line(rule, at_most=100)):
        raise _wrong(f"{where}: rule is no short line of text")
    return Sentence(text, tuple(cites), status, rule)


def _sentence_value(sentence: Sentence) -> dict[str, object]:
    value: dict[str, object] = {"text": sentence.text, "cites": list(sentence.cites), "status": sentence.status}
    return value | ({} if sentence.rule is None else {"rule": sentence.rule})


def _is_text(value: object, *, at_most: int) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= at_most and not any("\ud800" <= character <= "\udfff" for character in value)


def _is_line(value: object, *, at_most: int) -> TypeGuard[str]:
    return _is_text(value, at_most=at_most) and value.isprintable()


def _wrong(reason: str) -> UsageError:
    return UsageError(f"these are no notes that notewright wrote: {reason}", hint="write them again with `notewright notes --format json`")
