"""Idioms: spellings whose words do not say together what they say alone, and what is put in their place before a text is read."""

from __future__ import annotations

import re

_not = " not "
_whom = r"(?: (?:you|users?|people|them|everyone|everybody))?"
_IDIOMS = (
    (r"\b(?:no longer|not|never|don't|doesn't) (?:have|has|need|needs|had|required|forced) to(?: be)? \w+", " "),
    (r"\b(?:stay|remain|keep) (?:on|with|below|at)\b", " "),
    (r"\bno longer\b|\b(?:can't|won't|no more\b(?! than))", _not),
    (r"\bany(?: ?more| longer)\b", " "),
    (r"\b(?:keep|keeps|kept)(?= \w+ing\b)", " continue "),
    (r"\b(?:does|do|is|are|could|did|was|were|will|would|has|have|should|must)n'?t\b", _not),
    (r"\b(?:refus|fail|declin|ceas)(?:e|es|ed|ing|s)? to\b|\bunable to\b|\b(?:stop|stops|stopped|cease|ceases|ceased) (?=\w+ing\b)", _not),
    (r"\bg(?:ive|ives|iven|iving|ave) up\b", " stop "),
    (r"\bcould see\b", " "),
    (r"\bout of (?=(?:sync|step|date|order|line|place|tune|focus)\b)", _not),
    (r"\bw/o\b|\bthat (?:lacks?|(?:has|have) no|do(?:es)? not have)\b", " without "),
    (r"\b(?:hold|holds|held|keep|keeps|kept) back\b", " withhold "),
    (r"\bput(?:s|ting)? up with\b", " accept "),
    (r"\bcut(?:s|ting)? off\b", " truncated "),
    (r"\bun(?=[a-z]{4,}able\b)(?!pleas|avail|usu)", " not "),
    (r"\boff unless\b", " disabled unless "),
    (r"\bon unless\b", " enabled unless "),
    (r"\b(?:written|shown|printed|logged|sent|stored|kept|visible|readable)(?: [\w']+){0,5} in full\b", " reveal "),
    (rf"(?<!access )(?<!audit )(?<!the )\b(?:log|sign)(?:s|ged|ed|ging|ing)?{_whom} (?:in|on)\b(?! by default)", " signedin "),
    (rf"\b(?:log|sign)(?:s|ged|ed|ging|ing)?{_whom} (?:out|off)\b(?! by default)", " signedout "),
    (r"\bpick(?:s|ed|ing)?(?: (?:it|them))? up\b", " load honour "),
    (r"\b(?:keep|kept|keeps|keeping|stay|stays)(?: \w+){0,3} apart\b", " separate "),
    (r"\b(?:on|enabled) by default\b|\bdefaults? (?:is |now |are )*(?:to )?[\"'`]?(?:on|true|yes|enabled)\b", " enabled "),
    (r"\b(?:off|disabled) by default\b|\bdefaults? (?:is |now |are )*(?:to )?[\"'`]?(?:off|false|no|disabled)\b", " disabled "),
    (r"\b(?:or|and) (?:more|less|fewer|longer|higher|lower|larger|greater|above|below)\b", " "),
    (r"\b(?:go|goes|went|gone) up\b", " increased "),
    (r"\b(?:go|goes|went|gone) down\b", " decreased "),
    (r"\bnot (?:for |by |to )?(?:more|less|fewer|longer|later|earlier) than\b", " "),
    (r"\bnot only\b|\bnot just\b|\bno (?:more|fewer|less|later|earlier) than\b|\bat (?:most|least)\b|\bup to\b|\bnothing but\b", " "),
    (r"\b(?:no|without) (?:need|action|change|further)\w*\b|\bas well as\b|\bno matter\b|\bwhether or not\b", " "),
    (r"\b(?:turn|switch)(?:s|es|ed|ing)? on\b|\bopt(?:s|ed|ing)?[ -]in\b", " enabled "),
    (r"\b(?:turn|switch)(?:s|es|ed|ing)? off\b|\bopt(?:s|ed|ing)?[ -]out\b", " disabled "),
    (r"\b(?:is|are|comes?|came) back\b", " added "),
    (r"\b(?:is|are) new\b|^new\b(?=:)", " added "),
    (r"\b(?:keep|kept|keeps|keeping|stay|stays)(?: \w+){0,3} (?:away|out|from|apart|private|secret|hidden|off)\b", " "),
    (r"\b(?:count|mark|treat|score|grade|judg)(?:ed|s|es|ing)? (?:as )?(?:wrong|incorrect|false|invalid)\b", " are rejected "),
    (r"\b(?:get|gets|getting|got) rid of\b|\b(?:is|are|was|were|been) taken out\b", " remove "),
    (r"\b(?:left|leave|leaves|leaving)(?: [\w']+){0,6} out\b|\bleft off\b", " exclude "),
    (r"\b(?:is|are) (?:now )?part of\b", " included "),
    (r"\bsupport (?=(?:for|of)\b)|\blook(?:s|ed)? up\b|\bset(?:s|ting)? up\b|\bdrop[ -]?downs?\b|\bdrag[ -]and[ -]drop\b", " "),
    (r"\bopen[ -]source\b|\bread[ -]only\b|\bfall(?:s|ing)?[ -]back\b|\bfallbacks?\b|\badd[ -]ons?\b|\bback up\b|\bat work\b", " "),
    (r"\bmore than\b|\bless than\b", " "),
    # what was, beside what is
    (r"\b(?:instead of|rather than|in place of|as opposed to|replacing|compared (?:with|to))\b[^.,;:]*", " "),
    (r"\b(?:previously|formerly|used to|unlike)\b[^.,;:]*", " "),
    (r"(?:^|(?<=[.,;:]))[^.,;:]*\b(?:before this (?:release|version|change)|until now|so far|in the past|in earlier versions)\b", " "),
)
_PATTERNS = tuple((re.compile(pattern), instead) for pattern, instead in _IDIOMS)


def without_idioms(line: str) -> str:
    """Return a text in lower case with plain words in the place of idioms."""
    for pattern, instead in _PATTERNS:
        line = pattern.sub(instead, line)
    return line
