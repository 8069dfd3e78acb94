"""Nothing leaves the machine and its private network unless the user says so."""

from __future__ import annotations

import pytest

from notewright.errors import ModelError, UsageError
from notewright.llm.wire.address import check_address, check_peer, is_loopback


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://[::1]:8080",
        "http://127.8.8.8",
        "http://10.1.2.3:8080/",
        "https://192.168.0.7",
        "http://172.31.255.1",
        "http://[fd12::7]:80",
        "http://[::ffff:10.0.0.1]",
    ],
)
def test_this_machine_and_private_networks_pass(url: str) -> None:
    check_address(url, allow_remote=False)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://93.184.216.34", id="public"),
        pytest.param("https://1.1.1.1", id="public-https"),
        pytest.param("http://172.32.0.1", id="just-outside"),
        pytest.param("http://169.254.169.254", id="cloud-metadata"),
        pytest.param("http://[2606:4700::1111]", id="public-v6"),
        pytest.param("http://[fe80::1]", id="link-local-v6"),
        pytest.param("http://[::ffff:8.8.8.8]", id="mapped"),
        pytest.param("http://0.0.0.0", id="any"),
        pytest.param("http://134744072", id="decimal-8.8.8.8"),
    ],
)
def test_other_hosts_are_refused_unless_remote_ones_are_allowed(url: str) -> None:
    with pytest.raises(ModelError, match="neither on this machine nor in a private network") as failure:
        check_address(url, allow_remote=False)
    assert "llm.allow_remote" in str(failure.value.hint)
    check_address(url, allow_remote=True)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("ftp://127.0.0.1", id="scheme"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("http://", id="no-host"),
        pytest.param("http://ada:secret@127.0.0.1", id="user"),
        pytest.param("http://127.0.0.1\\@8.8.8.8", id="backslash"),
        pytest.param("http://[::1", id="broken-brackets"),
        pytest.param("http://127.0.0.1:port", id="broken-port"),
        pytest.param("127.0.0.1:8080", id="no-scheme"),
        pytest.param("http://127.0.0.1:99999", id="no-port"),
        pytest.param("http://127.0.0.1?/props", id="query"),
        pytest.param("http://127.0.0.1#name", id="fragment"),
        pytest.param("http://127.0.0.1/\r\nHost: x", id="header"),
        pytest.param("http://exa mple", id="blank"),
    ],
)
def test_what_is_no_address_of_a_server_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError, match="no address of a model server"):
        check_address(url, allow_remote=False)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".invalid"])
def test_an_unknown_host_is_a_model_error(host: str) -> None:
    with pytest.raises(ModelError, match=f"the host {host} of the model server is unknown"):
        check_address(f"http://{host}", allow_remote=False)


def test_the_peer_that_answers_is_checked_again_when_connected() -> None:
    check_peer("127.0.0.1")
    with pytest.raises(ModelError, match="private network"):
        check_peer("8.8.8.8")


@pytest.mark.parametrize(
    ("url", "local"), [("http://localhost", True), ("http://127.1.2.3:1", True), ("http://10.0.0.1", False), ("http://a", False)]
)
def test_only_names_that_can_mean_nothing_else_count_as_this_machine(url: str, *, local: bool) -> None:
    assert is_loopback(url) == local
