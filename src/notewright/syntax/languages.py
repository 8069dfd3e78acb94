"""Languages whose grammar is at hand, by the names that others give them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from notewright.errors import UsageError

if TYPE_CHECKING:
    from tree_sitter import Language

# our name → module of the grammar's wheel, its function
_GRAMMARS: Mapping[str, tuple[str, str]] = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "java": ("tree_sitter_java", "language"),
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
}
# what identify and linguist call them, in small letters
_OTHER_NAMES: Mapping[str, str] = {"pyi": "python", "jsx": "javascript", "ts": "typescript", "c++": "cpp"}
LANGUAGES: tuple[str, ...] = tuple(sorted(_GRAMMARS))


def find_language(name: str | None) -> str | None:
    """Return our name of a language that identify or linguist names, whatever its case; None where there is no grammar for it."""
    small = (name or "").lower()
    known = _OTHER_NAMES.get(small, small)
    return known if known in _GRAMMARS else None


@lru_cache
def load_grammar(language: str) -> Language:
    """Load the grammar of one of `LANGUAGES`. Raises `UsageError` where its wheel is not installed."""
    module, function = _GRAMMARS[language]
    try:
        from tree_sitter import Language

        return Language(getattr(import_module(module), function)())
    except ImportError as error:
        raise UsageError(f"{language} cannot be cut without {error.name}", hint="pip install 'notewright[dataset]'") from error
