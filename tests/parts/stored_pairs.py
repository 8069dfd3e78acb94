"""Pairs as a store gives them, made of a few words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from notewright.dataset.near import signature
from notewright.dataset.pairs import Pair, StoredPair


def stored_pair(
    number: int = 0,
    *,
    question: str | None = None,
    answer: str | None = None,
    repository: str = "https://example.org/team/one",
    path: str | None = None,
    text: str | None = None,
    line: int = 1,
    license_name: str = "MIT",
    language: str = "Python",
    kind: str = "what",
    reason: str = "",
    verdict: str = "",
    model: str = "tiny",
    prompt: str = "answers@1",
    key: str = "",
) -> StoredPair:
    """Return a pair that is like no other, but for what is said here."""
    said = _words(f"question {number}") if question is None else question
    told = _words(f"answer {number}") if answer is None else answer
    text = f"def f{number}():\n    return {number}\n" if text is None else text
    path = f"src/file_{number:05}.py" if path is None else path
    pair = Pair(kind, said, told, reason, verdict=verdict, signature=b"" if reason else signature(said, told))
    return StoredPair(
        key=key or hashlib.sha256(f"{number} {repository} {path} {said}".encode("utf-8", "surrogatepass")).hexdigest(),
        pair=pair,
        repository=repository,
        commit=hashlib.sha1(repository.encode()).hexdigest(),
        path=path,
        line_start=line,
        line_end=line + max(0, text.removesuffix("\n").count("\n")),
        blob=hashlib.sha1(f"{path}{text}".encode("utf-8", "surrogatepass")).hexdigest(),
        language=language,
        license=license_name,
        text=text,
        header="",
        model=model,
        prompt=prompt,
        unit=number,
    )


def in_order(pairs: Iterable[StoredPair]) -> Callable[[Callable[[StoredPair], bool]], Iterator[StoredPair]]:
    """Return what gives pairs as a store does: in the order of repository, path, line and key, as often as it is asked, each key as that
    of the first file that is accepted."""
    ordered = sorted(pairs, key=lambda stored: (stored.repository, stored.path, stored.line_start, stored.key))

    def rows(accept: Callable[[StoredPair], bool]) -> Iterator[StoredPair]:
        seen = set[str]()
        for _, of_file in groupby(ordered, key=lambda stored: (stored.repository, stored.path)):
            first, *others = of_file
            if accept(first):
                yield from (stored for stored in (first, *others) if stored.key not in seen and not seen.add(stored.key))  # type: ignore[func-returns-value]

    return rows


def _words(seed: str) -> str:
    """Return twelve words that no other seed has."""
    digest = hashlib.sha256(seed.encode()).hexdigest()
    return " ".join(digest[start : start + 5] for start in range(0, 60, 5))
