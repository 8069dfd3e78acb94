"""Repository licences: what its licence files and the metadata of its packages say, for the whole and for folders of their own."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import zip_longest
from typing import Any

from notewright.dataset.licence_words import named_in
from notewright.dataset.licences import UNREADABLE, all_of, expression, licence_of

_TEXT_NAME = re.compile(
    r"(?:(?:un)?licen[cs]es?|copying|copyright|notice\.licen[cs]e|mit-licen[cs]e)(?:[._-][\w.-]*)?(?<!\.py)(?<!\.js)(?<!\.go)",
    re.IGNORECASE,
)
_METADATA = frozenset({"pyproject.toml", "cargo.toml", "package.json", "composer.json", "setup.cfg"})
_TEXTS_FOLDER = re.compile(r"(?:^|/)LICENSES/[^/]+$", re.IGNORECASE)  # of the REUSE specification: every text that any file needs
_MOST_BYTES = 200_000
_WORD = re.compile(r"[a-z0-9]+")
_TEXT_SHARE = 0.75  # of a licence's runs of three words that a text must have: its appendix is often left out
_MISSING_COST = 4.0  # what each run of words that a text lacks takes from its likeness, so that the closest of a family wins
_CLASSIFIER = "License :: "
# What metadata say in words instead of identifiers.
_NAMES = {
    "mit license": "MIT", "the mit license": "MIT", "mit/x11": "MIT", "expat": "MIT",
    "apache 2": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache license 2.0": "Apache-2.0", "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0", "apache license version 2.0": "Apache-2.0", "apache2": "Apache-2.0",
    "bsd 3-clause": "BSD-3-Clause", "bsd-3": "BSD-3-Clause", "3-clause bsd": "BSD-3-Clause", "new bsd": "BSD-3-Clause",
    "bsd 2-clause": "BSD-2-Clause", "bsd-2": "BSD-2-Clause", "2-clause bsd": "BSD-2-Clause", "simplified bsd": "BSD-2-Clause",
    "isc license": "ISC", "isc license (iscl)": "ISC", "zlib license": "Zlib", "the unlicense (unlicense)": "Unlicense",
    "psf": "PSF-2.0", "python software foundation license": "PSF-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "mpl 2.0": "MPL-2.0",
    "unlicensed": "LicenseRef-Proprietary", "proprietary": "LicenseRef-Proprietary", "other/proprietary license": "LicenseRef-Proprietary",
}  # fmt: skip
_VAGUE = frozenset({"bsd", "bsd license", "osi approved", "other", "unknown", "custom", "dual", "see license", "gpl-compatible"})


def speaks_of_licences(path: bytes) -> bool:
    """Tell whether a file is one that `find_licences` reads."""
    name = path.decode(errors="replace")
    base = name[name.rfind("/") + 1 :]
    return base.lower() in _METADATA or bool(_TEXT_NAME.fullmatch(base)) or bool(_TEXTS_FOLDER.search(name))


def find_licences(files: Mapping[bytes, bytes]) -> dict[str, str]:
    """Return the licence of each folder that says one, by its path with a slash at the end, the root being empty.

    Takes the contents of the files that speak of licences, by their paths. The reading is strict: what several files say holds together,
    and what a folder says is added to what those above it say.
    """
    said: dict[str, set[str]] = {}
    vague: set[str] = set()
    for path, content in sorted(files.items()):
        name = path.decode(errors="replace")
        folder = name[: name.rfind("/") + 1]
        if _TEXTS_FOLDER.search(name):
            folder = folder[: folder.rfind("/", 0, -1) + 1]
        found = set(_said(name[name.rfind("/") + 1 :].lower(), content[:_MOST_BYTES].decode(errors="replace")))
        vague |= {folder} if UNREADABLE in found else set()
        said.setdefault(folder, set()).update(found - {UNREADABLE})
    for folder in vague:
        said[folder] = said[folder] or {UNREADABLE}
    return {folder: all_of(_above(folder, said)) for folder in sorted(said) if said[folder]}


def _above(folder: str, said: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield what a folder and those it lies in say."""
    yield from said.get(folder, ())
    while folder:
        folder = folder[: folder.rfind("/", 0, -1) + 1]
        yield from said.get(folder, ())


