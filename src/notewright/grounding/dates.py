"""Dates and other words of time, as parts that can be compared."""

from __future__ import annotations

import re

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_SHORT = {month[:3].casefold(): number for number, month in enumerate(_MONTHS, start=1)}
_weekday = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
_month = "(?:" + "|".join(_MONTHS) + r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?)"
# "may" and "march" are verbs, so alone they are months only after a word that introduces one
_alone = "(?:" + "|".join(month for month in _MONTHS if month not in ("March", "May")) + ")"
_introduces = r"(?:in|since|by|until|till|from|before|after|of|this|next|last|early|late|mid)"
_nth = r"\d{1,2}(?:st|nd|rd|th)?"
_period = r"(?:day|week|weekend|fortnight|month|quarter|year|decade|spring|summer|autumn|fall|winter|sprint|iteration)"
_coming = r"(?:next|last|this|coming|upcoming|following|previous|past)"

DATE = (
    r"\b\d{4}-\d{2}(?:-\d{2})?(?!\d)|\b\d{4}/\d{2}/\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{4}\b"
    rf"|\b{_nth} (?:of )?{_month}(?:,? \d{{4}})?(?!\w)|\b{_month} {_nth}(?:,? \d{{4}})?(?!\w|\.\d)|\b{_month} \d{{4}}\b"
    rf"|\b{_alone}\b|(?<=\b)(?i:{_introduces}) (?:March|May)\b"
    r"|\b(?:[QH][1-4](?: \d{4})?|(?i:first|second|third|fourth|last) quarter)\b"
    rf"|\b{_weekday}\b"
    rf"|\b(?i:{_coming} (?:few |couple of )?{_period}s?)\b"
    r"|\b(?i:(?:early|late|mid|by|in|since|until|from|after|before|during|over|come)[ -](?:the )?(?:spring|summer|autumn|winter))\b"
    r"(?! (?:and winter )?time)"
    rf"|\b(?i:early|late|mid)[ -]{_month}\b"
    r"|\b(?:Christmas|Easter|(?i:new year)(?:'s)?|Thanksgiving|Halloween|Ramadan|Diwali|Hanukkah|Advent|Lent|Pentecost)\b"
    r"|\b(?i:(?:in|since|by|until|before|after|from|during|of) (?:19|20)\d\d)\b"
    r"|\b(?i:(?:next|upcoming|coming|future) (?:\w+ )?(?:releases?|versions?|majors?|minors?|updates?))\b"
    r"|(?<!as )(?<!how )(?<!too )\b(?i:soon|shortly|tomorrow|yesterday|today|tonight|nowadays)\b(?!'s)"
    r"|\b(?i:(?:days?|weeks?|months?|years?|hours?) (?:ago|from now))\b"
    r"|\b(?i:(?:spring|summer|autumn|winter) (?:release|version|update))\b"
    rf"|\b(?i:(?:end|start|beginning|middle|turn) of (?:the |this |last |next )?{_period})\b"
)
_iso = re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{2})(?:[-/](?P<d>\d{2}))?")
_european = re.compile(r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})")


def date_parts(text: str) -> frozenset[str]:
    """Return what a date states: {"y:2027", "m:6", "d:1"} for "1 June 2027", fewer parts for a vaguer date, the phrase itself for words
    such as "next spring"."""
    numeric = _iso.fullmatch(text) or _european.fullmatch(text)
    if numeric:
        return frozenset(f"{name}:{int(value)}" for name, value in numeric.groupdict().items() if value)
    month = re.search(rf"\b{_month}", text)
    year = re.search(r"\b\d{4}\b", text)
    day = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", text) if month else None
    parts = {f"m:{_SHORT[month[0][:3].casefold()]}"} if month else set[str]()
    parts |= {f"y:{year[0]}"} if year else set()
    parts |= {f"d:{int(day[1])}"} if day else set()
    return frozenset(parts or {f"w:{text.casefold()}"})
