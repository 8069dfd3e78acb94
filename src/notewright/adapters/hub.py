"""Files of the model hub, fetched so that a transfer that was cut goes on where it stopped."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from notewright.errors import ModelError, StorageError, UsageError
from notewright.rendering.neutral import visible

HUB_FILE = re.compile(r"(?P<repository>[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)/(?P<path>[A-Za-z0-9_./-]+\.gguf)")
INSTALL_HINT = "pip install 'notewright[models]'"
OFFLINE_HINT = "download the file on another machine and give it: notewright models pull --from FILE --sha256 DIGEST"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file as the hub describes it: `sha256` is "" where it tells none, `stamp` changes when the file does."""

    place: str
    url: str
    size_bytes: int
    sha256: str
    stamp: str


def describe_file(place: str) -> HubFile:
    """Ask the hub (HF_ENDPOINT, else the public one) for owner/repository/path. Raises `UsageError` for a place that is none, `ModelError`
    where the hub does not have it, refuses it, or is out of reach."""
    match = HUB_FILE.fullmatch(place)
    if match is None or ".." in place:
        raise UsageError(f"{place} is no file on the hub", hint="write OWNER/REPOSITORY/FILE.gguf, or a name of `notewright models list`")
    hub = _load()
    with _explaining(hub.errors, place):
        url = hub.hf_hub_url(match["repository"], match["path"])
        told = hub.get_hf_file_metadata(url)
    etag = str(told.etag or "")
    if not told.size:
        raise ModelError(f"the hub does not tell how large {place} is", hint="is HF_ENDPOINT a model hub?")
    return HubFile(place, url, int(told.size), etag if _SHA256.fullmatch(etag) else "", f"{etag}-{told.size}")


def fetch_file(file: HubFile, part: IO[bytes], *, advanced: Callable[[int], None]) -> None:
    """Fetch what an opened part lacks of a file. What is there stays there, whatever happens, for the next time. Raises `ModelError` and
    `StorageError`."""
    hub = _load()
    with _explaining(hub.errors, file.place):
        there = part.seek(0, os.SEEK_END)
        if there > file.size_bytes:
            there = part.truncate(0)
        advanced(there)
        hub.file_download.http_get(
            file.url, _Counted(part, advanced), resume_size=there, headers=hub.utils.build_hf_headers(), expected_size=file.size_bytes
        )
        part.flush()


@contextmanager
def opened_alone(part: Path) -> Iterator[IO[bytes]]:
    """Open a part, for one process at a time, to add to it. Raises `ModelError` while another one has it."""
    import fcntl  # not on Windows, where no model is fetched

    while True:
        with part.open("ab") as content:
            try:
                fcntl.flock(content, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ModelError(f"another process is fetching {part.name}", hint="wait for it, or end it") from error
            if part.exists() and part.stat().st_ino == os.fstat(content.fileno()).st_ino:  # else it was let in or removed meanwhile
                yield content
                return


class _Counted:
    """A file that tells how long it is after each write."""

    def __init__(self, content: IO[bytes], advanced: Callable[[int], None]) -> None:
        self._content = content
        self._advanced = advanced
        self.seek, self.tell, self.truncate = content.seek, content.tell, content.truncate

    def write(self, chunk: bytes) -> int:
        """Write, and tell."""
        written = self._content.write(chunk)
        self._advanced(self._content.tell())
        return written


def _load() -> Any:  # noqa: ANN401  # its types are not those of every version that we take
    if importlib.util.find_spec("huggingface_hub") is None:
        raise ModelError("huggingface-hub is not installed", hint=f"{INSTALL_HINT}, or {OFFLINE_HINT}")
    hub: Any = importlib.import_module("huggingface_hub")
    for name in ("errors", "file_download", "utils"):
        importlib.import_module(f"huggingface_hub.{name}")
    hub.utils.disable_progress_bars()  # the driver shows one
    hub.utils.logging.set_verbosity_error()
    return hub


@contextmanager
def _explaining(errors: Any, place: str) -> Iterator[None]:  # noqa: ANN401  # the client's own module
    """Raise what the hub's client raises as what it means."""
    try:
        yield
    except errors.GatedRepoError as error:
        raise ModelError(
            f"the hub gives {place} to those only who accepted its licence", hint="accept it on the model's page and set HF_TOKEN"
        ) from error
    except (errors.RepositoryNotFoundError, errors.EntryNotFoundError, errors.RevisionNotFoundError) as error:
        raise ModelError(f"the hub has no file {place}", hint="look for its name at https://huggingface.co/models?library=gguf") from error
    except errors.OfflineModeIsEnabled as error:
        raise ModelError(f"cannot fetch {place}: HF_HUB_OFFLINE is set", hint=OFFLINE_HINT) from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise ModelError(f"the hub answers {status} for {place}", hint=f"try again later, or {OFFLINE_HINT}") from error
    except errors.HTTPError as error:
        raise ModelError(f"the hub is out of reach: {visible(str(error)) or type(error).__name__}", hint=OFFLINE_HINT) from error
    except OSError as error:
        if error.errno is None:  # its own check of the size
            raise ModelError(f"the transfer of {place} ended early", hint="pull again: it goes on there") from error
        raise StorageError(f"cannot write {place}: {error.strerror}", hint="free some space, or set llm.models_dir") from error
