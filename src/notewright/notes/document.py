"""Notes for one audience: sentences, the entries they cite and how they came to be, and their JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeGuard, get_args

from notewright.errors import UsageError
from notewright.grounding.checks import Claim
from notewright.notes.language import ENGLISH, is_language
from notewright.rendering.canonical import canonical_json, json_fault

SCHEMA = 1
Status = Literal["model", "repaired", "fallback", "human"]

_MOST_BYTES = 8 << 20
_MOST_SENTENCES = 50_000
_MOST_CHARACTERS = 4_000
_MOST_CITES = 64  # more than the check allows, so that the check and not the reader says so
_AUDIENCE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_MOST_FAILED = 16  # texts kept of one sentence: two for each entry that it may cite, and room
_KEYS = frozenset({"schema", "version", "audience", "engine", "sentences"})
_SENTENCE_KEYS = frozenset({"text", "cites", "status"})
_FAILED_KEYS = frozenset({"text", "rule", "detail"})


@dataclass(frozen=True, slots=True)
class Failed:
    """What a model said and what did not stand: the rule that it broke, and the offending words."""

    text: str
    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. `rule` names why the model's first was not taken: a failed check, "omitted", "reply" or "engine"; `failed` are its
    texts that did not stand, in the order said. A `lead` sums the others up."""

    text: str
    cites: tuple[str, ...]
    status: Status
    rule: str | None = None
    failed: tuple[Failed, ...] = ()
    lead: bool = False

    @property
    def claim(self) -> Claim:
        """What is checked of it."""
        return Claim(self.text, self.cites)


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one release for one audience, in the order shown. `engine` names who wrote them, "none" for fixed sentences; `language`
    is the one asked for, fixed sentences being English in all; `failed_lead` are the leads of a model that did not stand."""

    version: str | None
    audience: str
    engine: str
    sentences: tuple[Sentence, ...]
    language: str = ENGLISH
    failed_lead: tuple[Failed, ...] = ()


def notes_json(notes: Notes) -> bytes:
    """Return `notes/<audience>.json` as canonical bytes."""
    return canonical_json(notes_value(notes))


def notes_value(notes: Notes) -> dict[str, object]:
    """Return notes as plain values."""
    value: dict[str, object] = {
        "schema": SCHEMA,
        "version": notes.version,
        "audience": notes.audience,
        "engine": notes.engine,
        "sentences": [_sentence_value(sentence) for sentence in notes.sentences],
    }
    value |= {} if notes.language == ENGLISH else {"language": notes.language}
    return value | ({"failed_lead": _failed_value(notes.failed_lead)} if notes.failed_lead else {})


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
    read = tuple(_read_sentence(item, index) for index, item in enumerate(sentences))
    if any(sentence.lead for sentence in read[1:]):
        raise _wrong("a lead is not the first sentence")
    return Notes(version, audience, engine, read, _read_language(value), _read_failed(value.get("failed_lead", []), "failed_lead"))


def _read_language(value: Mapping[str, object]) -> str:
    language = value.get("language", ENGLISH)
    if not isinstance(language, str) or not is_language(language):
        raise _wrong("language is no code such as en or pt-BR")
    return language


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
    if type(lead := value.get("lead", False)) is not bool:
        raise _wrong(f"{where}: lead is neither true nor false")
    return Sentence(text, tuple(cites), status, rule, _read_failed(value.get("failed", []), where), lead)


def _read_failed(value: object, where: str) -> tuple[Failed, ...]:
    if not isinstance(value, list) or len(value) > _MOST_FAILED or not all(_is_failed(item) for item in value):
        raise _wrong(f"{where}: failed is no list of at most {_MOST_FAILED} texts, each with its rule and detail")
    return tuple(Failed(item["text"], item["rule"], item["detail"]) for item in value)


def _is_failed(value: object) -> bool:
    if not isinstance(value, dict) or not value.keys() >= _FAILED_KEYS:
        return False
    return _is_line(value["rule"], at_most=100) and all(_is_text(value[key], at_most=_MOST_CHARACTERS) for key in ("text", "detail"))


def _sentence_value(sentence: Sentence) -> dict[str, object]:
    value: dict[str, object] = {"text": sentence.text, "cites": list(sentence.cites), "status": sentence.status}
    value |= {} if sentence.rule is None else {"rule": sentence.rule}
    value |= {"lead": True} if sentence.lead else {}
    return value | ({"failed": _failed_value(sentence.failed)} if sentence.failed else {})


def _failed_value(failed: tuple[Failed, ...]) -> list[dict[str, str]]:
    return [{"text": one.text, "rule": one.rule, "detail": one.detail} for one in failed]


def keep_failed(failed: Iterable[Failed]) -> tuple[Failed, ...]:
    """Return what is kept as evidence of texts that did not stand: each once, the first ones, and no longer than can be read back."""
    cut = (Failed(one.text[:_MOST_CHARACTERS], one.rule, one.detail[:_MOST_CHARACTERS]) for one in failed)
    return tuple(dict.fromkeys(cut))[:_MOST_FAILED]


def _is_text(value: object, *, at_most: int) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= at_most and not any("\ud800" <= character <= "\udfff" for character in value)


def _is_line(value: object, *, at_most: int) -> TypeGuard[str]:
    return _is_text(value, at_most=at_most) and value.isprintable()


def _wrong(reason: str) -> UsageError:
    return UsageError(f"these are no notes that notewright wrote: {reason}", hint="write them again with `notewright notes --format json`")
