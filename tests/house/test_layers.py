"""What import-linter cannot see: the clock and the disk are also reached through datetime, pathlib and builtins."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import architecture

CORE = (
    *("review", "notes", "dataset", "changelog", "grounding", "history"),
    *("prompting", "rendering", "syntax", "screening", "control", "errors"),
)
_WORLD_CALLS = {"open", "print", "input", "breakpoint"}
_WORLD_METHODS = {
    *("now", "utcnow", "today"),
    *("read_text", "read_bytes", "write_text", "write_bytes", "exists", "is_file", "is_dir", "iterdir", "glob", "rglob", "stat"),
    *("mkdir", "unlink", "touch", "rename", "symlink_to", "expanduser", "cwd", "home"),
}


def core() -> list[Path]:
    return [path for path in architecture.modules() if path.relative_to(architecture.PACKAGE).parts[0].removesuffix(".py") in CORE]


def world_calls(tree: ast.AST) -> Iterator[str]:
    """Yield "line: name" of each call that reaches a clock, a disk or a person."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in _WORLD_CALLS:
                yield f"{node.lineno}: {name}"
            case ast.Call(func=ast.Attribute(attr=name)) if name in _WORLD_METHODS:
                yield f"{node.lineno}: {name}"
            case _:
                pass


@pytest.mark.parametrize("module", core(), ids=lambda path: path.relative_to(architecture.PACKAGE).as_posix())
def test_the_core_calls_no_clock_no_disk_and_no_person(module: Path) -> None:
    assert list(world_calls(ast.parse(module.read_bytes()))) == []


@pytest.mark.parametrize("line", ["datetime.now(UTC)", "Path('x').read_text()", "open('x')", "print(1)", "date.today()"])
def test_a_call_that_reaches_the_world_is_seen(line: str) -> None:
    assert list(world_calls(ast.parse(line)))


def test_the_contract_of_the_core_names_every_core_layer() -> None:
    contracts = tomllib.loads((architecture.ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    sources = next(contract["source_modules"] for contract in contracts if contract["id"] == "core")
    assert sources == [f"notewright.{name}" for name in CORE]


@pytest.mark.parametrize("init", sorted(architecture.PACKAGE.glob("*/**/__init__.py")), ids=lambda path: path.parent.name)
def test_a_package_s_init_is_empty(init: Path) -> None:
    assert init.read_bytes() == b""
