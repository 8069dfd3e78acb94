"""Frames: claims told by how words of few classes stand together, where a list of phrases would have no end."""

from __future__ import annotations

import re
from collections.abc import Iterator

_GAP = r"[ ,]+"
_WORD = r"\w+(?:[.']\w+)*"
_CLASSES = {
    "old": r"(?:existing|old|older|previous|former|earlier|current|present|legacy|installed|today's|already \w+)",
    "whose": r"(?:your|saved)",
    "lasts": r"(?:keeps?|stays?|remains?|continues?|go(?:es)? on|lives? on|survives?|carr(?:y|ies) on|still|persists?)",
    "usable": (
        r"(?:available|supported|valid|working|usable|accepted|served|understood|possible|functional|compatible|recogni[sz]ed|readable"
        r"|intact|honou?red|unchanged|unaffected|as (?:it|they) (?:is|are|was|were)|the same|in place|in force|in effect|works?|runs?"
        r"|running|loads?|loading|accepts?|accepting|receives?|receiving|gets?|getting|installs?|parses?|understands?|opens|functions?"
        r"|as before)"
    ),
    "wanted": r"(?:(?!(?:not|no|must|should|needs?|can|have|to|that|which|who)\b)\w+)",  # a word that neither denies, asks nor offers
    "becomes": r"(?:are|is|will be|gets?|has been|have been)",
    "moved": (
        r"(?:converted|migrated|upgraded|updated|imported|moved|carried(?: over)?|transferred|adapted|adopted|translated|rewritten|mapped"
        r"|renamed|redirected|forwarded|passed on|switched|blended|preserved|adjusted|filled(?: in)?)"
    ),
    "move": r"(?<!can\s)(?:mov|carr|copi|complet|migrat|convert|upgrad|updat|transfer|translat|adapt|becom|switch|turn(?:s|ed)? into)\w*",
    "by_itself": (
        r"(?:automatic(?:ally)?|by (?:itself|themselves)|on (?:its|their) own|in the background|for you|on (?:the )?first \w+"
        r"|on the fly|on (?:load|loading|opening|import)"
        r"|when \w+(?: \w+){0,2} starts?|on start\w*|during (?:the )?(?:upgrade|update|install\w*))(?!\w)"
    ),
    "less": (
        r"(?:cuts?|cutting|reduc(?:es?|ed|ing)|lower(?:s|ed|ing)?|sav(?:es?|ed|ing)|shorten(?:s|ed|ing)?|halv(?:es?|ed|ing)"
        r"|shav(?:es?|ed|ing)|minimi[sz]\w+|less(?! than)|fewer(?! than)|(?<!a\s)half(?! an?\b)|a (?:fraction|third|quarter) of(?! an?\b)"
        r"|hardly any|little|eas(?:es?|ed|ing))"
    ),
    "spent": (
        r"(?:(?<!two\s)(?<!three\s)(?<!four\s)(?<!five\s)(?<!\d\s)times?|seconds?|minutes?|hours?"
        r"|latency|delays?|waits?|waiting|startup|start up|boot|builds?"
        r"|cpu|gpu|processor|bandwidth|traffic|battery"
        r"|power|energy|electricity|load|costs?|bills?|resources?|requests|overhead|as long|round trips?"
        r"|draw calls?|calls|queries|lookups|copies|allocations|wake ?ups?|polling)"
    ),
    "saved": r"(?:is|are|was|were) (?:cut|reduced|lower|halved|shorter|less)",
    "quick": r"(?:faster|quicker|sooner|swifter|speedier|snappier|instantly|at once|immediately|in real time|in no time|in an instant)",
    "much": r"(?:much|considerably|noticeably|far|significantly|a lot) (?:shorter|cheaper|lighter|leaner)",
    "on": r"(?:on|in|with|for|from|by|against|supports?|works?|runs?|compatible)",
    "past": r"(?:earlier|older|old|previous|legacy)",
    "hosts": (
        r"(?:versions?|releases?|clients?|devices?|browsers?|phones?|systems?|hardware|models?|readers?|players?|servers?|tools?|apps?"
        r"|programs?|platforms?|editors?|environments?|networks?|databases?|distributions?|consoles?|computers?|machines?|tablets?)"
    ),
    "every": r"(?:every|any|all|most|whatever|whichever)",
    "breaks": r"(?:not|never|n't|without|nothing) break(?:s|ing)?",
    "dependents": r"(?:existing|old|older|your|any|anything|current|compat\w*|code|callers?)",
    "adverb": r"(?:now |also |always |all |automatically |digitally |first )*",
    "of": r"(?:(?!(?:every|each|an?|in|after|per|for|within|twice|once|at|on|before|until)\b)\w+)",
    "checked": (
        r"(?:verified|validated|signed(?! (?:in|out|up|on|off)\b)|scanned|screened|inspected|attested|certified|vetted|authenticated)"
    ),
    "danger": r"(?:viruses|virus|malware|malicious|checksums?|signatures?|tampering|integrity|forgery)",
}  # fmt: skip
# A subclass of licences: how its claims are told, in words of the classes, in text as `phrases.simple` spells it. {n,m} are words between.
_FRAMES = {
    "still there": (
        r"(?:databases?|data|files?|code|callers|clients?|projects?|settings|works?|runs?|behaves?|opens?|loads?|used|just|exactly|same)"
        r" as (?:before|always)(?!\w)",
        r"(?<!to\s)(?<!if\syou\s)(?<!must\s)(?<!should\s)<lasts>(?: <wanted>){0,2} (?:be )?<usable>",
        r"(?:is|are) still (?:being )?(?:published|emitted|written|sent|read|exported"
        r"|generated|produced|shipped|built|parsed|loaded|listed)(?!\w)",
        r"(?:opens?|works?|runs?|loads?|behaves?|prints?|imports?|exports?) as usual(?!\w)",
    ),
    "goes on": (r"(?<!to\s)(?<!you\s)(?<!should\s)(?<!people\s)(?<!users\s)(?<!they\s)(?:keeps?|go(?:es)? on|carr(?:y|ies) on) \w+ing",
        r"carr(?:y|ies) on (?:after|as|with)(?!\w)"),
    "none": (r"^no (?!longer|more|less|fewer|extra|further|additional|need)"
        r"(?!\w+ (?:is|are) (?:now )?(?:needed|required|asked|necessary))(?=[a-z]+ \w+)", r"^nothing(?!\w)"),
    "old keeps working": (
        r"(?:requests|calls|scripts|clients|callers|files|code|accounts|users|people|manifests|projects) (?:that|which|who|without|with)"
        r"(?: <wanted>){1,5}? (?:are answered|gets?|are served|fall back|are completed|keep)(?!\w)",
        r"<old>(?: <wanted>){0,5}? (?:<lasts>|works?|unaffected|unchanged)",
        r"<old>(?: \w+){0,3} (?:not|never|don't|doesn't) (?:changed?|affected|touched)",
        r"works? (?:\w+ ){0,6}?as (?:it|they) (?:is|are)",
        r"<breaks>(?:$| (?:\w+ ){0,2}?<dependents>)",
    ),
    "migrated for you": (
        r"(?:<old>|<whose>)(?: <wanted>){0,4}? <becomes> (?:\w+ )?<moved>",
        r"<move>(?: \w+){0,6}? <by_itself>",
        r"(?:moves|migrates|converts|upgrades|updates|transfers|rewrites|imports|adapts) (?:existing|old|your|saved)(?!\w)",
        r"<by_itself> <move>",
        r"<becomes> <moved>(?: \w+){0,4}? <by_itself>",
        r"<becomes> (?:\w+ )?\w+ed for you", r"<becomes> (?:read|taken|treated|written) as (?:\w+ ){0,2}?for you",
        r"picks? up (?:\w+ ){1,4}?automatically",
    ),
    "everywhere": (
        r"<past> (?:\w+ )?<hosts> (?:can|also|still)(?!\w)",
        r"<on> (?:\w+ ){0,2}?<past> (?:\w+ )?<hosts>", r"<on> <every> (?:\w+ ){0,2}?<hosts>"),
    "speed": (r"<less>(?: <of>){0,3}? <spent>", r"<spent>(?: \w+){0,2}? <saved>", "<quick>", "<much>",
        r"(?<!,\s)(?:in|takes?) (?:only |just |mere |a matter of |a few )*"
        r"(?:milliseconds|seconds|moments|minutes|a moment|an instant)(?!\w)",
        r"in (?:half|an? (?:third|quarter|fifth|sixth|seventh|eighth|ninth|tenth|twentieth|hundredth|fraction)) (?:of )?the time(?!\w)",
        r"reliev(?:es?|ed|ing) (?:the |your )?(?:servers?|database|network|browser|client|backend|disk|cpu|main thread|\w+ \w+) of",
        r"without (?:delaying|slowing)(?!\w)", r"adds? (?:nothing|no \w+) to(?!\w)",
        r"(?:in )?under an? (?:micro|milli)?second(?!\w)", r"(?:takes? )?load off(?!\w)",
        r"spares? (?:\w+ ){1,3}?(?:round trips?|requests?|downloads?|waits?)(?!\w)",
        r"shorter (?:boot|start|startup|wait|load|build|response)\w*",
        r"(?:finish|finish\w+"
        r"|ready|done|complete\w*|ends?|arrives?) (?:\w+ )?(?:earlier|sooner)(?!\w)", r"(?:constant|linear|logarithmic) time",
        r"(?:without|no|hardly any|little) (?:any |a )?(?:noticeable |perceptible |visible )?"
        r"(?:waits?|waiting|delays?|lags?|pauses?)(?!\w)"),
    "memory": (r"<less>(?: <of>){0,3}? (?:memory|ram|allocations?)",),
    "fraction": (
        r"by (?:about |around |nearly |almost |over |roughly )?"
        r"(?:half(?! an?\b)|(?:a|one) (?:third|quarter|fifth|tenth)|two thirds|three quarters)(?!\w)",
        r"(?:takes?(?: up)?|needs?|uses?|costs?) (?:only |just |about |less than |barely )*"
        r"(?:half|a third|a quarter|a fifth) (?:of )?(?:the|as)(?!\w)",
    ),
    "size": (r"makes? (?:\w+ ){1,4}?(?<!or\s)smaller(?!\w)", r"<less>(?: <of>){0,3}? (?:storage|disk)"),
    "privacy": (
        r"(?:never|no data|nothing)(?: \w+){0,3}? leaves?",
        r"(?:<lasts>|<becomes>|kept) (?:\w+ ){0,3}?(?:private|secret|confidential|anonymous|to yourself)",
        r"(?:visible|readable|accessible|known|shown|open) (?:only )?to (?:you|yourself|nobody|no one)",
        r"(?:only you|you alone|nobody else|no one else|nobody but)",
        r"without (?:\w+ ){1,3}?leaving(?!\w)",
        r"never (?:\w+ )?(?:stored|saved|logged|shared|sent|kept|recorded)(?!\w)",
        r"(?:is|are) not (?:stored|shared|recorded|tracked)(?!\w)",
    ),
    "checked": ("<becomes> <adverb><checked>", "<danger>"),
    "consequence": (
        r"(?:shortens?|attracts?|spares?|boosts?|wins?)(?!\w)",
        r"brings? (?:in|more|back|\w+ back|\w+ \w+ back)(?!\w)",
        r"opens? (?:\w+ ){0,4}?to (?:an? )?(?:new|more|wider|larger)(?!\w)",
        r"(?:means?|gives?|makes?|have|has|gets?|leads? to|results? in) (?:\w+ ){0,4}?"
        r"(?:fewer|less|better|calmer|quieter|happier|shorter|safer|cleaner|clearer)(?! than)(?!\w)",
        r"(?:fills?|draws?|brings?|sells?|wins?) more(?! than)(?!\w)",
        r"raises? (?:\w+ ){0,2}?(?:revenue|income|sales|conversion|turnover|turnout|profits?)(?!\w)",
        r"fills? the(?!\w)", r"raises? (?:\w+ ){0,2}?rates?(?!\w)", r"keeps? \w+ (?:with us|around|coming)(?!\w)", r"with fewer \w+",
        r"gives? (?:teams|people|users|customers|staff|everyone|learners)(?!\w)",
        r"(?:take on|handle|serve|accept|manage) (?:more|bigger|larger)(?! than)(?!\w)",
        r"reduc(?:es?|ing) (?:the |your )?"
        r"(?:backlog|number|risk|need|workload|effort|burden|churn|errors?|mistakes?|calls?|costs?)(?!\w)",
        r"(?:remember|learn|sell|buy|read|finish|earn|spend|see) (?:more|less|fewer)(?! than)(?!\w)",
    ),
}  # fmt: skip


def _compiled(frame: str) -> re.Pattern[str]:
    spaced = frame.replace(r"\w+ ", rf"{_WORD} ").replace(r" \w+", rf" {_WORD}").replace(" ", _GAP).replace("<adverb>", "\0")
    named = re.sub(r"<(\w+)>", lambda name: rf"\b{_CLASSES[name[1]]}\b", spaced)
    return re.compile(named.replace("\0", _CLASSES["adverb"]))


_PATTERNS = tuple((subclass, _compiled(frame)) for subclass, frames in _FRAMES.items() for frame in frames)
FRAMED = frozenset(_FRAMES)


def framed(text: str) -> Iterator[tuple[str, str]]:
    """Yield each subclass that a text, as `phrases.simple` spells it, makes a claim of, with the words that do."""
    for subclass, pattern in _PATTERNS:
        if match := pattern.search(text):
            yield subclass, match[0]
