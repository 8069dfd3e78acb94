"""Licence words: which licences a text grants, told by the words that only such a grant has."""

from __future__ import annotations

import re
from collections.abc import Iterator

# One of these is in every grant below; where none is, nothing else is looked at.
_HINTS = ("licen", "redistribution", "permission", "confidential", "public domain", "gpl", "unauthori", "trade secret", "commons clause")
_PUBLIC_DOMAIN, _DEDICATIONS = "LicenseRef-Public-Domain", frozenset({"Unlicense", "CC0-1.0"})  # which say it in their own words
_WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)*\+?")
_MOST_CHARACTERS = 2_000_000

# What follows is looked for in small words and numbers with one blank between them: comment marks, quotes and line ends have gone.
_UNDER = (
    r"\b(?:licen[cs]ed?|licen[cs]es|under|terms of|subject to|governed by|covered by|released|distributed)"
    r"(?: (?:is|as|under|by|the|a|an|terms|conditions|of|to|org|licenses|software|simplified|modified|revised|new|both|either)){0,7} "
)
_V = r"(?:version |v ?)?"
_L = "licen[cs]e"
# What is quick to look for, the words, the licence.
_GRANTS: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (hint, re.compile(words), licence)
    for hint, words, licence in (
        ("free of charge to any", r"permission is hereby granted free of charge to any person obtaining a copy", "MIT"),
        ("mit", _UNDER + rf"(?:mit|expat)\b(?! style| like)|\bmit {_L}d\b", "MIT"),
        ("apache", rf"\bapache {_L} {_V}2(?:\.0)?\b|{_UNDER}apache {_V}2(?:\.0)?\b", "Apache-2.0"),
        ("apache", rf"\bapache (?:software )?{_L} version 1\.1\b", "Apache-1.1"),
        ("mozilla", rf"\bmozilla public {_L} {_V}2(?:\.0)?\b", "MPL-2.0"),
        ("mpl", rf"{_UNDER}mpl {_V}2(?:\.0)?\b", "MPL-2.0"),
        ("mozilla", rf"\bmozilla public {_L} {_V}1\.1\b", "MPL-1.1"),
        ("mozilla", rf"\bmozilla public {_L} {_V}1\.0\b", "MPL-1.0"),
        ("eclipse public", rf"\beclipse public {_L} (?:\w+ ){{0,2}}?{_V}2\.0\b", "EPL-2.0"),
        ("eclipse public", rf"\beclipse public {_L} (?:\w+ ){{0,2}}?{_V}1\.0\b", "EPL-1.0"),
        ("eclipse distribution", rf"\beclipse distribution {_L}\b", "BSD-3-Clause"),
        ("common development", rf"\bcommon development and distribution {_L}\b", "CDDL-1.0"),
        ("common public", rf"\bcommon public {_L}\b", "CPL-1.0"),
        ("european union", rf"\beuropean union public {_L}\b", "EUPL-1.2"),
        ("open software", rf"\bopen software {_L}\b", "OSL-3.0"),
        ("server side", rf"\bserver side public {_L}\b", "SSPL-1.0"),
        ("business source", rf"\bbusiness source {_L}\b", "BUSL-1.1"),
        ("elastic", rf"\belastic {_L}\b", "Elastic-2.0"),
        ("commons clause", r"\bcommons clause\b", "LicenseRef-Commons-Clause"),
        ("polyform", rf"\bpolyform (?:\w+ ){{1,3}}{_L}\b", "LicenseRef-PolyForm"),
        ("functional source", rf"\bfunctional source {_L}\b", "LicenseRef-FSL"),
        (
            "commercial",
            r"(?<!commercial or )(?<!commercial and )\bnon ?commercial (?:use|purposes?|research|only)\b",
            "LicenseRef-NonCommercial",
        ),
        ("good not evil", r"\bshall be used for good not evil\b", "JSON"),
        ("boost software", rf"\bboost software {_L}\b", "BSL-1.0"),
        ("plainly marked", r"\baltered source versions must be plainly marked\b", "Zlib"),
        ("unencumbered", r"\bfree and unencumbered software released into the public domain\b", "Unlicense"),
        ("cc0", r"\bcc0 1\.0\b", "CC0-1.0"),
        ("creative commons zero", r"\bcreative commons zero\b", "CC0-1.0"),
        ("do what the fuck", rf"\bdo what the fuck you want to public {_L}\b", "WTFPL"),
        ("academic free", rf"\bacademic free {_L}\b", "AFL-3.0"),
        ("artistic", rf"\bartistic {_L} 2(?:\.0)?\b", "Artistic-2.0"),
        ("python software foundation", rf"\bpython software foundation {_L}\b", "PSF-2.0"),
        ("psf", rf"\bpsf {_L}\b", "PSF-2.0"),
        ("microsoft public", rf"\bmicrosoft public {_L}\b", "MS-PL"),
        (
            "public domain",
            r"\b(?:file|code|source|program|software|work|module|library)(?: \w+){0,4} (?:in|into|to|is) the public domain\b",
            _PUBLIC_DOMAIN,
        ),
        ("confidential", r"\bproprietary and confidential\b|\bconfidential and proprietary\b", "LicenseRef-Proprietary"),
        ("trade secret", r"\btrade secrets? of\b", "LicenseRef-Proprietary"),
        ("unauthori", r"\bunauthori[sz]ed (?:copying|use|reproduction|distribution|disclosure) of this\b", "LicenseRef-Proprietary"),
    )
)
_ENDORSE = re.compile(r"\bendorse or promote products\b")
_BSD = "redistribution and use in source and binary forms"
_BSD_NAMED = re.compile(_UNDER + r"(?:\w+ ){0,2}?(?:bsd ([23]) clause|([23]) clause bsd)\b")
_ISC = re.compile(r"\bpermission to use copy modify and (?:or )?distribute this software\b(?: \w+){0,20}? is hereby granted( provided)?")
_ISC_NAMED = re.compile(_UNDER + r"isc\b")
_CREATIVE = re.compile(
    r"\bcreative commons attribution((?: (?:non ?commercial|share ?alike|no ?derivatives|no ?derivs)){0,2})"
    r"|\bcc by((?: (?:nc|sa|nd)){0,2})\b"
)
_CREATIVE_PARTS = (("NC", re.compile(r"\bnon|\bnc")), ("ND", re.compile(r"\bno ?d|\bnd")), ("SA", re.compile(r"\bs")))

