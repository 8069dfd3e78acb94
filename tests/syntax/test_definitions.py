"""Definitions, their docs and what encloses them, in every language that has a grammar."""

from __future__ import annotations

import pytest

from notewright.syntax.definitions import find_definitions
from notewright.syntax.docs import read_docs
from notewright.syntax.languages import LANGUAGES, find_language, load_grammar
from notewright.syntax.tree import parse
from tests.parts.cost import assert_in_proportion

_PYTHON = b'''import os
# of nothing

# about A
@decorated(1)
class A(B):
    """Holds.

    More of it.
    """

    @property
    def f(self) -> int:
        'one'
        def inner(): pass
if True:
    async def g(a,
            b): pass
'''
_TYPESCRIPT = b"""/** Adds. */
export default class A<T> extends B {
  /**
   * Says m.
   * @param x - how often
   */
  @log()
  private m(x: number): void { }
  h = () => { return 1 }
}
// no doc comment
export const f = async (a: string) => { }
declare function q(a: number): string;
export interface I { a(): void }
namespace N.M { export enum E { A } }
const z = 3
"""
_JAVASCRIPT = (
    b"function a(x) { }\nvar b = function () {}, c = 2\nlet d = () => {}, e = () => {}\nclass K { static #p() {} get v() { return 1 } }\n"
)
_GO = b"""package p

// Server serves.
// It does.
type Server[T any] struct {
\ta int
}

type (
\t// A is a.
\tA interface{ M() }
\tB int
)

//go:noinline
func (s *Server[T]) Run(a int) (err error) {
}

// F fs.
//
//go:noinline
func F[T any](x T) T { return x }
"""
_RUST = b"""/// A point.
/// Flat.
#[derive(Debug)]
pub struct P { x: i32 }
impl<T> Trait for P {
    // not a doc
    pub fn new() -> Self { }
}
mod m { fn q(); }
macro_rules! mm { () => {} }
pub enum E { A }
"""
_JAVA = b"""package a;
/** Keeps. */
@X
public class K<T> extends Q {
  /** Makes. */
  public K(int a) { }
  @Override
  void m() throws E { }
  enum E { A; void z() {} }
}
record R(int x) { }
"""
_C = b"""/* Adds. */
static int *add(int a, int b)
{
}
#define F(x) x
struct s { int a; };
typedef struct { int q; } T;
struct s v;
int declared(void);
#ifdef A
void (*fp(int a))(int) { }
#endif
"""
_CPP = b"""namespace n {
/// Keeps.
template <class T>
class A : public B {
 public:
  // Begins.
  A(int x) : y(x) {}
  ~A() {}
  bool operator==(const A& o) const { return true; }
};
int A::f() { }
using X = int;
}
"""


def _describe(content: bytes, language: str) -> list[str]:
    return [f"{one.kind} {'.'.join((*one.enclosing, one.name))}" for one in find_definitions(content, language)]


@pytest.mark.parametrize(
    ("language", "content", "expected"),
    [
        pytest.param("python", _PYTHON, "class A, method A.f, function A.f.inner, function g", id="python"),
        pytest.param(
            "typescript",
            _TYPESCRIPT,
            "class A, method A.m, method A.h, function f, function q, interface I, method I.a, namespace N.M, enum N.M.E",
            id="typescript",
        ),
        pytest.param(
            "jsx", _JAVASCRIPT, "function a, function b, function d, function e, class K, method K.#p, method K.v", id="javascript"
        ),
        pytest.param("go", _GO, "struct Server, interface A, type B, method Server.Run, function F", id="go"),
        pytest.param("rust", _RUST, "struct P, impl P, method P.new, module m, function m.q, macro mm, enum E", id="rust"),
        pytest.param("java", _JAVA, "class K, method K.K, method K.m, enum K.E, method K.E.z, record R", id="java"),
        pytest.param("c", _C, "function add, macro F, struct s, type T, function fp", id="c"),
        pytest.param(
            "c++", _CPP, "namespace n, class n.A, method n.A.A, method n.A.~A, method n.A.operator==, function n.A::f, type n.X", id="cpp"
        ),
    ],
)
def test_every_definition_is_found_with_its_kind_and_its_place(language: str, content: bytes, expected: str) -> None:
    assert ", ".join(_describe(content, language)) == expected


