"""The way to a model server: straight to this machine and its private network, by a proxy only where more is allowed."""

from __future__ import annotations

import base64
import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import unquote, urlsplit

from notewright.errors import UsageError
from notewright.llm.wire.address import check_address, check_peer, is_loopback

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class _Proxy:
    """An HTTP proxy, and what it is told of us."""

    host: str
    port: int
    headers: dict[str, str]


class Route:
    """Opens sockets to the server of an address, encrypted where it begins with https."""

    def __init__(self, url: str, *, allow_remote: bool) -> None:
        """Raises `UsageError` or `ModelError` for an address that is malformed, unknown or not allowed."""
        check_address(url, allow_remote=allow_remote)
        parts = urlsplit(url)
        self._url = url
        self._prefix = parts.path
        self._netloc = parts.netloc
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._allow_remote = allow_remote
        # loading certificates takes .05 s, which plain http does not need
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._proxy = _find_proxy(parts.scheme, parts.netloc) if allow_remote and not is_loopback(url) else None

    def connect(self, timeout_s: float) -> socket.socket:
        """Return a socket on which nothing has been said but the encryption agreed upon. Raises `OSError`, and `ModelError` for a name
        that leads elsewhere than when it was looked up first."""
        wire = self._open(timeout_s)
        try:
            if not self._allow_remote:
                check_peer(str(wire.getpeername()[0]).partition("%")[0])
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self._tls.wrap_socket(wire, server_hostname=self._host) if self._tls else wire
        except BaseException:
            wire.close()
            raise

    def request(self, path: str) -> tuple[str, dict[str, str]]:
        """Return what is asked for in the first line of a request, and the headers that say on which way."""
        if self._proxy and not self._tls:
            return self._url + path, {"Host": self._netloc, **self._proxy.headers}
        return self._prefix + path, {"Host": self._netloc}

    def _open(self, timeout_s: float) -> socket.socket:
        if self._proxy is None:
            return socket.create_connection((self._host, self._port), timeout_s)
        if self._tls is None:
            return socket.create_connection((self._proxy.host, self._proxy.port), timeout_s)
        tunnel = HTTPConnection(self._proxy.host, self._proxy.port, timeout=timeout_s)
        tunnel.set_tunnel(self._host, self._port, self._proxy.headers)
        tunnel.connect()
        wire: socket.socket = tunnel.sock
        return wire


def _find_proxy(scheme: str, netloc: str) -> _Proxy | None:
    """Return the proxy that the environment names for an address. Raises `UsageError` for one of another kind."""
    from urllib.request import getproxies, proxy_bypass  # loads much that nobody needs who asks this machine

    named = getproxies()
    address = named.get(scheme) or named.get("all")
    if not address or proxy_bypass(netloc):
        return None
    parts = urlsplit(address if "://" in address else f"http://{address}")
    try:
        port = parts.port or _PORTS["http"]
    except ValueError:
        port = 0
    if parts.scheme != "http" or not parts.hostname or not port:
        raise UsageError(
            f"the proxy that the environment names for {scheme} is no http://HOST:PORT",
            hint=f"correct {scheme.upper()}_PROXY or ALL_PROXY, or name the model server in NO_PROXY",
        )
    secret = base64.b64encode(f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()).decode() if parts.username else ""
    return _Proxy(parts.hostname, port, {"Proxy-Authorization": f"Basic {secret}"} if secret else {})
