"""Idioms: spellings whose words do not say together what they say alone, and what is put in their place before a text is read."""

from __future__ import annotations

import re

_not = " not "
_whom = r"(?: (?:you|users?|people|them|everyone|everybody))?"
_IDIOMS = (
    (r"\bcould(?:n't| not)\b[^.;:]*(?=[.;:] \w)", " "),  # what was: "… couldn't log in. Now they can."
    (r"\b(?:no longer|not|never|don't|doesn't) (?:have|has|need|needs|had|required|forced) to(?: be)? \w+", " "),
    (r"\b(?:stay|remain|keep) (?:on|with|below|at)\b", " "),
    (r"\bno longer\b|\b(?:can't|won't|no more\b(?! than))", _not),
    (r"\bany(?: ?more| longer)\b", " "),
    (r"\b(?:keep|keeps|kept)(?= \w+ing\b)", " continue "),
    (r"\b(?:does|do|is|are|could|did|was|were|will|would|has|have|should|must)n'?t\b", _not),
    (
        r"\b(?:refus|fail|declin|ceas)(?:e|es|ed|ing|s)? to\b|\bunable to\b"
        r"|\b(?:stop|stops|stopped|cease|ceases|ceased) (?=\w+ing\b)(?!missing\b)",
        _not,
    ),
    (r"\bg(?:ive|ives|iven|iving|ave) up\b", " stop "),
    (r"\bcould see\b", " "),
    (r"\blisted (?=in\b|on\b|under\b)", " shown "),
    (r"\bone (?:by one|at a time)\b|\bsingly\b", " individually "),
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
    (r"\b(?:keeps?|kept|stays?|remains?)(?= (?:hidden|invisible)\b)", " "),
    (r"\b(?:keep|kept|keeps|keeping|stay|stays)(?: \w+){0,3} (?:away|out|from|apart|private|secret|hidden|off)\b", " "),
    (r"\b(?:count|mark|treat|score|grade|judg)(?:ed|s|es|ing)? (?:as )?(?:wrong|incorrect|false|invalid)\b", " are rejected "),
    (r"\b(?:get|gets|getting|got) rid of\b|\b(?:is|are|was|were|been) taken out\b", " remove "),
    (r"\b(?:left|leave|leaves|leaving)(?: [\w']+){0,6} out\b|\bleft off\b", " exclude "),
    (r"\b(?:is|are) (?:now )?part of\b", " included "),
    (r"\bin (?:plain ?text|clear ?text|the clear|plain (?:view|sight))\b|\bon (?:show|display)\b", " reveal "),
    (r"\b(?:joins?|joined) (?=(?:the|our) (?:\w+ )?(?:supported|list|range|set|family)\b)", " added "),
    (r"\b(?:leaves?|left) (?=(?:the|our) (?:\w+ )?(?:supported|list|range|set|family)\b)", " removed "),
    (r"\b(?:support|\w+) (?:for [\w -]+ )?has ended\b", " removed "),
    (r"\bnon-(?=[a-z]{3})", " not "),
    (r"(?:, |\()(?:was|were) (?:the |an? )?[^.,;:()]*", " "),
    (r"\bsupport (?=(?:for|of)\b)|\blook(?:s|ed)? up\b|\bset(?:s|ting)? up\b|\bdrop[ -]?downs?\b|\bdrag[ -]and[ -]drop\b", " "),
    (r"\bopen[ -]source\b|\bread[ -]only\b|\bfall(?:s|ing)?[ -]back\b|\bfallbacks?\b|\badd[ -]ons?\b|\bback up\b|\bat work\b", " "),
    (r"\bmore than\b|\bless than\b", " "),
    # what was, beside what is
    (r"\b(?:instead of|rather than|in place of|as opposed to|replacing|compared (?:with|to))\b[^.,;:]*", " "),
    (r"\b(?:previously|formerly|used to|unlike)\b[^.,;:]*", " "),
    (r"(?:^|(?<=[.,;:]))[^.,;:]*\b(?:before this (?:release|version|change)|until now|so far|in the past|in earlier versions)\b", " "),
)
# A plain word, and the verbs with a particle that say it: "turned the request away". What they are about may stand between.
_PHRASAL = {
    "reject": "turn away, turn down, send away, shut out, throw out, screen out, knock back, wave off",
    "accept": "wave through, let through, let in, let pass, get through, slip through, get past, get away with",
    "hide": "black out, blank out, mask out, grey out, gray out, blot out, cover up, keep from view",
    "reveal": "lay bare, give away, spell out, lay open",
    "discard": (
        "throw away, toss out, clear out, clear away, wipe out, wipe clean, clean out, go missing, get lost, do away with, sweep away"
    ),
    "retain": (
        "hold on to, hang on to, hold onto, hang onto, stick around, carry over, live on, leave intact, leave in place, leave alone,"
        " leave untouched, stay put, stay in place, stay around"
    ),
    "exclude": "leave aside, drop out, fall away, cut out, pass over, take off, bow out, strip away, strip out, weed out, filter out",
    "include": "bring in, put back, put in, make it into, take in, creep in, creep into, slip into, get into, mix in",
    "appear": "show up, turn up, crop up, pop up, end up in, find its way into, find their way into",
    "start": "kick off, start up, fire up, spin up, set in motion, get going, get under way, boot up",
    "stop": "wind down, come to a halt, come to a stop, grind to a halt, bring to a halt, break off, spin down, call off, bail out",
    "continue": "carry on, keep going, press on, keep on",
    "fail": (
        "go wrong, fall over, blow up, come to grief, fall down, fall flat, choke on, trip over, stumble over, come unstuck, seize up,"
        " lock up, fall apart"
    ),
    "merge": "put together, bring together, roll into, come together, lump together",
    "split": "break up, take apart, pull apart, tear apart, split up, divide up, come apart",
    "decrease": "come down, cut back, cut down, scale down, step down, scale back, ease off",
    "increase": "step up, push up, scale up, bump up",
    "silent": "keep quiet, stay quiet, say nothing, stay silent, go unmentioned, go unreported, go unnoticed",
    "report": "speak up, point out",
    "require": "insist on, call for",
    "remove": "take down",
}  # fmt: skip
_FORMS = {
    "throw": "throws|threw|thrown|throwing", "give": "gives|gave|given|giving", "hold": "holds|held|holding", "let": "lets|letting",
    "put": "puts|putting", "take": "takes|took|taken|taking", "keep": "keeps|kept|keeping", "leave": "leaves|left|leaving",
    "go": "goes|went|gone|going", "come": "comes|came|coming", "cut": "cuts|cutting", "shut": "shuts|shutting", "get": "gets|got|getting",
    "make": "makes|made|making", "fall": "falls|fell|fallen|falling", "break": "breaks|broke|broken|breaking", "lay": "lays|laid|laying",
    "bring": "brings|brought|bringing", "send": "sends|sent|sending", "hang": "hangs|hung|hanging", "stick": "sticks|stuck|sticking",
    "blow": "blows|blew|blown|blowing", "wind": "winds|wound|winding", "spin": "spins|spun|spinning", "sweep": "sweeps|swept|sweeping",
    "speak": "speaks|spoke|spoken|speaking", "tear": "tears|tore|torn|tearing", "say": "says|said|saying", "do": "does|did|done|doing",
    "find": "finds|found|finding", "creep": "creeps|crept|creeping", "split": "splits|splitting", "set": "sets|setting",
}  # fmt: skip
_REGULAR = "s|ed|ing|es|d|ped|ping|pped|pping|ted|ting|ged|ging"


def _phrasal(phrases: str) -> str:
    return "|".join(rf"{_verb(verb)}(?: [\w']+){{0,3}}? {rest}" for verb, _, rest in (one.partition(" ") for one in phrases.split(", ")))


def _verb(verb: str) -> str:
    stem = verb.removesuffix("e")
    return f"(?:{verb}|{_FORMS[verb]})" if verb in _FORMS else f"(?:{verb}|{stem}(?:{_REGULAR}))"


_PATTERNS = (
    *((re.compile(pattern), instead) for pattern, instead in _IDIOMS),
    *((re.compile(rf"\b(?:{_phrasal(phrases)})\b"), f" {plain} ") for plain, phrases in _PHRASAL.items()),
)


def without_idioms(line: str) -> str:
    """Return a text in lower case with plain words in the place of idioms."""
    for pattern, instead in _PATTERNS:
        line = pattern.sub(instead, line)
    return line