_GNU = re.compile(r"\bgnu (?:(lesser|library|affero) )?general public licen[cs]es?\b|\bgnu ([la]?gpl)\b")
_GPL = re.compile(
    r"\b(?:licen[cs]ed?|licen[cs]es|released|distributed|redistributed|available|published|provided|covered|under)"
    r"(?: (?:is|as|are|be|only|org|licenses|by|to|for|free|use|the|terms|conditions|of|a|an|version|either|both|mit|bsd|apache|or)){0,8}"
    r" ([la]?gpl)(v?\d(?:\.\d)?\+?)?\b"
)
_COMPARED = re.compile(r"(?:compatible|compatibility|incompatible|conflicts?|unlike|than|replaces?)(?: with| of| the)*+ $")
_VERSION = re.compile(r" ?(?:licen[cs]e )?(?:(?:\w+ ){0,12}?(?:version |v ?))?(\d(?:\.\d)?)(?:(\+)|\b)")
_LATER = re.compile(r"\b(?:or|any) (?:later|newer|higher)\b")
_NEAR = 160  # characters after a name in which its version stands
_GNU_NAMES = {"lesser": "LGPL", "library": "LGPL", "affero": "AGPL", "gpl": "GPL", "lgpl": "LGPL", "agpl": "AGPL"}
_FIRST = {"GPL": "1.0", "LGPL": "2.0", "AGPL": "1.0"}  # where no version is named, any that was ever published may be taken


def named_in(text: str) -> tuple[str, ...]:
    """Return the SPDX identifiers of the licences that a text grants, sorted; what only points at the repository's LICENSE file grants
    none."""
    lowered = text[:_MOST_CHARACTERS].lower()
    if not any(hint in lowered for hint in _HINTS):
        return ()
    words = " ".join(_WORD.findall(lowered))
    found = {licence for hint, pattern, licence in _GRANTS if hint in words and pattern.search(words)}
    found.update(_gnu(words), _bsd(words), _isc(words), _creative(words))
    return tuple(sorted(found - {_PUBLIC_DOMAIN} if found & _DEDICATIONS else found))


def _gnu(words: str) -> Iterator[str]:
    """Yield the GNU licences named: every mention grants, but one that compares."""
    if "general public" not in words and "gpl" not in words:
        return
    named: dict[str, set[str]] = {}
    for match in _GNU.finditer(words):
        if not _COMPARED.search(words, max(0, match.start() - 40), match.start()):
            name = _GNU_NAMES.get(match[2] or match[1] or "", "GPL")
            named.setdefault(name, set()).add(_version(words[match.end() : match.end() + _NEAR]))
    for match in _GPL.finditer(words):
        after = f"{(match[2] or '').removeprefix('v')}{words[match.end() : match.end() + _NEAR]}"
        named.setdefault(_GNU_NAMES[match[1]], set()).add(_version(after))
    for name, versions in named.items():
        yield from (f"{name}-{version}" for version in versions - {""} or {f"{_FIRST[name]}-or-later"})


def _version(after: str) -> str:
    """Return what an identifier of a GNU licence says after the name, by the words that follow it; empty where they name no version."""
    if not (match := _VERSION.match(after)):
        return ""
    number = match[1] if "." in match[1] else f"{match[1]}.0"
    return f"{number}-{'or-later' if match[2] or _LATER.search(after) else 'only'}"


def _bsd(words: str) -> Iterator[str]:
    if _BSD in words:
        yield "BSD-4-Clause" if "all advertising materials" in words else "BSD-3-Clause" if _ENDORSE.search(words) else "BSD-2-Clause"
    if "clause" in words:
        yield from (f"BSD-{match[1] or match[2]}-Clause" for match in _BSD_NAMED.finditer(words))


def _isc(words: str) -> Iterator[str]:
    if "permission to use copy modify" in words:
        yield from ("ISC" if match[1] else "0BSD" for match in _ISC.finditer(words))
    if "isc" in words and _ISC_NAMED.search(words):
        yield "ISC"


def _creative(words: str) -> Iterator[str]:
    if "creative commons" in words or "cc by" in words:
        for match in _CREATIVE.finditer(words):
            said = match[1] or match[2] or ""
            yield "-".join(["CC-BY", *(part for part, hint in _CREATIVE_PARTS if hint.search(said)), "4.0"])
