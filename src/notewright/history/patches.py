"""Patches: the identity of a change, whatever commit it stands on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

# A line of a file starts with one of " +-\" in a patch, and strange file names are quoted: no content can look like one of these.
_COMMIT = re.compile(rb"^([0-9a-f]{40,64})\n\n?", re.MULTILINE)
# Line numbers and blobs depend on where the change stands. For a binary file the blobs are all that is known of it.
_PLACE = re.compile(rb"^(?:@@ [^\n]*|index [^\n]*\n(?!Binary files ))", re.MULTILINE)
_INDEX = b"index "


def parse_patches(chunks: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Yield object names and patch digests of `git log -p --format=%H`, from chunks cut anywhere; nothing for an empty patch.

    As `git patch-id --stable --verbatim` (paths, modes and lines count, line numbers do not), in one process less, and with
    the content of binary files, which git before 2.39 leaves out. Holds one line of a patch in memory, never all of it.
    """
    sha, digest = "", None
    for block in _blocks(chunks):
        patch, *following = _COMMIT.split(block)
        while True:
            if patch:
                digest = digest or hashlib.sha256()
                digest.update(_PLACE.sub(b"", patch))
            if not following:
                break
            if digest:
                yield sha, digest.hexdigest()
            digest = None
            name, patch, *following = following
            sha = name.decode("ascii")
    if digest:
        yield sha, digest.hexdigest()


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes cut where lines end, but never between the two lines that `_PLACE` or `_COMMIT` look at together."""
    rest: list[bytes] = []
    for chunk in chunks:
        head, found, tail = chunk.rpartition(b"\n")
        if not found:
            rest.append(chunk)
            continue
        block = b"".join((*rest, head, b"\n"))
        last = block.rfind(b"\n", 0, -1) + 1
        keep = last if block.startswith(_INDEX, last) or _COMMIT.match(block, last) else len(block)
        rest = [block[keep:], tail]
        if keep:
            yield block[:keep]
    if left := b"".join(rest):
        yield left
