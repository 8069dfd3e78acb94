"""What a command may load, seen in a process of its own: import-linter cannot know when an import inside a function runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import atexit, pathlib, sys
report = pathlib.Path(sys.argv.pop(1))
atexit.register(lambda: report.write_text("\\n".join(sys.modules)))
from notewright.cli.main import main
main()
"""
ENGINES = {"xllamacpp", "llama_cpp", "ollama", "mlx", "mlx_lm", "openai", "notewright.llm"}
HEAVY = {"pydantic", "github", "httpx", "requests", "jinja2", "markdown_it", "textual", "asyncio", "sqlite3"}


_EVERYTHING = """
import importlib, pkgutil, sys
import notewright.action, notewright.cli, notewright.llm
for package in (notewright.cli, notewright.action, notewright.llm):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
print("\\n".join(sys.modules))
"""
LIBRARIES = {*ENGINES, "llguidance", "tokenizers", "transformers", "huggingface_hub", "numpy", "pynvml"} - {"notewright.llm"}


def test_no_module_of_ours_loads_an_engine_when_it_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", _EVERYTHING], capture_output=True, text=True, timeout=120, check=True)
    loaded = set(done.stdout.split())
    assert "notewright.llm.engines.in_process.mlx_memory" in loaded
    assert loaded & LIBRARIES == set()


def loaded_by(arguments: list[str], directory: Path, *, stdin: bytes = b"", code: int = 0) -> set[str]:
    """Run a command in a process of its own; return the modules that it had loaded when it ended."""
    report = directory / "modules"
    command = [sys.executable, "-c", _PROGRAM, str(report), *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, cwd=directory, timeout=60, check=False)
    assert done.returncode == code, done.stderr.decode()
    return set(report.read_text("utf-8").splitlines())


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        pytest.param(["--help"], b"", id="help"),
        pytest.param(["--version"], b"", id="version"),
        pytest.param(["commit", "parse", "--stdin0"], b"feat: x\0", id="commit-parse"),
    ],
)
def test_a_command_of_the_commit_hook_loads_nothing_heavy(arguments: list[str], stdin: bytes, tmp_path: Path) -> None:
    assert loaded_by(arguments, tmp_path, stdin=stdin) & (HEAVY | ENGINES) == set()


@pytest.mark.parametrize("step", ["collect", "propose"])
def test_a_step_with_a_token_offers_its_help_without_an_engine(step: str, tmp_path: Path) -> None:
    assert loaded_by(["release", step, "--help"], tmp_path) & ENGINES == set()
