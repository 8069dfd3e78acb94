"""Hypothesis strategies: schemas of the subset, and values that they allow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from hypothesis import strategies as st

from notewright.prompting.schema import boolean, choice_of, constant, integer, list_of, nullable, object_of, text_of

_names = st.text(st.characters(codec="ascii", categories=["Ll", "Nd"]), min_size=1, max_size=6)


def _leaves(texts: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, object]]:
    choices = st.lists(texts | st.integers(-99, 99), min_size=1, max_size=4, unique_by=lambda value: (type(value).__name__, value))
    return st.one_of(
        st.just(boolean()),
        st.just(integer()),
        st.builds(lambda size: text_of(at_most=size), st.integers(0, 12)),
        st.builds(choice_of, choices),
        st.builds(constant, st.none() | st.booleans() | st.integers(-99, 99) | texts),
    )


def _list(items: dict[str, object], least: int, more: int) -> dict[str, object]:
    return list_of(items, at_least=least, at_most=least + more)


def _deeper(parts: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[dict[str, object]]:
    return st.one_of(
        st.builds(object_of, st.dictionaries(_names, parts, max_size=3)),
        st.builds(_list, parts, st.integers(0, 1), st.integers(0, 2)),
        st.builds(nullable, parts),
    )


schemas: st.SearchStrategy[dict[str, object]] = st.recursive(_leaves(st.text(max_size=6)), _deeper, max_leaves=6)
# For grammars that let through a part of a character, which a model without a token for the whole of it writes
ascii_schemas: st.SearchStrategy[dict[str, object]] = st.recursive(
    _leaves(st.text(st.characters(codec="ascii"), max_size=6)), _deeper, max_leaves=6
)

json_values: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=14),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(_names, parts, max_size=3),
    max_leaves=6,
)


def allowed(schema: dict[str, object]) -> st.SearchStrategy[object]:
    """Give values that `schema` allows."""
    match schema:
        case {"properties": dict(properties)}:
            return st.fixed_dictionaries({name: allowed(part) for name, part in properties.items()})
        case {"items": dict(items), "minItems": int(least), "maxItems": int(most)}:
            return st.lists(allowed(items), min_size=least, max_size=most)
        case {"maxLength": int(most)}:
            return st.text(max_size=most)
        case {"enum": values}:
            return st.sampled_from(list(cast(Iterable[object], values)))
        case {"const": value}:
            return st.just(value)
        case {"anyOf": [dict(inner), _]}:
            return st.none() | allowed(inner)
        case {"type": "integer"}:
            return st.integers(-(10**16) + 1, 10**16 - 1)
        case {"type": "boolean"}:
            return st.booleans()
    raise AssertionError(schema)
