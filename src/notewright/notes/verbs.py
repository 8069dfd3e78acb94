"""Verbs that commit subjects begin with, and their forms."""

# Words that are nouns as often ("cache", "update") are left out on purpose: a subject that begins with one is told as it is.

from __future__ import annotations

_IRREGULAR = {
    "bring": "brought",
    "build": "built",
    "hide": "hid",
    "keep": "kept",
    "make": "made",
    "rewrite": "rewrote",
    "shrink": "shrank",
    "speed": "sped",
    "withdraw": "withdrew",
}
_DOUBLED = frozenset({"drop", "stop", "swap", "trim", "unwrap", "wrap"})
# What was done to the product once: told in the past
DONE = frozenset(
    """
    accelerate adapt add adjust align apply backport bring bump clarify combine complete consolidate convert correct create deduplicate
    define deprecate disable drop eliminate enable encode expand expose extend extract fix implement improve increase inline integrate
    introduce lower make migrate modernise modernize move optimise optimize raise re-add reduce refactor refine reimplement relax remove
    rename reorder replace restrict revert rework rewrite separate shorten shrink simplify speed standardise standardize stop streamline
    swap switch translate trim tweak unify unwrap vectorise vectorize wrap
    """.split()
)
# What the product does from now on: told in the present
DOES = frozenset(
    """
    accept allow avoid detect disallow discard enforce ensure escape forbid handle hide honor honour ignore include infer keep omit
    parse permit prefer preserve prevent recognise recognize reject require resolve respect restore retain reuse sanitise sanitize
    show skip strip suppress tolerate use validate verify warn
    """.split()
)
# Nouns that begin with a verb of these lists: "drop shadow"
COMPOUNDS = frozenset(
    {
        "drop shadow",
        "drop zone",
        "drop area",
        "drop target",
        "drop handler",
        "drop menu",
        "move handler",
        "show case",
        "switch case",
        "use case",
        "use cases",
        "use of",
    }
)
ADVERBS = frozenset("also always automatically consistently correctly explicitly gracefully only properly really safely silently".split())
# What only a person does with a product: told as "you can now ..."
CAPABLE = frozenset(
    """
    browse bulk-invite choose customise customize invite personalise personalize rearrange reschedule specify undo unfollow unmute
    """.split()
)
# These would say that the product, not the person, does it from now on
AUTOMATIC = frozenset({"automatically", "default", "defaults", "auto", "always", "once", "when", "if"})
# "allow setting X" is told as "setting X is now possible"; "missing", "trailing" and their like are adjectives and stay out
GERUNDS = frozenset(
    """
    adding calling changing choosing combining configuring creating customising customizing declaring defining deleting disabling editing
    enabling excluding exporting filtering forcing generating getting having ignoring importing including injecting installing limiting
    loading making mixing naming omitting opening overriding parsing passing printing providing querying reading registering removing
    renaming rendering replacing resolving restricting returning running saving searching selecting sending setting showing skipping
    sorting specifying splitting starting stopping storing switching turning updating using validating viewing wrapping writing
    """.split()
)
# Verbs that open subjects and have no form of their own here. Some are nouns too; such a subject is told as it is, which is right for both.
ORDERS = frozenset(
    """
    accept allow append ask assign attempt bail block bypass cache call cancel cap carry catch change check clean clear close collect
    consider copy count decode default delay delete derive display do document don't drop emit evaluate exclude exit export fall fetch
    filter find flag flush force format forward get give guard handle ignore import infer init initialise initialize inject insert
    install invalidate launch let limit link list load lock log look loop mark mask match merge mount move mute never only open order
    override parse pass patch permit pick point prefer prepend print process propagate protect publish pull push put query quote
    re-export read recognise recognize record redirect register release render report reset return round run save scope search select
    send serialise serialize set setup share show sort split start store support sync take throw time track treat trigger try type
    unmount unset update upgrade use wait widen work write
    """.split()
)
# Predicates that only a fault has, of one thing and of several
_participles = "(?:broken|lost|ignored|duplicated|corrupted|stuck|wrong|incorrect|garbled|truncated|misplaced|mangled)"
_often = "(?:sometimes |often |always |silently )?"
FAULTS_OF_ONE = (
    rf"(?:(?:is|was|gets|got|becomes|became) {_often}{_participles}|{_often}(?:fails (?:to|when|if|with)|throws|loses|disappears|overlaps))"
)
FAULTS_OF_SEVERAL = rf"(?:(?:are|were|get|got|become|became) {_often}{_participles}|{_often}(?:fail (?:to|when|if|with)|disappear|overlap))"
# A countable fault that stands without its article in commit subjects: "crash when ..."
FAULT_NOUNS = "|".join(
    """
    assertion failure, broken link, bug, build failure, compile error, crash, data race, dead link, deadlock, division by zero, edge case,
    error, exception, failure, freeze, glitch, hang, infinite loop, infinite recursion, issue, memory leak, misalignment, mistake,
    null pointer dereference, off-by-one, off-by-one error, overflow, panic, problem, race, race condition, regression, resource leak,
    segfault, stack overflow, typo, use-after-free, warning
    """.replace("\n    ", " ")
    .strip()
    .split(", ")
)


def past(verb: str) -> str:
    """Return the simple past of a verb of this list: "added", "dropped", "sped"."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb in _DOUBLED:
        return f"{verb}{verb[-1]}ed"
    if verb.endswith("e"):
        return f"{verb}d"
    return f"{verb[:-1]}ied" if verb[-1] == "y" and verb[-2] not in "aeiou" else f"{verb}ed"


def third_person(verb: str) -> str:
    """Return the third person of a verb: "exposes", "matches", "tries"."""
    if verb in ("be", "have", "do", "go"):
        return {"be": "is", "have": "has", "do": "does", "go": "goes"}[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb[-1] == "y" and verb[-2:-1] not in ("a", "e", "i", "o", "u") else f"{verb}s"
