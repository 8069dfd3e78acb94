"""Addresses of people and of machines are found and replaced; versions, remotes and reserved names are left alone."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.screening.personal import find_personal, redact


def _kinds(text: str) -> list[str]:
    return [finding.kind for finding in find_personal(text)]


@pytest.mark.parametrize(
    "address",
    [
        "joe@gmail.com",
        "Jane.Roe@company.co.uk",
        "first.last+tag@sub.domain.org",
        "o_brien-2@web.de",
        "12345678@qq.com",
        "hans.mueller99@uni-bonn.de",
        "a@b.io",
        "dev@startup.dev",
        "x" * 64 + "@mail.ru",
    ],
)
@pytest.mark.parametrize(
    "place",
    [
        "# Copyright 2020 Joe <{}>",
        '__author__ = "Joe ({})"',
        'AUTHORS = ["{}"]',
        "mailto:{}",
        "Write to {}.",
        "{},",
        "{}: thanks",
        "\\\\ {} \\\\",
        "email={}&x=1",
        "joe's:{}",
    ],
)
def test_an_address_of_a_person_is_found(address: str, place: str) -> None:
    text = f"first\n{place.format(address)}\nlast"
    (finding,) = find_personal(text)
    assert (finding.kind, text[finding.start : finding.end]) == ("email", address)


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com:org/repo.git",
        "user@example.com",
        "joe@example.org",
        "joe@mail.example.net",
        "joe@host.test",
        "joe@localhost",
        "joe@machine.local",
        "noreply@github.com",
        "41898282+github-actions[bot]@users.noreply.github.com",
        "1234+joe@users.noreply.github.com",
        "no-reply@company.com",
        "ssh://deploy@host.org/repo.git",
        "https://joe@git.company.com/x",
        "https://joe:pw@git.company.com/x",
        "deploy@server.com:/srv/app",
        "result = weights@inputs.shape",
        "y = a@b.data + c@d.grad",
        "@decorator.attribute",
        "package@1.2.3",
        "npm install react@18.2.0",
        "user@host",
        "@media (min-width: 3em)",
    ],
)
def test_what_only_looks_like_an_address_is_left_alone(text: str) -> None:
    assert _kinds(f"a\n{text}\nb") == []


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "1.1.1.1", "185.199.108.153", "172.32.0.1", "100.128.3.4", "223.255.255.1"]
)
@pytest.mark.parametrize(
    "place", ['HOST = "{}"', "http://{}/", "http://{}:8080/x", "connect({}, 53)", "[{}]", "{}/24", "host={}", "see {}.", "joe@{}"]
)
def test_a_public_address_of_a_machine_is_found(address: str, place: str) -> None:
    text = f"x\n{place.format(address)}\ny"
    (finding,) = find_personal(text)
    assert (finding.kind, text[finding.start : finding.end]) == ("ipv4", address)


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.1.10", "172.16.5.4", "169.254.1.1", "0.0.0.0", "255.255.255.255", "224.0.0.5", "100.64.1.1"),
        *("192.0.2.7", "198.51.100.9", "203.0.113.4", "300.1.2.3", "1.2.3.256", "1.2.3", "1.2.3.4.5", "08.8.8.8", "93.184.216.0/24"),
        *(
            "v1.2.3.4",
            "version 1.2.3.4",
            '__version__ = "1.2.3.4"',
            "requires foo>=1.2.3.4",
            "foo==1.2.3.4",
            "foo ~= 1.4.5.2",
            "foo-1.2.3.4.tar.gz",
        ),
        *(
            "Chrome/91.0.44.124",
            'AssemblyVersion("1.2.3.4")',
            "see section 3.2.6.1",
            "RFC 9110, 8.3.1.2",
            "since 4.1.2.9",
            "§ 4.3.2.1",
            "OID 1.3.6.1",
        ),
        *("x = 2.5.29.17", "1.3.14.3", "1.2.3.4-rc1", "build 7.1.4.34", "release 10.20.30.41", "a.1.2.3.4", "1_2.3.4.5"),
    ],
)
def test_private_reserved_and_version_numbers_are_left_alone(text: str) -> None:
    assert _kinds(f"a\n{text}\nb") == []


@pytest.mark.parametrize("address", ["2001:4860:4860::8888", "2606:4700:4700::1111", "2a00:1450:4001:81b:0:0:0:200e", "2620:fe::fe"])
@pytest.mark.parametrize("place", ['"{}"', "http://[{}]:80/", "host {}", "{}/64"])
def test_a_public_address_of_six_is_found(address: str, place: str) -> None:
    text = f"x\n{place.format(address)}\ny"
    (finding,) = find_personal(text)
    assert (finding.kind, text[finding.start : finding.end]) == ("ipv6", address)


@pytest.mark.parametrize(
    "text",
    [
        "::1",
        "fe80::1",
        "2001:db8::7",
        "fd00::1",
        "12:30:45",
        "2024:10:11",
        "x[2000::3]",
        "std::vector",
        "face::bad",
        "2001::",
        "00:1a:2b:3c:4d:5e",
        "2023:12:31:23:59:59",
    ],
)
def test_what_only_looks_like_six_is_left_alone(text: str) -> None:
    assert _kinds(f"a\n{text}\nb") == []


def test_code_with_addresses_stays_code_when_they_are_replaced() -> None:
    code = 'ADMINS = ("joe@gmail.com", "ann@web.de")\nHOSTS = {"8.8.8.8": 1, "2001:4860:4860::8888": 2}\n'
    safe = redact(code, find_personal(code))
    assert safe == 'ADMINS = ("redacted@example.com", "redacted@example.com")\nHOSTS = {"192.0.2.1": 1, "2001:db8::1": 2}\n'
    ast.parse(safe)


_PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["joe@gmail.com", "8.8.4.4", "2001:4860:4860::8888", "\n", "\r\n", "\u2028", " ", "@", ":", ".", "1.2.3.4", "//", "-", "a"]
    ),
)


@given(st.lists(_PIECES, max_size=20).map("".join))
def test_what_was_replaced_is_not_found_again_and_no_line_is_lost(text: str) -> None:
    safe = redact(text, find_personal(text))
    assert safe.count("\n") == text.count("\n")
    assert [finding for finding in find_personal(safe) if "redacted@" in safe[finding.start : finding.end]] == []


@given(st.lists(_PIECES, max_size=20).map(" ".join))
def test_one_replacement_is_enough(text: str) -> None:
    safe = redact(text, find_personal(text))
    assert find_personal(safe) == ()


def test_a_text_without_findings_is_returned_as_it_is() -> None:
    assert redact("def f(): ...\n", ()) == "def f(): ...\n"
