"""Assignments: passwords and keys that no service's shape gives away, told by the name they are given and by how random they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from notewright.screening.shapes import is_random

HINTS = ("pass", "pwd", "secret", "token", "key", "auth", "credential")
_SIGNATURE = "sig="  # a value's name without a hint: it counts beside one that has
CONFIGURATION = frozenset(
    {"yaml", "ini", "toml", "java-properties", "dotenv", "text", "shell", "batchfile", "dockerfile", "hcl", "makefile"}
)

# What a name ends in: whatever is given to the first must be one, to the second if it looks random, to the third if it is also long.
_PASSWORD = re.compile(
    r"(?:(?i:password|passwd|passphrase|passcode|(?:db|my|user|root|admin|mysql|smtp|ftp|ssh)pass)"
    r"|(?:^|[^A-Za-z])(?i:passw?|pwd)|[a-z](?:Pass|Pwd))$"
)
_STRONG = re.compile(
    r"(?i)(?:secret|credentials?|authorization|auth"
    r"|(?:api|access|auth|priv(?:ate)?|secret|encryption|signing|master|account|service|client|session|admin|db|database|ssh|shared)[_.-]?key"
    r"|(?:api|access|auth|refresh|bearer|session|secret|bot|oauth|private|personal|deploy)[_.-]?token)$"
)
_WEAK = re.compile(r"(?i)(?:key|token|secret\w{1,10}|pass\w{1,14})$")

_NAME = r"(?<![\w.-])(?P<name>[\w.$-]{0,60}?(?:pass|pwd|secret|token|key|auth|credential)[\w.-]{0,40})"
_VALUE = r"""(?P<quote>["'`])(?P<value>[^"'`\n\\]{6,300})(?P=quote)"""
_BETWEEN = r"""(?:["'`]?\]?|\[\d{0,4}\])[ \t]{0,20}
    (?: (?:[:=]=?>?|[!=]==?|->|,)[ \t]{0,20}                                  # name = "…", "name": "…", name => "…", setenv("name", "…")
      | \([ \t]{0,4}                                                         # name("…")
      | (?<=\w)(?:[ ]?:[ ]?|[ ])[\w\[\]*.|?<>]{1,40}[ \t]{0,8}=[ \t]{0,8}         # name: type = "…", name type = "…"
    )
    (?:\[|\(|@|(?:new[ ])?\w{1,20}\(|[brufBRUF]{1,2}(?=["']))?"""
_QUOTED = re.compile(_NAME + _BETWEEN + _VALUE, re.VERBOSE | re.IGNORECASE)
_DEFINED = re.compile(rf"#[ \t]{{0,8}}define[ \t]{{1,8}}{_NAME}[ \t]{{1,40}}{_VALUE}", re.IGNORECASE)
_TAGGED = re.compile(rf"<{_NAME}>[ \t]{{0,8}}(?P<value>[^<>\s]{{6,300}})</", re.IGNORECASE)
# In addresses, in strings that say how to connect, and on command lines.
_PARAMETER = re.compile(
    r"""(?:[?&;]|--|\b)(?P<name>[\w-]{0,20}(?:password|passwd|pwd|passphrase|secret|token|api_?key|access_?key|sig))
    (?:=|(?<=--password)[ ])(?P<value>[^\s&;"'`<>(){}$,\\]{6,300})(?=[&;"'`\s]|$)""",
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN = re.compile(
    rf"""^[ \t-]{{0,40}}(?:(?:export|set|ENV|ARG)[ ]{{1,4}})?{_NAME}["']?[ \t]{{0,20}}[:=][ \t]{{0,20}}
    (?P<value>[^\s"'`\#]{{6,300}})[ \t\r]*$""",
    re.VERBOSE | re.IGNORECASE,
)

# What follows a hint, in small letters, wherever one of the patterns finds a value that may be a secret. Far fewer places have it.
_TELLING = r"""(?=[^"'`\n\\\s{}<>()|\[\]]{0,299}?[0-9!@#%^&*?+=~])"""
_QUOTED_LIKELY = rf"""["'`]{_TELLING}[^"'`\n\\\s{{}}<>()|\[\]]{{6,300}}["'`]"""
_BARE_LIKELY = r"(?=[^\s\\{}<>()|\[\]]{0,299}?[0-9!@#%^&*?+=~])[^\s\\{}<>()|\[\]]{6}"
_LIKELY, _LIKELY_PLAIN = (
    re.compile(
        rf"""(?:pass|pwd|secret|token|key|auth|credential)[\w.-]{{0,40}}
        (?: (?:{_BETWEEN}|[ \t]{{1,40}}) {_QUOTED_LIKELY} | (?:>[ \t]{{0,8}}|=|(?<=--password)[ ]{plain}) {_BARE_LIKELY} )""",
        re.VERBOSE,
    )
    for plain in ("", r"""|["']?[ \t]{0,20}[:=][ \t]{0,20}""")
)

# Words that stand for a value where there is none. What they leave of a value is judged.
_PLACEHOLDERS = """
    changeme change.me changethis examples? placeholder your dummy fake sample redacted hidden masked censored x{3,} \\*{2,}
    \\.{3} todo insert replace enter tests?(?:ing)? foo bar baz qux spam eggs abc(?:def?)?(?:gh\\w{0,18})? none null true false
    undefined default required optional invalid wrong incorrect bad mock some any secrets? super pass(?:word|wd|phrase|code)?
    passw pwd tokens? keys? api auth my old new user(?:name)? login admin client value string private public access refresh
    session bearer basic very long short strong weak safe random unique correct valid expired empty unknown
    123(?:4(?:5(?:6(?:7(?:8(?:90?)?)?)?)?)?)? qwerty
""".split()
_PLACEHOLDER = re.compile("|".join(_PLACEHOLDERS), re.IGNORECASE)
# What is looked up, filled in, or a path or a pattern.
_REFERENCE = re.compile(r"\$[\w{(]|[{}<>\[\]()|\\]|%[sd]|://|^[./~@]|^(?:env|vault|secret|ssm|arn|file|op|keyring|urn|ref)[:/]")
_WORDS = re.compile(r"[A-Z]?[a-z]{4,}|[A-Z]{5,}")
_SIGNS = frozenset("!@#%^&*?+=~")
_HEX = re.compile(r"[0-9a-fA-F-]+")
_LEAST_LEFT = 4  # characters of a value beyond placeholders
_LEAST_STRONG = 16
_LEAST_WEAK = 24
_WORD_SHARE = 0.5  # of a value: what has more of it in words is a name


def assigned(line: str, *, configuration: bool) -> Iterator[tuple[int, int]]:
    """Yield where values of one line look like secrets by the names they are given; unquoted ones too in languages of configuration."""
    for pattern in (_QUOTED, _DEFINED, _TAGGED, _PARAMETER, *((_PLAIN,) if configuration else ())):
        for match in pattern.finditer(line):
            if _is_secret(match["name"], match["value"]):
                yield match.span("value")


def likely_places(lowered: str, places: Iterable[int], *, configuration: bool) -> list[int]:
    """Return at which of the hints' places, in an ASCII text in small letters, a secret may be assigned: `assigned` finds one in no line
    without."""
    pattern = _LIKELY_PLAIN if configuration else _LIKELY
    likely = [place for place in places if pattern.match(lowered, place)]
    at = lowered.find(_SIGNATURE)
    while at >= 0:
        likely.append(at)
        at = lowered.find(_SIGNATURE, at + 1)
    return likely


def _is_secret(name: str, value: str) -> bool:
    if _REFERENCE.search(value) or any(map(str.isspace, value)):
        return False
    left = _PLACEHOLDER.sub("", value)
    if sum(map(str.isalnum, left)) < _LEAST_LEFT:
        return False
    if _PASSWORD.search(name):
        return any(map(str.isalpha, left)) and (any(map(str.isdigit, left)) or not _SIGNS.isdisjoint(left))
    if not is_random(left) or sum(map(len, _WORDS.findall(value))) > _WORD_SHARE * len(value):
        return False
    if _STRONG.search(name):
        return len(value) >= _LEAST_STRONG
    return bool(_WEAK.search(name)) and len(value) >= _LEAST_WEAK and not _HEX.fullmatch(value) and not (value.islower() or value.isupper())
