"""Personal data: e-mail addresses and public network addresses in a text, and the text with addresses of nobody instead."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator

from notewright.screening.finding import Finding, in_order
from notewright.screening.top_domains import TOP_DOMAINS

# Reserved for documentation (RFC 2606, RFC 5737, RFC 3849): code with them stays code, and what was redacted is not found again.
_INSTEAD = {"email": "redacted@example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1"}
# Each is looked for where its rarest sign is: the search for a beginning is what takes long.
_LOCAL = re.compile(r"(?<![\w.+%/@-])[A-Za-z0-9][\w.+%-]{0,63}$")
_DOMAIN = re.compile(r"((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}([A-Za-z]{2,18}))(?![\w@(]|-\w|\.\w)")
_NOBODY = re.compile(
    r"(?i)(?:git|hg|svn|.*no-?_?reply.*|donotreply|do-not-reply|example|user(?:name)?|you|your[\w.-]*|foo|bar|baz|name|email)\d{0,3}"
)
# RFC 2606 and RFC 6761, and what GitHub gives to those who hide theirs
_RESERVED = re.compile(
    r"(?i)(?:.*\.)?(?:example\.(?:com|org|net|edu)|example|test|invalid|localhost|local|internal|users\.noreply\.github\.com)"
)
_MOST_LOCAL = 64  # characters (RFC 5321, section 4.5.3.1.1)
_IN_ADDRESS = re.compile(r"://[^\s/@\"'<>]{0,100}$")  # what stands before the at sign of a URL
_REMOTE = re.compile(r":(?!\d+\b)[\w~./-]*[\w/]")  # what follows the host of user@host:path
# What each has in the middle, which is soon found to be nowhere.
_IN_IPV4 = re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]")
_IN_IPV6 = re.compile(r":(?<=[0-9A-Fa-f]{3}:)[0-9A-Fa-f]{0,4}:")
_IPV4 = re.compile(r"[0-9](?<![\w.-].)[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?![\w-]|\.\w)")
_IPV6 = re.compile(r"[23](?<![\w:.].)[0-9A-Fa-f]{3}:(?:[0-9A-Fa-f]{0,4}:){1,6}[0-9A-Fa-f]{0,4}(?![\w:]|\.\w)")
_LEAST_GROUPS = 3  # of IPv6: `2000::3` is a slice as well
_CONTEXT = 200  # characters before a number or an at sign that tell what it is
_VERSION_LINE = re.compile(r"(?i)version|\boids?\b|\brfc ?\d|assembly|changelog|release|\bsections?\b|\bspec\b|§")
_VERSION_BEFORE = re.compile(r"(?i)(?:\b(?:v|ver|rev|build|since|sec|chapter|clause|table|figure|annex)\W{0,4}|[<>~^!=]= ?|[~^<>] ?|\w/)$")
_IDENTIFIERS = re.compile(r"(?:[01]\.[23]|2\.5|2\.23)\.")  # where object identifiers begin (ITU-T X.660)


def find_personal(text: str) -> tuple[Finding, ...]:
    """Return e-mail addresses of somebody and network addresses that are reachable from everywhere, in the order of the text: kinds
    `email`, `ipv4` and `ipv6`. Reserved names, the remotes of git and numbers of versions are none."""
    findings = list(_emails(text))
    if _IN_IPV4.search(text):
        findings += _ipv4(text)
    if _IN_IPV6.search(text):
        findings += _ipv6(text)
    return in_order(findings)


def redact(text: str, findings: Iterable[Finding]) -> str:
    """Return the text with an address of nobody for each finding of `find_personal`; no line is added or lost."""
    pieces, end = [], 0
    for finding in findings:
        pieces += [text[end : finding.start], _INSTEAD[finding.kind]]
        end = finding.end
    return "".join([*pieces, text[end:]])


def _emails(text: str) -> Iterator[Finding]:
    at = text.find("@")
    while at >= 0:
        domain = _DOMAIN.match(text, at + 1)
        if domain and domain[2].lower() in TOP_DOMAINS and not _RESERVED.fullmatch(domain[1]) and not _REMOTE.match(text, domain.end()):
            local = _LOCAL.search(text, max(0, at - _MOST_LOCAL), at)
            if local and not _NOBODY.fullmatch(local[0]) and not _IN_ADDRESS.search(text, max(0, at - _CONTEXT), at):
                yield Finding("email", local.start(), domain.end())
        at = text.find("@", at + 1)


def _ipv4(text: str) -> Iterator[Finding]:
    for match in _IPV4.finditer(text):
        before = text[max(0, match.start() - _CONTEXT) : match.start()]
        before = before[before.rfind("\n") + 1 :]
        version = _IDENTIFIERS.match(match[0]) or _VERSION_LINE.search(before) or _VERSION_BEFORE.search(before)
        if not version and _is_public(match[0]):
            yield Finding("ipv4", match.start(), match.end())


def _ipv6(text: str) -> Iterator[Finding]:
    for match in _IPV6.finditer(text):
        if len([group for group in match[0].split(":") if group]) >= _LEAST_GROUPS and _is_public(match[0]):
            yield Finding("ipv6", match.start(), match.end())


def _is_public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    # what ends in zero names a network, or a version
    return address.is_global and not address.is_multicast and bool(int(address) & 0xFF)
