"""Screening costs in proportion to a text, whatever somebody writes into it."""

from __future__ import annotations

import pytest

from notewright.screening.personal import find_personal
from notewright.screening.secrets import find_secrets
from tests.parts.cost import assert_in_proportion

# What the patterns begin with, or may go over again and again.
_FOR_SECRETS = [
    ("password ", "password = '", 'password="'),
    ("key" + " " * 40, "ibm_key   =  ", "cloudant"),
    ("://a:", "://", "//x/:_authToken="),
    ("AKC1", "APA1", "eyJa."),
    ("key=", "softlayer_key ", "secret_access_key "),
    ("-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----\nAaa: "),
    ("xoxb-1-", "https://hooks.slack.com/services/T", "aws key "),
    ("a1-", "a1_", "A" * 30 + "7"),
    ("<password>", "--password ", "?token="),
    ("bearer ", "sk-ant-", "glpat-"),
    ("\n", "İ", "\\n"),
    ("x-access-token:", "'", "key["),
]
_FOR_PERSONAL = [("a@", "a@a.", "://a@"), ("a.", "1.", "1.1.1."), ("2001:", "::", "2001:1:"), ("v", "\n", "a.b-")]


@pytest.mark.parametrize("pieces", _FOR_SECRETS, ids=range(len(_FOR_SECRETS)))
def test_secrets_in_a_line_of_the_same_again_and_again_cost_in_proportion(pieces: tuple[str, ...]) -> None:
    assert_in_proportion(lambda texts: [find_secrets(text) for text in texts], lambda size: _lines(pieces, size), size=2_000)


@pytest.mark.parametrize("pieces", _FOR_PERSONAL, ids=range(len(_FOR_PERSONAL)))
def test_addresses_in_a_line_of_the_same_again_and_again_cost_in_proportion(pieces: tuple[str, ...]) -> None:
    assert_in_proportion(lambda texts: [find_personal(text) for text in texts], lambda size: _lines(pieces, size), size=4_000)


def test_a_line_of_a_million_characters_is_searched_to_its_end() -> None:
    token = "github_pat_" + "1A2b3C4d5E" * 6
    text = "x = [" + "1, " * 340_000 + f'"{token}"]'
    (finding,) = find_secrets(text)
    assert text[finding.start : finding.end] == token


def _lines(pieces: tuple[str, ...], size: int) -> list[str]:
    return [piece * (size // len(piece)) for piece in pieces]
