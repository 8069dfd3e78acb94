"""What a passage is shown with: imports that it uses, and what encloses it."""

from __future__ import annotations

from notewright.dataset.context import header_contexts
from notewright.dataset.cutting import cut_passages
from notewright.dataset.tokens import EstimatedTokenizer, PassageTokenizer

_ESTIMATE = EstimatedTokenizer()
_METHODS = b"".join(b"    def m%d(self):\n        return os.path.join(self.a, Path('%d'))\n\n" % (number, number) for number in range(12))
_PYTHON = b"import os\nimport re\nfrom pathlib import Path\n\n\nclass Outer(Base):\n    class Inner:\n        pass\n\n" + _METHODS
_GO = (
    b'package p\n\nimport (\n\t"fmt"\n\t"net/http"\n)\n\nfunc (s *Server) Serve(r http.Request) {\n'
    + b"\tfmt.Println(r)\n" * 60
    + b"}\n\nfunc other() { http.Get(x) }\n"
)


def _headers(content: bytes, language: str, *, limit: int = 60, size: int = 80, tokenizer: PassageTokenizer = _ESTIMATE) -> list[str]:
    passages = cut_passages(content, language, tokenizer, size)
    assert len(passages) > 2
    return list(header_contexts(content, passages, language, tokenizer, limit))


def test_a_passage_is_shown_the_imports_that_it_uses_and_the_class_that_it_is_in() -> None:
    headers = _headers(_PYTHON, "python")
    assert headers[0] == ""
    assert set(headers[1:]) == {"import os\nfrom pathlib import Path\nclass Outer(Base):"}


def test_a_function_that_goes_on_is_shown_its_head() -> None:
    headers = _headers(_GO, "go")
    assert headers[1] == '"fmt"\nfunc (s *Server) Serve(r http.Request)'


def test_includes_name_nothing_and_are_shown_where_there_is_room() -> None:
    content = b"#include <stdio.h>\n#include <a.h>\n" + b"int f(void)\n{\n  return 1;\n}\n\n" * 20
    assert _headers(content, "c")[-1] == "#include <stdio.h>\n#include <a.h>"
    assert _headers(content, "c", limit=9)[-1] == "#include <stdio.h>"


def test_a_header_keeps_its_limit_and_gives_up_imports_first(tokenizer: PassageTokenizer) -> None:
    for limit in range(0, 60, 3):
        for header in _headers(_PYTHON, "python", limit=limit, tokenizer=tokenizer, size=120):
            assert not header or tokenizer.count(header) <= limit
            assert not header or header.endswith("class Outer(Base):") or "class" not in header


def test_what_a_passage_holds_is_no_part_of_its_header() -> None:
    content = b"import os\n" + _PYTHON
    passages = cut_passages(content, "python", _ESTIMATE, 80)
    for passage, header in zip(passages, header_contexts(content, passages, "python", _ESTIMATE, 60), strict=True):
        text = content[passage.start : passage.end].decode()
        assert not any(line in text for line in header.splitlines())


def test_a_file_without_a_tree_and_a_single_passage_have_no_headers() -> None:
    passages = cut_passages(_PYTHON, "text", _ESTIMATE, 80)
    assert set(header_contexts(_PYTHON, passages, "text", _ESTIMATE, 60)) == {""}
    whole = cut_passages(_PYTHON, "python", _ESTIMATE, 5_000)
    assert header_contexts(_PYTHON, whole, "python", _ESTIMATE, 60) == ("",)


def test_a_header_depends_only_on_what_the_passage_uses() -> None:
    """So an import that is added for another function changes no question that was answered."""
    before = _headers(_PYTHON, "python")
    after = _headers(_PYTHON.replace(b"import re\n", b"import re\nimport sys\n"), "python")
    assert before[-1] == after[-1]
