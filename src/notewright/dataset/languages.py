"""Languages: what a file is written in, by its name, its first line and, for C headers, its words."""

from __future__ import annotations

import io
import re
from functools import lru_cache

# identify's words on the left, GitHub's in small letters on the right. The first that a name has counts.
_NAMES = {
    "python": "python",
    "pyi": "python",
    "javascript": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "tsx": "tsx",
    "go": "go",
    "rust": "rust",
    "java": "java",
    "header": "c",
    "c": "c",
    "c++": "cpp",
    "c#": "csharp",
    "f#": "fsharp",
    "objective-c": "objective-c",
    "objective-c++": "objective-cpp",
    "cython": "cython",
    "cuda": "cuda",
    "shell": "shell",
    "terraform": "hcl",
    "vb": "visual-basic",
    "asm": "assembly",
    "coffee": "coffeescript",
    "batch": "batchfile",
    "plain-text": "text",
}
_GENERAL = frozenset({"text", "binary", "image", "header"})
_MOST_READ = 20_000  # bytes, and of these the words below in few
_CPP_HEADER = re.compile(
    rb"^[ \t]*(?:class|namespace|template|using|public:|private:|protected:|virtual)\b|\bstd::|\bconstexpr\b|\bnullptr\b", re.MULTILINE
)


def language_of(path: str, content: bytes) -> str:
    """Return the language of a file in small letters, as GitHub names it, such as `python`, `tsx` or `cpp`; `text` where none is known."""
    name = path[path.rfind("/") + 1 :]
    dot = name.rfind(".")
    suffix = name[dot:] if dot > 0 else ""
    language = (_of_name(f"x{suffix}") if suffix else "") or _of_name(name) or _of_first_line(content[:500])
    if language == "c" and suffix in {".h", ".H"} and _CPP_HEADER.search(content[:_MOST_READ]):
        return "cpp"
    return language or "text"


@lru_cache(maxsize=4_096)
def _of_name(name: str) -> str:
    from identify.identify import tags_from_filename

    return _of_tags(tags_from_filename(name))


def _of_first_line(content: bytes) -> str:
    from identify.identify import parse_shebang, tags_from_interpreter

    command = parse_shebang(io.BytesIO(content)) if content.startswith(b"#!") else ()
    return _of_tags(tags_from_interpreter(command[0])) if command else ""


def _of_tags(tags: set[str]) -> str:
    for tag, name in _NAMES.items():
        if tag in tags and not (tag == "header" and "c" not in tags):
            return name
    return min(tags - _GENERAL, default="")
