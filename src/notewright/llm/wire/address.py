"""Addresses of model servers: this machine and its private network, unless the user allows more."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from notewright.errors import ModelError, UsageError

# Loopback and private use (RFC 1918, RFC 4193). Link-local is left out: clouds answer there with the machine's secrets.
_LOOPBACK = tuple(map(ip_network, ("127.0.0.0/8", "::1/128")))
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))


_PLAIN = re.compile(r"[A-Za-z0-9:/\[\]._~%-]+")


def check_address(url: str, *, allow_remote: bool) -> None:
    """Let pass http and https addresses whose host resolves to this machine or a private network only, or any host where
    `allow_remote` says so.

    Raises `UsageError` for what is no address of a server, `ModelError` for a host that is refused or unknown.
    """
    host = _read_host(url)
    if not host:
        raise UsageError(f"{url!r} is no address of a model server", hint="write it as http://127.0.0.1:8080, without a user name")
    if not allow_remote:
        for address in _resolve(host):
            check_peer(address)


def check_peer(address: str) -> None:
    """Raise `ModelError` for an IP address outside this machine and private networks."""
    if not _within(ip_address(address), _LOOPBACK + _PRIVATE):
        raise ModelError(
            f"the model server's address {address} is neither on this machine nor in a private network",
            hint="nothing leaves the machine unless llm.allow_remote is set to true",
        )


def is_loopback(url: str) -> bool:
    """Return whether the address can only mean this machine."""
    host = _read_host(url) or ""
    if host == "localhost":
        return True
    try:
        return _within(ip_address(host), _LOOPBACK)
    except ValueError:
        return False


def _read_host(url: str) -> str | None:
    """Return the host of an address that is well-formed and plain: no user name, no query, no fragment, nothing that clients
    read in different ways."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    plain = parts.scheme in ("http", "https") and parts.username is None and not parts.query and not parts.fragment
    return parts.hostname if plain and _PLAIN.fullmatch(url) else None


def _resolve(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ModelError(f"the host {host} of the model server is unknown", hint="check the address and the name service") from error
    return [str(entry[4][0]).partition("%")[0] for entry in found]


def _within(address: IPv4Address | IPv6Address, networks: tuple[object, ...]) -> bool:
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in networks)  # type: ignore[operator]  # a mixed tuple of IPv4 and IPv6 networks
