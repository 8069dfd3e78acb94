"""MLX in this process, by mlx-lm and llguidance."""

from __future__ import annotations

import importlib.metadata
import json
from functools import cache
from pathlib import Path

from notewright.control import Cancel
from notewright.errors import ModelError, UsageError
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.engines.in_process import InProcess, check_installed
from notewright.llm.engines.loaded import LoadedModel
from notewright.llm.opening import Opening
from notewright.prompting.request import Identity
from notewright.rendering.canonical import canonical_line, digest

INSTALL_HINT = "pip install 'notewright[mlx]'"
_HINT = "name a folder as mlx-lm writes it, with config.json, tokenizer.json and model*.safetensors"
_MOST_HEADER_BYTES = 100 << 20


def open_engine(place: str, opening: Opening) -> Engine:
    """Return the engine for a model's folder, and load nothing yet. Raises `UsageError` without a folder, `ModelError` for one that holds
    no whole model, or where the libraries are not installed."""
    if not place:
        raise UsageError("mlx needs the folder of a model", hint="write mlx:FOLDER")
    folder = Path(place)
    context = min(opening.settings.context_window, _read_folder(folder) or opening.settings.context_window)
    check_installed("mlx.core", "mlx_lm", "llguidance", "numpy", hint=INSTALL_HINT)

    def load(cancel: Cancel) -> LoadedModel:
        from notewright.llm.engines.mlx_memory import MlxMemory

        return MlxMemory(folder, cancel=cancel)

    @cache
    def identify() -> Identity:
        runtime = f"mlx {importlib.metadata.version('mlx')}, mlx-lm {importlib.metadata.version('mlx-lm')}"
        return Identity("mlx", folder.resolve().name, _digest(folder, opening.digests), context, runtime)

    return InProcess(load, identify, settings=opening.settings)


def _read_folder(folder: Path) -> int:
    """Check that a folder holds a whole model; return its context length in tokens, 0 if it is not given. Raises `ModelError`."""
    if not folder.is_dir():
        raise ModelError(f"there is no model folder {folder}", hint=_HINT)
    weights = sorted(folder.glob("model*.safetensors"))
    if lacking := [name for name in ("config.json", "tokenizer.json") if not (folder / name).is_file()] or (
        [] if weights else ["model*.safetensors"]
    ):
        raise ModelError(f"{folder} is no model for MLX: it has no {lacking[0]}", hint=_HINT)
    try:
        config = json.loads((folder / "config.json").read_bytes())
        for file in weights:
            _check_weights(file)
        length = {**config, **config.get("text_config", {})}.get("max_position_embeddings", 0)
        return length if type(length) is int else 0
    except OSError as error:
        raise ModelError(f"cannot read the model {folder}: {error.strerror}", hint="name a readable folder") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"the model {folder} is damaged: {error}", hint="download the model again") from error


def _check_weights(file: Path) -> None:
    """Compare a file's size with where its last tensor ends. Raises `ValueError`."""
    size = file.stat().st_size
    with file.open("rb") as content:
        header_bytes = int.from_bytes(content.read(8), "little")
        header = json.loads(content.read(min(header_bytes, _MOST_HEADER_BYTES)))
    ends = [part["data_offsets"][1] for name, part in header.items() if name != "__metadata__"]
    if size < (least := 8 + header_bytes + max(ends, default=0)):
        raise ValueError(f"{file.name} is cut short at {size} bytes of {least}")


def _digest(folder: Path, digests: Digests) -> str:
    """Return a digest of the weights and of all that decides how they are asked."""
    files = sorted(path for path in folder.iterdir() if path.suffix in (".safetensors", ".json", ".jinja"))
    return digest(canonical_line([[path.name, digests.of_file(path)] for path in files]))
