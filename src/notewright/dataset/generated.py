"""Generated, vendored and minified files: what no person wrote here, by name, by marker and by the length of lines."""

from __future__ import annotations

import re
from functools import lru_cache

# Folders that tools and people copy other projects into, or build into.
_VENDORED = re.compile(
    r"""(?:^|/)(?:
        (?:_?vendor(?:s|ed)?|third[_-]?party|3rd[_-]?party|externals?|extern|deps|Godeps/_workspace)
      | node_modules | bower_components | jspm_packages | web_modules | \.yarn | \.pnp | Pods | Carthage/(?:Build|Checkouts) | \.bundle
      | site-packages | \.?virtualenv | \.?venv | \.tox | \.nox | \.eggs | __pypackages__ | \.gradle | gradle/wrapper | \.mvn/wrapper
      | \.cargo/registry | elm-stuff | dist | \.next | \.nuxt | __pycache__
    )/""",
    re.VERBOSE | re.IGNORECASE,
)
_VENDORED_NAME = re.compile(
    r"""(?:jquery|bootstrap|angular|d3|lodash|underscore|backbone|modernizr|mootools|prototype|require|ember|moment|handlebars)
        [.-]v?\d[\w.-]*\.js
    | (?:versioneer|get-pip|ez_setup|distribute_setup)\.py""",
    re.VERBOSE | re.IGNORECASE,
)
# Names that generators give, and people do not: what a name ends in, or all of it.
_GENERATED = re.compile(
    r"""(?:
        _pb2(?:_grpc)?\.pyi? | \.pb(?:\.gw|\.validate)?\.(?:go|cc|h|c|swift|dart|ts) | _grpc\.pb\.(?:go|cc|h) | _pb\.(?:js|d\.ts|rb)
      | [._-]generated\.\w+ | \.gen\.\w+ | \.g\.(?:dart|cs|i\.cs|ts) | \.freezed\.dart | \.designer\.(?:cs|vb) | ^zz_generated\.[\w.]+
      | ^bindata\.go | \.tab\.(?:c|h|cc|cpp|hpp) | ^lex\.yy\.(?:c|cc|cpp) | ^(?:moc|qrc)_\w+\.cpp | ^ui_\w+\.h
      | \.snap | \.map | \.js\.flow | ^(?:parsetab|lextab)\.py | ^_version\.py
      | ^(?:package-lock|npm-shrinkwrap)\.json | ^pnpm-lock\.yaml | ^go(?:\.work)?\.sum
      | ^(?:yarn|Gemfile|Cargo|poetry|Pipfile|composer|uv|pdm|mix|Podfile|pubspec|flake|bun|deno)\.lockb? | \.lock\.(?:json|hcl)
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_MINIFIED = re.compile(
    r"[.-](?:min|bundle|chunk|umd\.prod|production\.min)\.(?:m|c)?(?:js|css)$|\.[0-9a-f]{8,20}\.(?:js|css)$", re.IGNORECASE
)
_HEAD_BYTES = 3_000
# In the first lines, where a line is a comment or a text of its own: what generators say of themselves, and nothing that a person says.
_MARKER = re.compile(
    rb"""^[ \t]*(?:[#*;%"'!{-]|//|/\*|<!--|dnl|rem)[^\n]{0,160}?(?:
        (?<![\w/`])@(?:auto-?)?generated\b(?!\.)
      | \bcode\ generated\b[^\n]{0,120}\bdo\ not\ edit
      | \b(?:auto(?:matically)?[- ]?|machine[- ]?)generated\b[^\n]{0,120}(?:\bdo\ not\b|\bdon't\b|\bby\b|\bfrom\b|\bfile\b)
      | \b(?:this|the)\ (?:\w+\ )?(?:file|module|code|class)\ (?:is|was|has\ been)\ (?:auto(?:matically)?[- ]?|machine[- ]?)?generated\b
      | \bgenerated\ by\b[^\n]{0,120}\bdo\ not\ (?:edit|modify|change)
      | \bdo\ not\ (?:edit|modify|change)\b[^\n]{0,120}\b(?:(?:auto(?:matically)?[- ]?)?generated|will\ be\ overwritten)\b
      | \bgenerated\ (?:automatically\ )?by\ (?:the\ )?(?:protocol\ buffer\ compiler|grpc|protoc|swig|cython|thrift|antlr|bison|
          flex|ply|javacc|
          pyqt|qt\ user\ interface|wsdl2|openapi|swagger|mockgen|stringer|re2c|gperf|ragel|autoconf|automake|f2py|capnp|
          flatbuffers|jison|peg\.?js)
    )""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_GENERATED_WORD = re.compile(rb"generated|overwritten", re.IGNORECASE)
# Characters a line, on average. That of scripts is Linguist's (Generated#minified_files?); tables of numbers in other languages are denser.
_DENSE = {"javascript": 110, "typescript": 110, "tsx": 110, "css": 110}
_DENSE_OTHERWISE = 200
_LONG_LINE = 5_000


def is_vendored(path: str) -> bool:
    """Tell whether a path lies in a folder of other projects' code, or of what was built."""
    folder_end = path.rfind("/") + 1
    return _is_vendored_folder(path[:folder_end]) or bool(_VENDORED_NAME.fullmatch(path, folder_end))


@lru_cache(maxsize=4_096)
def _is_vendored_folder(folder: str) -> bool:
    return bool(_VENDORED.search(folder))


def is_generated(path: str) -> bool:
    """Tell whether a file's name is one that generators give."""
    return bool(_GENERATED.search(path[path.rfind("/") + 1 :]))


def is_minified(path: str) -> bool:
    """Tell whether a file's name is one that minifiers give."""
    return bool(_MINIFIED.search(path[path.rfind("/") + 1 :]))


def says_generated(content: bytes) -> bool:
    """Tell whether the head of a file says that a program wrote it."""
    head = content[:_HEAD_BYTES]
    return bool(_GENERATED_WORD.search(head)) and bool(_MARKER.search(head))


def has_dense_lines(content: bytes, language: str) -> bool:
    """Tell whether the lines of a file are longer on average than people write them, or half of it lies in a few very long ones."""
    if len(content) > _DENSE.get(language, _DENSE_OTHERWISE) * (content.count(b"\n") + 1):
        return True
    long = sum(len(line) for line in content.split(b"\n") if len(line) > _LONG_LINE) if len(content) > _LONG_LINE else 0
    return 2 * long > len(content)
