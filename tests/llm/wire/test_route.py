"""The way to a server: a proxy where remote hosts are allowed, and never otherwise."""

from __future__ import annotations

import shutil
import ssl
from base64 import b64encode
from pathlib import Path

import pytest

from notewright.errors import ModelError, UsageError
from notewright.llm.wire.connection import Connection
from tests.parts.certificate import make_certificate
from tests.parts.impostor import Exchange, Impostor, http

_ELSEWHERE = "http://model.invalid:8000"  # a name that nobody can look up: only a proxy reaches it
_HELLO = {"hello": "world"}


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def _get(url: str) -> object:
    return Connection(url, allow_remote=True).get("/props", timeout_s=10)


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_server_out_there_is_asked_by_the_environments_proxy(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with Impostor({f"{_ELSEWHERE}/props": http(_HELLO)}) as proxy:
        monkeypatch.setenv(name, proxy.url)
        assert _get(_ELSEWHERE) == _HELLO
        assert proxy.asked == [f"{_ELSEWHERE}/props"]


def test_a_proxy_named_without_a_scheme_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    with Impostor({f"{_ELSEWHERE}/props": http(_HELLO)}) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
        assert _get(_ELSEWHERE) == _HELLO


@pytest.mark.parametrize("names", ["model.invalid", ".invalid", "*", "other.invalid,model.invalid:8000"])
def test_no_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch, names: str) -> None:
    with Impostor() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", names)
        with pytest.raises(ModelError, match="cannot reach"):
            _get(_ELSEWHERE)
        assert proxy.asked == []


def test_this_machine_is_asked_without_a_proxy_where_remote_hosts_are_allowed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with Impostor() as proxy, Impostor({"/props": http(_HELLO)}) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert _get(server.url) == _HELLO
        assert proxy.asked == []


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "https://127.0.0.1:3128", "http://:3128", "http://127.0.0.1:many"])
def test_a_proxy_of_another_kind_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(UsageError, match="no http://HOST:PORT") as failure:
        _get(_ELSEWHERE)
    assert "NO_PROXY" in str(failure.value.hint)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_an_encrypted_server_is_reached_through_a_tunnel_that_the_key_does_not_leave(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = make_certificate(tmp_path, "DNS:model.invalid")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    heard: list[bytes] = []

    def tunnel(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(exchange.wire, server_side=True) as inside:
            heard.append(inside.recv(4096))
            inside.sendall(http(_HELLO))

    with Impostor({"model.invalid:443": tunnel}) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("://", "://me:s%40fe@"))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        connection = Connection("https://model.invalid/base", allow_remote=True, api_key="sesame")
        assert connection.get("/props", timeout_s=10) == _HELLO
        assert proxy.asked == ["model.invalid:443"]
        assert any(header.startswith("Proxy-Authorization") for header in proxy.headers)
        assert not any("sesame" in header for header in proxy.headers)
    (request,) = heard
    assert request.startswith(b"GET /base/props HTTP/1.1\r\n")
    assert b"Host: model.invalid\r\n" in request
    assert b"Authorization: Bearer sesame\r\n" in request
    assert b"Proxy-Authorization" not in request


def test_a_proxy_hears_the_name_and_password_that_its_address_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    with Impostor({f"{_ELSEWHERE}/props": http(_HELLO)}) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("://", "://me:s%40fe@"))
        assert _get(_ELSEWHERE) == _HELLO
    assert f"Proxy-Authorization: Basic {b64encode(b'me:s@fe').decode()}" in proxy.headers
