"""Strings of TOML and JSON are found where they stand, whatever stands around them."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.review.places import Path, json_places, replace_places, toml_places


def strings(value: Any, path: Path = (), *, lists: bool = True) -> dict[Path, str]:  # noqa: ANN401  # any document
    """Every string of a document by its path."""
    if isinstance(value, str):
        return {path: value}
    if isinstance(value, dict):
        return {key: text for name, item in value.items() for key, text in strings(item, (*path, name), lists=lists).items()}
    if isinstance(value, list) and (lists or all(isinstance(item, dict) for item in value)):
        return {key: text for number, item in enumerate(value) for key, text in strings(item, (*path, number), lists=lists).items()}
    return {}


HARD_TOML = '''\
# version = "0"
title = "a # b" # version = "0"
text = """
[project]
version = "0"
quotes ""\\"""" # the last quote is a part of it
literal = \'\'\'
version = '0'\'\'\'\'
"quoted key"."ver\\u0073ion" = 'no \\ escape'
a.b . "c.d" = "dotted"
numbers = [1.5, 1979-05-27T07:32:00Z, nan, "]", """]
""", [ "version = '0'" ], { version = "in a list" }]
inline = { version = "1", deep = { "x" = '2' }, list = ["}"] , n = 1.5}
[project] # [other]
version="3"
[ "strange . key" . x ]
version = """4"""
[[package]]
name = "one"
version = "5"
[package.metadata]
version = "6"
[[package]]
version = "7"
[[package.target]]
version = "8"
[[package.target]]
version = "9"
[empty]
last = true
'''


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_toml_text_full_of_traps_is_read_as_the_library_reads_it(newline: str) -> None:
    text = HARD_TOML.replace("\n", newline)
    data = tomllib.loads(text)
    found = {place.path: text[place.start : place.end] for place in toml_places(text)}
    wanted = {path: value for path, value in strings(data).items() if path[0] != "numbers" and "list" not in path}
    assert found.keys() == wanted.keys()
    assert {path for path in found if found[path] != wanted[path]} <= {("text",), ("literal",)}, "those hold escapes and line ends"
    for place in toml_places(text):
        changed = tomllib.loads(replace_places(text, [place], "NEW"))
        assert {path for path, value in strings(changed).items() if value != strings(data)[path]} == {place.path}


KEYS = st.text(max_size=5).filter(lambda text: not any("\ud800" <= one <= "\udfff" for one in text))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, JSON, max_size=4), st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_every_string_of_a_json_text_is_found(data: dict[str, Any], escaped: bool, indent: int | str | None) -> None:
    text = json.dumps(data, ensure_ascii=escaped, indent=indent)
    found = {place.path: json.loads(f'"{text[place.start : place.end]}"') for place in json_places(text)}
    # a key written with halves of a surrogate pair is no key of a version, and found under another name
    wanted = {path: value for path, value in strings(data).items() if len(path) <= 4}
    plain = {path for path in wanted if all(not isinstance(key, str) or key.isascii() for key in path)}
    assert {path: found.get(path) for path in plain} == {path: wanted[path] for path in plain}
    assert len(found) == len(wanted) or not escaped


@given(st.text(alphabet="[]{}=,.\"'#\\\n ab1", max_size=60))
def test_whatever_toml_the_library_takes_is_walked_through(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    wanted = strings(data, lists=False)
    for place in toml_places(text):
        assert place.path in wanted