@pytest.mark.parametrize(
    ("language", "content", "name", "head"),
    [
        ("python", _PYTHON, "A", "class A(B):"),
        ("python", _PYTHON, "g", "async def g(a,\n            b):"),
        ("typescript", _TYPESCRIPT, "A", "export default class A<T> extends B"),
        ("typescript", _TYPESCRIPT, "m", "private m(x: number): void"),
        ("typescript", _TYPESCRIPT, "f", "export const f = async (a: string) =>"),
        ("go", _GO, "Server", "type Server[T any] struct"),
        ("go", _GO, "Run", "func (s *Server[T]) Run(a int) (err error)"),
        ("rust", _RUST, "new", "pub fn new() -> Self"),
        ("java", _JAVA, "m", "void m() throws E"),
        ("c", _C, "add", "static int *add(int a, int b)"),
        ("cpp", _CPP, "A", "template <class T>\nclass A : public B"),
    ],
)
def test_a_signature_is_the_head_alone(language: str, content: bytes, name: str, head: str) -> None:
    found = next(one for one in find_definitions(content, language) if one.name == name)
    assert content[found.signature.start : found.signature.end].decode() == head


@pytest.mark.parametrize(
    ("language", "content", "name", "docs"),
    [
        ("python", _PYTHON, "A", "Holds.\n\nMore of it."),
        ("python", _PYTHON, "f", "one"),
        ("python", _PYTHON, "g", None),
        ("typescript", _TYPESCRIPT, "A", "Adds."),
        ("typescript", _TYPESCRIPT, "m", "Says m.\n@param x - how often"),
        ("typescript", _TYPESCRIPT, "f", None),
        ("go", _GO, "Server", "Server serves.\nIt does."),
        ("go", _GO, "A", "A is a."),
        ("go", _GO, "Run", None),
        ("go", _GO, "F", "F fs."),
        ("rust", _RUST, "P", "A point.\nFlat."),
        ("rust", _RUST, "new", None),
        ("java", _JAVA, "K", "Keeps."),
        ("c", _C, "add", "Adds."),
        ("cpp", _CPP, "A", "Keeps."),
    ],
)
def test_docs_are_read_without_their_marks(language: str, content: bytes, name: str, docs: str | None) -> None:
    found = next(one for one in find_definitions(content, language) if one.name == name)
    assert (read_docs(content, found.docs.start, found.docs.end) if found.docs else None) == docs


def test_the_whole_of_a_definition_begins_with_its_comments_and_decorators() -> None:
    found = find_definitions(_PYTHON, "python")
    wholes = [_PYTHON[one.whole.start : one.whole.end] for one in found]
    assert [whole.splitlines()[0].strip() for whole in wholes] == [b"# about A", b"@property", b"def inner(): pass", b"async def g(a,"]
    assert wholes[0].endswith(b"def inner(): pass")


@pytest.mark.parametrize("language", [None, "", "cobol", "text"])
def test_a_language_without_a_grammar_has_no_definitions(language: str | None) -> None:
    assert find_language(language) is None
    assert find_definitions(b"def f(): pass\n", language or "") == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_grammar_is_installed(language: str) -> None:
    assert load_grammar(language).node_kind_count > 0
    assert find_language(language.upper()) == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"\xff\xfe", b"(" * 20_000, b"{\n" * 20_000, b"class A:\n def f(\n", b"/*", b'"""', b"x = 1\n" + b"y" * 9_000],
    ids=["empty", "NUL", "no-text", "brackets", "braces", "unfinished", "comment", "string", "long-line"],
)
def test_broken_files_have_few_definitions_and_no_failure(language: str, content: bytes) -> None:
    assert len(find_definitions(content, language)) <= 2


def test_a_tree_that_takes_more_work_than_any_code_is_given_up() -> None:
    assert parse(b"~ /\n" * 20_000, "python") is None
    assert parse(b"x = 1\n" * 20_000, "python") is not None


@pytest.mark.parametrize(
    "unit", [b"def f():\n    '''Doc.'''\n\n", b"class A:\n  x = [1,\n 2]\n", b"~ /\n", b"("], ids=["defs", "classes", "errors", "deep"]
)
def test_definitions_cost_in_proportion_to_the_file(unit: bytes) -> None:
    assert_in_proportion(lambda content: find_definitions(content, "python"), lambda size: unit * size, size=300)
