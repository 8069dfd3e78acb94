"""Sources: the repositories that a dataset is mined from, one address a line."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from notewright.errors import ConfigError

_FORMS = "write https://host/owner/name, git@host:owner/name or a path that begins with / or ./"
_PORTS = {"https": 443, "ssh": 22}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_HELPER = re.compile(r"[A-Za-z0-9+._-]*::")
_SCP_LIKE = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>[^@/:]+):(?P<path>.+)")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")  # a name, or an IPv6 address
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_ENCODED_CONTROL = re.compile(r"%(?:[01][0-9A-Fa-f]|7[Ff])")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_REF_APART = re.compile(r"\s+@(\S*)$")  # what stands before the space is the address, whatever it holds
_REF = re.compile(r"(?<!/)@(.*)")  # a folder may be named @scope
# git-check-ref-format(1), and what a command line could mistake
_WRONG_REF = re.compile(r"^$|^-|[\s~^:?*\[\\\x7f]|\.\.|@\{|^@$|//|^/|/$|\.$|(?:^|/)\.|\.lock(?:/|$)")
_SHOWN_LINES = 10
_SHOWN_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Source:
    """A repository by its address, which holds no password, and the branch, tag or commit that is wanted; None: its default branch."""

    url: str
    ref: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether the address is a path of this machine."""
        return _is_local(self.url)

    @property
    def name(self) -> str:
        """What rows call the repository: host/owner/name, the same over https and ssh, or the path as it was written."""
        return _read_address(self.url).name


@dataclass(frozen=True, slots=True)
class _Address:
    scheme: str
    user: str
    host: str
    path: str

    @property
    def name(self) -> str:
        return f"{self.host}/{self.path.lstrip('/')}" if self.host else self.path


