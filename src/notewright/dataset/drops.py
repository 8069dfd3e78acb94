"""Drops: why a file or a passage is left out, in one stable word and one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# The words are stored, counted and compared between runs: one that is in use is never given another meaning.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "symlink": "It is a symbolic link: what it points to is judged where it lies.",
        "submodule": "It is a submodule: another repository, which can be listed on its own.",
        "path": "Its name is no printable UTF-8, or is too long to be shown.",
        "sensitive": "Files of this name usually hold keys or passwords.",
        "extension": "Its name has none of the extensions that are asked for.",
        "empty": "There is nothing in it.",
        "too_large": "It is larger than a file may be.",
        "vendored": "Its folder or its .gitattributes says that it was copied from elsewhere.",
        "generated": "It says, or its name or .gitattributes says, that a program wrote it.",
        "minified": "It was made small for machines: its lines are not those that people write.",
        "ignored": "It matches one of the patterns that are to be left out.",
        "gitignored": "It matches a .gitignore of its repository.",
        "lfs_pointer": "Its content is elsewhere: it is a pointer of Git LFS.",
        "binary": "It is no text.",
        "encoding": "Its encoding cannot be told, or changes on the way.",
        "licence": "Its licence, or that of its repository, is not among those allowed.",
        "secret": "It holds what looks like a key, a token or a password.",
        "personal": "It holds an e-mail address or a public network address.",
    }
)


@dataclass(frozen=True, slots=True)
class Drop:
    """Something is left out: `reason` is a word of REASONS, `detail` says which rule it was, never what it found."""

    reason: str
    detail: str = ""

    def __post_init__(self) -> None:
        assert self.reason in REASONS, self.reason
