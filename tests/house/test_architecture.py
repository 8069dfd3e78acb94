from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from notewright import errors
from tests.house import architecture


def cells(heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the table under a heading of the document."""
    section = architecture.DOCUMENT.read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    for row in re.findall(r"^\| (.*) \|$", section, re.MULTILINE)[1:]:
        yield [cell.strip() for cell in row.split(" | ")]


def test_the_tree_in_the_document_is_the_code_s() -> None:
    assert architecture.documented() == architecture.tree(), "run 'make tree'"


@pytest.mark.parametrize("module", architecture.modules(), ids=lambda path: path.relative_to(architecture.PACKAGE).as_posix())
def test_a_module_says_in_one_line_what_it_is(module: Path) -> None:
    promise, _, rest = (ast.get_docstring(ast.parse(module.read_bytes())) or "").partition("\n")
    assert promise
    assert rest == "" or rest.startswith("\n"), "the first line runs on"


def test_the_document_names_the_layers_of_the_contract_in_their_order() -> None:
    documented = tuple(tuple(re.findall(r"`(\w+)`", row[0])) for row in cells("Layers"))
    assert documented == architecture.layers()


def test_every_package_and_module_stands_in_one_layer() -> None:
    named = [name for line in architecture.layers() for name in line]
    assert sorted(named) == sorted(architecture.parts())


def test_the_document_lists_every_error_with_its_exit_code() -> None:
    documented = {row[1].strip("`"): int(row[0].replace("|", "")) for row in cells("Exit codes") if len(row) > 2 and row[1]}
    assert documented == {kind.__name__: kind.exit_code for kind in errors.NotewrightError.__subclasses__()}


@pytest.mark.parametrize("kind", errors.NotewrightError.__subclasses__(), ids=lambda kind: kind.__name__)
def test_an_error_means_in_the_document_what_it_means_in_the_code(kind: type[errors.NotewrightError]) -> None:
    meanings = {row[1].strip("`"): row[2] for row in cells("Exit codes") if len(row) > 2}
    assert meanings[kind.__name__].lower() == (kind.__doc__ or "").removesuffix(".").lower()


def test_the_document_names_every_environment_variable_that_the_code_names() -> None:
    ours = r"[\"'](?:INPUT|GITHUB|NOTEWRIGHT|RUNNER|ACTIONS)_[A-Z_]*[A-Z][\"']"
    read = {name.strip("\"'") for path in architecture.PACKAGE.rglob("*.py") for name in re.findall(ours, path.read_text("utf-8"))}
    documented = {name for row in cells("Environment variables") for name in re.findall(r"`([A-Z_]+)`", row[0])}
    assert read <= documented, f"docs/architecture.md does not name {sorted(read - documented)}"
