"""The folder of an artifact: written as a whole, known by its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from notewright.adapters.dataset.exports.hashed import HashedFile, write_hashed
from notewright.adapters.dataset.exports.writers import RowWriter, open_writer
from notewright.adapters.folder import check_replaceable, replaced_folder
from notewright.dataset.export import card, loading, manifest
from notewright.dataset.export.ledger import DIGEST_BYTES
from notewright.dataset.export.loading import data_file
from notewright.dataset.export.manifest import DataFile, Earlier, Manifest, read_manifest
from notewright.dataset.export.rows import Row
from notewright.dataset.export.settings import ExportSettings
from notewright.dataset.export.templates import TEMPLATES
from notewright.errors import StorageError, UsageError
from notewright.rendering.canonical import UnfitValue
from notewright.system.files import read_bytes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Digests = NDArray[np.bytes_]

CHECKSUMS = "checksums.txt"
# The digests of all rows that there were, in order, 16 bytes each: what is new later is what is not among them
IDS = "rows.ids"
REPORT = "report.html"  # written beside the rows later, so no checksum speaks of it
_TOP = frozenset({"data", card.NAME, loading.NAME, manifest.NAME, CHECKSUMS, IDS, REPORT})
_WHAT = "dataset of notewright"
# A file up to this size is read to see whether it is whole; of a larger one the size alone is looked at
_READ_BYTES = 1 << 20


class RowFiles:
    """The files of rows of one export, a file for each split and format that has any."""

    def __init__(self, root: Path, settings: ExportSettings) -> None:
        self._root, self._formats, self._template = root, settings.formats, TEMPLATES[settings.template]
        self._open: dict[str, list[tuple[HashedFile, RowWriter]]] = {}
        self._closing = ExitStack()

    def write(self, row: Row) -> None:
        """Add a row to the files of its split."""
        values = self._template.render(row)
        for _, writer in self._open.get(row.split) or self._begin(row.split):
            writer.write(values)

    def close(self) -> tuple[DataFile, ...]:
        """Bring all rows to the disk and return what was written."""
        pairs = [pair for pairs in self._open.values() for pair in pairs]
        for file, writer in pairs:
            writer.close()
            file.close()
        return tuple(file.written for file, _ in pairs)

    def abandon(self) -> None:
        """Close what is open, whatever becomes of it."""
        self._closing.close()

    def _begin(self, split: str) -> list[tuple[HashedFile, RowWriter]]:
        self._open[split] = []
        for kind in self._formats:
            file = HashedFile(self._root, data_file(split, kind))
            self._closing.callback(file.abandon)
            self._open[split].append((file, open_writer(kind, file, self._template)))
        return self._open[split]


@contextmanager
def replaced_artifact(directory: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of an artifact when the block ends. Raises `UsageError` if `directory` holds anything but
    an artifact, `StorageError` where it cannot be written: then the old one stays."""
    _check_replaceable(directory.absolute())
    with replaced_folder(directory) as scratch:
        yield scratch


def write_documents(root: Path, made: Manifest, files: tuple[DataFile, ...], ids: Digests, *, readme: bytes) -> None:
    """Write what belongs to the rows: card, columns, ids, manifest and checksums."""
    import numpy as np

    info = loading.build_info(made.settings, made.tally.by("split"))
    documents = {card.NAME: readme, loading.NAME: info, IDS: np.sort(ids).tobytes()}
    files += tuple(write_hashed(root, name, content) for name, content in documents.items())
    files += (write_hashed(root, manifest.NAME, made.with_files(files).encode()),)
    write_hashed(root, CHECKSUMS, _checksums(files))


def find_earlier(directory: Path) -> Earlier | None:
    """Return the manifest of the artifact in a folder whose files are all there with the size that they had, the small ones with the
    bytes; None where there is none."""
    try:
        content = read_bytes(directory / manifest.NAME)
        checksums = read_bytes(directory / CHECKSUMS)
        earlier = read_manifest(content) if content is not None else None
    except (UnfitValue, StorageError):
        return None
    if content is None or earlier is None:
        return None
    own = DataFile(manifest.NAME, len(content), hashlib.sha256(content).hexdigest())
    if checksums != _checksums((*earlier.files, own)) or not all(_is_whole(directory, file) for file in earlier.files):
        return None
    return earlier


def read_earlier(path: Path) -> tuple[Earlier, Digests]:
    """Return a manifest, and the ids beside it. Raises `UsageError` where they are none."""
    import numpy as np

    content = read_bytes(path)
    ids = read_bytes(path.parent / IDS)
    if content is None or ids is None or len(ids) % DIGEST_BYTES:
        raise UsageError(f"{path} is no manifest of a dataset with {IDS} beside it", hint="name manifest.json in the folder of a release")
    try:
        return read_manifest(content), np.frombuffer(ids, dtype=f"S{DIGEST_BYTES}")
    except UnfitValue as error:
        raise UsageError(f"{path} is no manifest of a dataset: {error}", hint="name manifest.json in the folder of a release") from error


def _checksums(files: Iterable[DataFile]) -> bytes:
    return "".join(f"{file.sha256}  {file.name}\n" for file in sorted(files, key=lambda file: file.name)).encode()


def _is_whole(directory: Path, file: DataFile) -> bool:
    path = directory / file.name
    try:
        if path.is_symlink() or path.stat().st_size != file.bytes:
            return False
        return file.bytes > _READ_BYTES or file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return False


def _check_replaceable(directory: Path) -> None:
    check_replaceable(directory, _TOP, _WHAT)
    try:
        read_manifest(read_bytes(directory / manifest.NAME) or b"")
    except UnfitValue:
        check_replaceable(directory, (), _WHAT)
