"""Prepare: the files of clones, selected and cut into passages, and noted in the store."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

from notewright.adapters.dataset.blobs import Blobs, TreeFile
from notewright.adapters.dataset.clones import Clone
from notewright.adapters.dataset.confined import CUTTERS, ConfinedCutters
from notewright.adapters.dataset.store.store import Store
from notewright.adapters.dataset.store.units import Unit
from notewright.adapters.dataset.store.values import FileRecord, NewPassage
from notewright.control import Advanced, Cancel, Finished, Reached, Report, Started, Warned
from notewright.dataset.drops import Drop
from notewright.dataset.repository_licences import find_licences, speaks_of_licences
from notewright.dataset.selection import Selected, SelectionRules, Selector
from notewright.errors import RepositoryError
from notewright.flows.dataset.passages import Cutter

_Cutting = Future[list[NewPassage]]
STEP = "prepare"
_IGNORES, _ATTRIBUTES = b".gitignore", b".gitattributes"
_AHEAD = 2 * CUTTERS  # files that are cut while those before them are written
_MOST_BYTES = 1_000_000  # of a file with rules, or with a licence


@dataclass(slots=True)
class Prepared:
    """What preparing found. `repositories` were looked at, `unchanged` ones were not; `units` are contents that nobody had cut before.
    `failures` are names of repositories with why they could not be read."""

    repositories: int = 0
    unchanged: int = 0
    files: int = 0
    selected: int = 0
    units: int = 0
    failures: list[tuple[str, RepositoryError]] = field(default_factory=list)


def prepare_clones(
    store: Store, clones: Sequence[Clone], rules: SelectionRules, cutter: Cutter, *, report: Report, cancel: Cancel
) -> Prepared:
    """Bring the store up to date with the commits of clones, in their order. A clone that cannot be read is warned of, and stops no other:
    its files stay those that they were. Raises `Cancelled`: what is done by then stays."""
    digest = hashlib.sha256(f"{rules.digest}\0{cutter.digest}".encode()).hexdigest()
    known = {repository.url: (repository.prepared_commit, repository.prepared_digest) for repository in store.repositories()}
    changed = [clone for clone in clones if known.get(clone.source.name) != (clone.commit, digest)]
    prepared = Prepared(unchanged=len(clones) - len(changed))
    report(Started(STEP, len(changed)))
    with closing(cutter.confined()) as confined:
        for number, clone in enumerate(changed, 1):
            try:
                _Preparation(clone, store, rules, cutter, confined, prepared, report, cancel).run(digest)
            except RepositoryError as error:
                prepared.failures.append((clone.source.name, error))
                report(Warned(f"{clone.source.name} could not be read: {error.message}", error.hint))
            report(Advanced(STEP, number))
    report(Finished(STEP, _summary(prepared)))
    return prepared


def _summary(prepared: Prepared) -> str:
    unchanged = f"{prepared.unchanged:,} repositories unchanged"
    if not prepared.repositories:
        return unchanged
    return f"{prepared.selected:,} of {prepared.files:,} files selected, {prepared.units:,} of them new; {unchanged}"


@dataclass(frozen=True, slots=True)
class _Preparation:
    """One clone, brought into the store."""

    clone: Clone
    store: Store
    rules: SelectionRules
    cutter: Cutter
    confined: ConfinedCutters
    prepared: Prepared
    report: Report
    cancel: Cancel

    def run(self, digest: str) -> None:
        blobs = Blobs(self.clone.directory)
        files = list(blobs.list_files(self.clone.commit))
        selector, licence = self._read_rules(blobs, files)
        source = self.clone.source
        self.store.note_repository(source.name, ref=source.ref or "", commit=self.clone.commit, license=licence, state="synced")
        # closed here, so that no file is cut any more when the cutters end
        with closing(self._records(blobs, files, selector)) as records:
            told = self._told(records, len(files))
            self.store.replace_provenance(source.name, commit=self.clone.commit, prepared_digest=digest, files=told)
        self.prepared.repositories += 1

    def _read_rules(self, blobs: Blobs, files: Sequence[TreeFile]) -> tuple[Selector, str]:
        """Return what selects the repository's files, and the licence of the whole."""
        wanted = [file for file in files if _name(file.path) in (_IGNORES, _ATTRIBUTES) or speaks_of_licences(file.path)]
        contents = dict(blobs.read((file.oid for file in wanted if file.mode.startswith("100")), most_bytes=_MOST_BYTES))
        texts = {file.path: contents[file.oid] for file in wanted if file.oid in contents}
        licences = find_licences({path: text for path, text in texts.items() if speaks_of_licences(path)})
        selector = Selector(self.rules, _named(texts, _IGNORES), licences, attributes=_named(texts, _ATTRIBUTES))
        return selector, licences.get("", "")

    def _records(self, blobs: Blobs, files: Iterable[TreeFile], selector: Selector) -> Generator[FileRecord, None, None]:
        """Yield what becomes of each file: those that their names rule out first."""
        candidates: list[TreeFile] = []
        for file in files:
            if drop := selector.by_path(file.path, file.mode, file.size):
                yield FileRecord(file.path, file.oid, None, drop.reason)
            else:
                candidates.append(file)
        contents = blobs.read((file.oid for file in candidates), most_bytes=self.rules.max_file_bytes)
        ahead: deque[tuple[TreeFile, Selected | Drop, _Cutting | None]] = deque()
        pool = ThreadPoolExecutor(CUTTERS, thread_name_prefix="cutting")
        try:
            for file, (_, content) in zip(candidates, contents, strict=True):
                found = selector.by_content(file.path, content)
                ahead.append((file, found, self._begin(pool, file, found)))
                if len(ahead) > _AHEAD:
                    yield self._record(*ahead.popleft())
            for one in ahead:
                yield self._record(*one)
        finally:
            pool.shutdown(cancel_futures=True)

    def _begin(self, pool: ThreadPoolExecutor, file: TreeFile, found: Selected | Drop) -> _Cutting | None:
        """Begin to cut a blob that nobody has cut before."""
        if isinstance(found, Drop) or self.store.find_unit(file.oid, found.language, self.cutter.digest):
            return None
        return pool.submit(self.cutter.cut, self.confined, found.text, found.language, file.path.decode())

    def _record(self, file: TreeFile, found: Selected | Drop, cutting: _Cutting | None) -> FileRecord:
        if isinstance(found, Drop):
            return FileRecord(file.path, file.oid, None, found.reason)
        unit = self._unit(file, found, cutting)
        if unit.dropped:
            return FileRecord(file.path, file.oid, None, unit.dropped, found.language, found.license)
        self.prepared.selected += 1
        return FileRecord(file.path, file.oid, unit.id, "", found.language, found.license)

    def _unit(self, file: TreeFile, found: Selected, cutting: _Cutting | None) -> Unit:
        """Return what the blob was cut into, by whatever repository it came first."""
        digest = self.cutter.digest
        if cutting is None:
            there = self.store.find_unit(file.oid, found.language, digest)
            assert there is not None
            return there
        unit = self.store.add_unit(file.oid, found.language, digest, cutting.result())
        self.prepared.units += unit.new  # two files of one blob may be cut side by side
        return unit

    def _told(self, records: Iterable[FileRecord], total: int) -> Iterator[FileRecord]:
        name = self.clone.source.name
        for number, record in enumerate(records, 1):
            self.cancel.check()
            self.prepared.files += 1
            yield record
            self.report(Reached(STEP, (name,), number, total))


def _name(path: bytes) -> bytes:
    return path.rpartition(b"/")[2]


def _named(texts: Mapping[bytes, bytes], name: bytes) -> dict[bytes, bytes]:
    return {path: text for path, text in texts.items() if _name(path) == name}