def _said(name: str, text: str) -> Iterator[str]:
    readers = {
        "pyproject.toml": _of_pyproject,
        "cargo.toml": _of_cargo,
        "package.json": _of_json,
        "composer.json": _of_json,
        "setup.cfg": _of_setup,
    }
    try:
        yield from readers[name](text) if name in readers else licences_in(text)
    except (ValueError, RecursionError, AttributeError, TypeError):  # metadata that are none say nothing
        return


def licences_in(text: str) -> Iterator[str]:
    """Yield the licences whose texts a file holds, and those that the rest of it names; UNREADABLE for a text that is neither."""
    words = _WORD.findall(text.lower())
    grams = list(zip(words, words[1:], words[2:], strict=False))
    left, found = set(grams), False
    while best := _closest(left):
        found = True
        yield best
        left -= _texts()[best]
    rest = " ".join(word for word, gram in zip_longest(words, grams) if gram is None or gram in left)
    named = named_in(rest) if found else (licence_of(text),)
    yield from filter(None, named)
    if not found and not any(named) and words:
        yield UNREADABLE


def _closest(grams: set[tuple[str, str, str]]) -> str | None:
    """Return the licence whose text is in the words, or None."""
    best, likeness = None, 0.0
    for licence, text in _texts().items():
        shared = len(text & grams)
        if shared >= _TEXT_SHARE * len(text) and (score := shared - _MISSING_COST * (len(text) - shared) + len(text)) > likeness:
            best, likeness = licence, score
    return best


@cache
def _texts() -> dict[str, frozenset[tuple[str, str, str]]]:
    """Return the runs of three words of the texts of choosealicense.com, as identify holds them."""
    from identify.vendor.licenses import LICENSES

    texts = {}
    for licence, text in LICENSES:
        words = _WORD.findall(text.lower())
        texts[f"{licence}-only" if licence.startswith(("GPL", "LGPL", "AGPL")) else licence] = frozenset(
            zip(words, words[1:], words[2:], strict=False)
        )
    return texts


def _of_pyproject(text: str) -> Iterator[str]:
    project = tomllib.loads(text).get("project", {})
    licence = project.get("license")
    yield from _named(licence.get("text") if isinstance(licence, dict) else licence)
    for classifier in project.get("classifiers", ()):
        if str(classifier).startswith(_CLASSIFIER):
            yield from _named(str(classifier).rpartition(" :: ")[2])


def _of_cargo(text: str) -> Iterator[str]:
    document = tomllib.loads(text)
    for package in (document.get("package", {}), document.get("workspace", {}).get("package", {})):
        licence = package.get("license")
        yield from _named(licence.replace("/", " OR ") if isinstance(licence, str) else None)


def _of_json(text: str) -> Iterator[str]:
    document = json.loads(text)
    for licence in [document.get("license"), *_listed(document.get("licenses"))]:
        for one in _listed(licence):
            yield from _named(one.get("type") if isinstance(one, dict) else one)


def _listed(value: Any) -> list[Any]:  # noqa: ANN401  # what JSON holds
    return value if isinstance(value, list) else [value]


def _of_setup(text: str) -> Iterator[str]:
    if match := re.search(r"^license[ \t]*=[ \t]*(\S[^\n]{0,200})", text, re.MULTILINE):
        yield from _named(match[1])


def _named(value: object) -> Iterator[str]:
    """Yield the licence that metadata name; nothing for a name of several or a file, UNREADABLE for one that nobody knows."""
    if not isinstance(value, str) or not (name := value.strip()) or name.lower().startswith(("see ", "file:", "license :: osi")):
        return
    if name.lower() in _VAGUE:
        return
    known = _NAMES.get(name.lower()) or expression(name) or all_of(named_in(f"licensed under {name}"))
    yield known or UNREADABLE