class _WrongError(ValueError):
    """Why a line is no source; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str = _FORMS) -> None:
        super().__init__(message)
        self.hint = hint


def parse_sources(text: str, name: str) -> tuple[Source, ...]:
    """Return the sources of a file called `name`: an address a line, with `@ref` right after it or after a space; `#` begins a comment.

    A line that repeats another is taken once. Raises `ConfigError` that names every line which is no address of https, ssh or this
    machine, holds a password, could be taken for an option, or names a repository again with another ref or by another way.
    """
    lines = (_COMMENT.sub("", line).strip() for line in text.removeprefix("\ufeff").split("\n"))
    numbered = ((f"line {number}", line) for number, line in enumerate(lines, 1) if line)
    return _collect(numbered, name, f"write a line like https://github.com/owner/name into {name}")


def list_sources(entries: Iterable[str], name: str) -> tuple[Source, ...]:
    """Return the sources of a configured list, each written as a line of a file is. Raises `ConfigError`."""
    numbered = ((f"entry {number}", entry.strip()) for number, entry in enumerate(entries, 1))
    return _collect(numbered, name, f"write an address like https://github.com/owner/name into {name}")


def _collect(lines: Iterable[tuple[str, str]], name: str, empty_hint: str) -> tuple[Source, ...]:
    found: dict[str, tuple[Source, str]] = {}
    wrong: list[tuple[str, _WrongError]] = []
    for place, line in lines:
        try:
            source = _read_source(line)
            first, where = found.setdefault(source.name, (source, place))
            _check_same(first, source, where)
        except _WrongError as error:
            wrong.append((place, error))
    if wrong:
        told = "; ".join(f"{place}: {error}" for place, error in wrong[:_SHOWN_LINES])
        more = f"; and {len(wrong) - _SHOWN_LINES} more" if len(wrong) > _SHOWN_LINES else ""
        raise ConfigError(f"{name}, {told}{more}", hint=wrong[0][1].hint)
    if not found:
        raise ConfigError(f"{name} names no repository", hint=empty_hint)
    return tuple(source for source, _ in found.values())


def _check_same(first: Source, other: Source, where: str) -> None:
    if _read_address(first.url) != _read_address(other.url):
        raise _WrongError(f"this is the repository of {where} by another address", "keep one of the two")
    if first.ref != other.ref:
        raise _WrongError(f"this is the repository of {where} with another ref", "a dataset takes one commit of a repository: keep one")


def _read_source(line: str) -> Source:
    url, ref = _split_ref(line)
    if not f"{url}{ref or ''}".isprintable():
        raise _WrongError("control or invisible characters in the address", "type the address anew instead of copying it")
    if ref is not None and _WRONG_REF.search(ref):
        raise _WrongError(f"{_shown(ref)} is not the name of a branch or tag, nor a commit", "write it after the address: URL@v1.2")
    _read_address(url)
    return Source(url, None if ref == "HEAD" else ref)


def _split_ref(line: str) -> tuple[str, str | None]:
    if match := _REF_APART.search(line):
        return line[: match.start()], match[1]
    begin = _begin_of_path(line)
    match = _REF.search(line, begin) if begin >= 0 else None
    return (line[: match.start()], match[1]) if match else (line, None)


def _begin_of_path(line: str) -> int:
    """Return where the `@` of a ref may stand: behind the user and the host; -1 for nowhere."""
    if scheme := _SCHEME.match(line):
        return line.find("/", scheme.end())
    return 0 if _is_local(line) else line.find(":")


def _is_local(url: str) -> bool:
    return url in (".", "..") or url.startswith(("/", "./", "../", "~/"))


def _read_address(url: str) -> _Address:
    if url.startswith("-"):
        raise _WrongError("an address does not begin with -, git would take it for an option")
    if _HELPER.match(url):
        raise _WrongError("git would run a program for an address with `::`")
    if _is_local(url):
        return _Address("", "", "", posixpath.normpath(url))
    if match := _SCHEME.match(url):
        return _read_url(url, match[1].lower())
    if match := _SCP_LIKE.fullmatch(url):
        return _read_scp_like(match["user"] or "", match["host"].lower(), match["path"])
    if "@" in url:  # never shown: a token may stand before it
        raise _WrongError("this is not the address of a repository")
    raise _WrongError(f"{_shown(url)} is not the address of a repository")


def _read_scp_like(user: str, host: str, path: str) -> _Address:
    if not user and "/" not in path and not path.endswith(".git"):  # else user:password@host would be host:path@ref
        raise _WrongError("host:path without a user and without a folder is too little of an address", "write ssh://host/path")
    return _checked(_Address("ssh", user, host, path), None)


def _read_url(url: str, scheme: str) -> _Address:
    if scheme == "file":
        raise _WrongError("file:// is not taken", "write the path itself, such as /srv/git/app")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _WrongError("this is not the address of a repository") from error
    if parts.password or (parts.username is not None and scheme != "ssh"):  # never shown: a user name alone may be a token
        raise _WrongError("a name or password in the address", "take it out and set NOTEWRIGHT_TOKEN, or use ssh")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise _WrongError("an address of a repository has no ? and no #")
    if scheme not in ("https", "ssh") and not (scheme == "http" and _is_loopback(host)):
        raise _WrongError(f"{scheme}:// is not taken", "use https:// or ssh; http:// only reaches this machine")
    return _checked(_Address(scheme, parts.username or "", host, parts.path), port)


def _checked(address: _Address, port: int | None) -> _Address:
    path = address.path.rstrip("/").removesuffix(".git")
    if not _HOST.fullmatch(address.host) or (address.user and not _USER.fullmatch(address.user)):
        raise _WrongError("the host of the address is not a name that git may be given", "write another alphabet's name as xn--…")
    if not path.strip("/") or " " in path or path.startswith("-") or _ENCODED_CONTROL.search(path):
        raise _WrongError("the address names no repository on its host")
    if {".", ".."} & set(unquote(path).split("/")):
        raise _WrongError("the address has . or .. in its path")
    host = f"[{address.host}]" if ":" in address.host else address.host
    shown_port = f":{port}" if port and port != _PORTS.get(address.scheme) else ""
    return _Address(address.scheme, address.user, host + shown_port, path)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…")
