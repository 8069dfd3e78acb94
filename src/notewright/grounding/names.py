"""Names: products and places that a sentence calls by name, which its entries must name too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from notewright.grounding.facts import Fact
from notewright.grounding.tokens import scan, without_code
from notewright.grounding.wording import plain, words

# Families of names that stand for each other; the capitalized ones are names wherever they stand, at the beginning of a sentence too
_FAMILIES = """
Windows cmd mingw msvc powershell win win32 win64
Mac Macs macos apple darwin homebrew mac osx
Linux Alpine CentOS Debian Fedora Ubuntu glibc gnome musl posix rhel systemd unix wayland
Apple iPhone iPad ios ipados swift macos safari
iPhone ios
iPad ios ipados
Android apk kotlin
Chrome Chromium Edge blink
Firefox gecko mozilla
Safari webkit
Node npm engines nodejs
Postgres PostgreSQL pg psql
Oracle oci
Azure aks entra
Docker container containers oci image images
Kubernetes k8s helm pod pods kubectl
Amazon aws s3
Google gcp gcs gmail
Excel xls xlsx
Facebook meta
"""
_OF_FAMILY = {
    name.casefold(): frozenset(map(str.casefold, line.split())) for line in _FAMILIES.strip().splitlines() for name in line.split()[:1]
}
_ALWAYS = frozenset(word for line in _FAMILIES.strip().splitlines() for word in line.split() if word[0].isupper())
_NAME = re.compile(r"(?<![\w.'-])[A-Z][a-z]{2,}\b(?![\w'-])")
_QUOTED = re.compile(r"(?P<mark>[\"*])(?P<name>[^\"*`]{2,60})(?P=mark)")
_MENU = re.compile(r"(?<=> )[A-Z][\w-]*(?: [A-Z][\w-]*)*|\b[A-Z][\w-]*(?= >)")  # "Family > New devices"
_PLURAL = re.compile(r" (?:can|are|now|no longer|have|keep|stay|open|close|move|remember)\b")
_BEGINS = re.compile(r"(?:^|[.!?:;(\"] ?|- )(?:[A-Z][\w'-]* )*$")  # where any word has a capital, and what such a word begins
# Peoples and languages: "German banks" for banks in DE, unless an entry names one
_TONGUE = re.compile(r"[A-Z][a-z]+(?:[aeo]an|ian|lan|ish|ese)|Arabic|Basque|Czech|Dutch|French|German|Greek|Hebrew|Hindi|Thai|Welsh")
_LETTERS = 4  # that "German" shares with "Germany"


def unnamed(text: str, facts: Iterable[Fact], *, platforms: bool) -> Iterator[str]:
    """Yield the names of a text, outside code, that no fact has: those of well-known platforms, or all others. A word with a capital
    inside a sentence is a name; one at its beginning only if it is a platform."""
    prose = plain(without_code(text, instead="x"))
    known = _known(facts)
    tongues = any(_TONGUE.fullmatch(word.capitalize()) for word in known)
    taken = {place for token in scan(prose) if token.kind in ("date", "rate", "quantity") for place in range(token.start, token.end)}
    for match in _NAME.finditer(prose):
        begins = _BEGINS.search(prose, 0, match.start()) is not None
        if _TONGUE.fullmatch(match[0]) and not tongues:
            continue
        if match[0] == "Windows" and begins and _PLURAL.match(prose, match.end()):  # of a screen
            continue
        wanted = (match[0] in _ALWAYS) if platforms else not (begins or match[0] in _ALWAYS)
        if wanted and match.start() not in taken and not _is_known(match[0].casefold(), known):
            yield match[0]


def other_names(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield the unknown names of a text that may stand in the place of another: a fact has a name that the text lacks."""
    here = frozenset(words(text))
    written = (match[0] for fact in facts for match in _NAME.finditer(plain(without_code(fact.summary, instead="x"))) if match.start())
    if any(not _is_known(name.casefold(), here) for name in written):
        yield from unnamed(text, facts, platforms=False)


def unquoted(text: str, facts: Iterable[Fact]) -> Iterator[str]:
    """Yield the names in quotes, each word of them with a capital, that no fact has."""
    facts = tuple(facts)
    known = _known(facts)
    quotes = any(_QUOTED.search(plain(source)) for fact in facts for source in fact.texts)
    for match in _QUOTED.finditer(plain(without_code(text, instead="x"))):
        named = all(word[:1].isupper() for word in match["name"].split()) or (quotes and match["name"][:1].isupper())
        if named and not all(_is_known(word, known) for word in words(match["name"])):
            yield match["name"]
    menus = [item for fact in facts for source in fact.texts for item in _MENU.findall(plain(source))]
    for item in _MENU.findall(plain(without_code(text, instead="x"))) if menus else ():
        if item not in menus:
            yield item


def names_platform(name: str, facts: Iterable[Fact]) -> bool:
    """Return whether a name is that of a well-known platform that a fact names otherwise: "iPhone" for iOS."""
    return bool(_OF_FAMILY.get(name.casefold().removesuffix("s"), frozenset()) & _known(facts))


def _known(facts: Iterable[Fact]) -> frozenset[str]:
    return frozenset(
        word for fact in facts for source in fact.texts for whole in words(source) for word in (whole, *re.split("[-']", whole))
    )


def _is_known(name: str, known: frozenset[str]) -> bool:
    one = name.removesuffix("s")
    family = _OF_FAMILY.get(one, frozenset()) | _OF_FAMILY.get(name, frozenset())
    return any(name[:_LETTERS] == word[:_LETTERS] or one in word or word in family for word in known)
