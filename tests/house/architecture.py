"""The tree in docs/architecture.md, made from the code: python -m tests.house.architecture [--write]."""

from __future__ import annotations

import ast
import difflib
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "notewright"
DOCUMENT = ROOT / "docs" / "architecture.md"
_BEGIN = "<!-- tree: written by `make tree` -->\n```\n"
_END = "```\n<!-- end of tree -->"


def layers() -> tuple[tuple[str, ...], ...]:
    """Return the layers of the import-linter contract, top to bottom, siblings together."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    lines = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    return tuple(tuple(name.strip() for name in line.split("|")) for line in lines)


def parts() -> frozenset[str]:
    """Return the packages and modules that stand directly in `notewright`."""
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    return frozenset(packages | {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"})


def modules() -> list[Path]:
    """Return every module, sorted; the empty ones that make a package do not count."""
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def tree() -> str:
    """Return a line for each module with its docstring's first line, by layer from the top, then by name."""
    rank = {name: position for position, name in enumerate(name for line in layers() for name in line)}
    return "".join(_part(name) for name in sorted(parts(), key=lambda name: (rank.get(name, -1), name)))


def documented() -> str:
    """Return the tree that the document shows."""
    text = DOCUMENT.read_text("utf-8")
    return text[text.index(_BEGIN) + len(_BEGIN) : text.index(_END)]


def write() -> None:
    """Replace the tree in the document by the code's."""
    head, _, rest = DOCUMENT.read_text("utf-8").partition(_BEGIN)
    DOCUMENT.write_text(f"{head}{_BEGIN}{tree()}{_END}{rest.partition(_END)[2]}", "utf-8")


def _part(name: str) -> str:
    module = PACKAGE / f"{name}.py"
    if module.is_file():
        return _line(module, indent="")
    return _folder(PACKAGE / name, indent="")


def _folder(folder: Path, *, indent: str) -> str:
    """A package's own modules, then the packages within it."""
    deeper = f"{indent}  "
    own = "".join(_line(path, indent=deeper) for path in modules() if path.parent == folder)
    within = sorted(path.parent for path in folder.glob("*/__init__.py"))
    return f"{indent}{folder.name}/\n{own}" + "".join(_folder(path, indent=deeper) for path in within)


def _line(module: Path, *, indent: str) -> str:
    promise = (ast.get_docstring(ast.parse(module.read_bytes())) or "(no docstring)").partition("\n")[0].removesuffix(".")
    return f"{indent + module.name:24}{promise}\n"


def main(arguments: list[str]) -> int:
    """Write the tree, or say how it differs from the document's; return the exit code."""
    if arguments == ["--write"]:
        write()
        return 0
    difference = difflib.unified_diff(documented().splitlines(), tree().splitlines(), "docs/architecture.md", "the code", lineterm="")
    lines = list(difference)
    if lines:
        print(*lines, "the tree is not the code's: run 'make tree'", sep="\n")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
