"""Opposites: words that say the contrary of each other, as reviewed lists."""

from __future__ import annotations

from notewright.grounding.stems import stem

# axis: what says that there is more of it, and what says that there is less of it. Forms of a word follow from its stem.
AXES: dict[str, tuple[str, str]] = {
    "presence": (
        """
        add reappear introduce create include insert append install gain attach embed inject supply populate reintroduce
        reinstate
        """,
        """
        remove drop delete eliminate discontinue gone strip purge erase exclude uninstall omit lack miss missing detach
        discard retire vanish disappear absent without skip leave-out scrap ditch axe withdraw abandon shed abolish prune
        expunge
        """,
    ),
    "support": (
        "support supported available possible accept offer provide enable allow work works working usable introduce add install arrive",
        "drop remove unsupported unavailable impossible withhold reject disable disallow discontinue delete unusable gone",
    ),
    "activity": (
        "enable activate",
        "disable deactivate",
    ),
    "amount": (
        """
        increase raise grow extend expand longer higher larger bigger more rise widen lengthen double triple greater enlarge
        loosen climb gain soar swell
        """,
        """
        decrease reduce lower shrink shorten shorter smaller less fewer fall cut narrow halve tighten diminish lessen dwindle
        """,
    ),
    "speed": (
        "fast faster quick quicker quickly speed accelerate",
        "slow slower slowly slowdown delay",
    ),
    "permission": (
        "allow permit accept let grant honour honor respect obey tolerate approve admit welcome authorize trust",
        """
        reject deny forbid refuse block disallow prohibit ignore prevent disregard decline ban revoke restrict distrust
        veto rebuff outlaw spurn
        """,
    ),
    "sight": (
        "see show display expose reveal visible print publish appear leak disclose unmask surface unhide uncover unveil",
        "hide mask conceal invisible redact suppress censor obscure veil obfuscate cloak blank",
    ),
    "keeping": (
        "keep preserve retain remain restore stay save persist survive return remember recall maintain",
        """
        exclude omit lose lost discard forget clear strip remove drop delete overwrite erase wipe purge vanish disappear reset
        revoke end destroy shred flush evict abandon scrap trash prune expunge
        """,
    ),
    "running": (
        "start begin run launch resume continue commence proceed",
        "stop halt pause quit terminate cease abort suspend interrupt freeze stall",
    ),
    "holding": ("hold", "release free"),
    "folding": ("expand unfold", "collapse fold"),
    "session": ("signedin", "signedout"),
    "opening": ("open reopen unlock unblock unseal", "close shut lock seal"),
    "success": (
        "work succeed pass function complete handle correct correctly recognise recognize detect find cope survive",
        """
        fail crash break broken hang wrong incorrectly wrongly freeze stall deadlock panic error choke stumble misbehave
        mangle garble corrupt falter collapse
        """,
    ),
    "joining": ("merge combine join connect link unify", "split separate divide disconnect unlink"),
    "requirement": (
        "require mandatory need must demand oblige compel insist enforce compulsory",
        "optional optionally waive voluntary",
    ),
    "noise": (
        "log warn report notify alert print emit tell complain",
        "silence silent quiet suppress mute silently",
    ),
    "renewal": ("rotate renew regenerate", "keep reuse retain"),
    "choice": ("include select", "exclude deselect except leave-out"),
}

# Verbs that are nouns as often: they say something only where a subject begins with them, in an inflected form, or after a word such as
# "can"
NOUNS = frozenset(
    """
    block lock log logs print link links display displays show limit limits record report reports need needs work works list error
    errors
    start end open install cut cuts return returns drop drops increase decrease connect support supports merge split filter delay delays
    stop close
    tell join joins
    break breaks crash crashes leak leaks hang strip pause launch mask function functions handle handles match
    """.split()
)

# Words that cannot stand for each other; none can be negated into another
ANTONYMS = """
dark light
client server
minimum maximum
least most
upload download
import export
incoming outgoing
inbound outbound
public private
input output
horizontal vertical
left right top bottom
red green blue yellow orange purple black white grey brown
weekday weekend
thread message
string integer boolean float
mean median
ascending descending
synchronous asynchronous
online offline
internal external
local remote
encode decode
serialize deserialize
encrypt decrypt
compress decompress
oldest newest
parent child
request response
success failure
valid invalid
manual automatic
manually automatically
major minor
upper lower
inner outer
sender receiver
source target
case-sensitive case-insensitive
big-endian little-endian
login logout
pull push
positive negative
narrower wider
above below
inside outside
forward backward
stable experimental
lowercase uppercase
multi-line single-line
ingress egress
north south
east west
portrait landscape
row column
header footer
reader writer
getter setter
read write
individual individually bulk batch
staging production
temporary permanent
mobile desktop
absolute relative
asc desc
eager lazy
eagerly lazily
inclusive exclusive
mutable immutable
static dynamic
global local
singular plural
strict lenient
strict loose
blacklist whitelist
allowlist denylist
guest member
buyer seller
teacher student
producer consumer
publisher subscriber
upstream downstream
northbound southbound
clockwise anticlockwise counterclockwise
debit credit
income expense
arrival departure
arrive depart
morning evening
noon midnight
kilometre metre mile
celsius fahrenheit
metric imperial
bold italic
warm cold
heating cooling
wet dry
indoor outdoor
male female
winter summer
sunrise sunset
serif sans-serif
prefix suffix
prepend append
leading trailing
hardware software
wired wireless
faster slower
shorter longer
smaller larger bigger
older newer
open closed shut
on off
same different
utc local
read-only edit modify write writable writeable
"""

OPPOSITES: dict[str, frozenset[str]] = {}  # of each stem those that cannot stand for it
for _line in ANTONYMS.strip().splitlines():
    _family = frozenset(map(stem, _line.split()))
    for _word in _family:
        OPPOSITES[_word] = OPPOSITES.get(_word, frozenset()) | (_family - {_word})

# Prefixes that make a word its opposite: mute and unmute
PREFIXES = ("un", "dis", "non", "de")
NO_PREFIX = frozenset(
    "display discount default deploy detail depend define delay derive design deliver desire develop decide under unit".split()
)

NEGATORS = frozenset("not no never neither nor without cannot none nothing nobody hardly".split())
# Verbs that turn what follows them into its opposite: "stop logging", "prevents loss", "avoid copying"
REVERSERS = frozenset(
    "prevent prevents prevented preventing avoid avoids avoided avoiding fix fixes fixed resolve resolves resolved".split()
)
# Words of a sentence that tell of a remedy: what else stands there may be the fault
REMEDIES = """
fix fixed fixes fixing resolve resolved resolves resolving correct corrected corrects correctly repair repaired repairs properly
right rightly expected again addressed address addresses issue bug problem glitch glitches fault flaw error mistake cured solved
solve gone over cured eliminated plugged
eliminates avoided avoids prevented prevents handled handles only once
"""
# Words of a `fix` that name a fault; "the first verb decides" whether it states the fault or the remedy
FAULTS = """
crash hang leak flicker fail break freeze stall deadlock panic overlap duplicate lose lost missing miss ignore ignored wrong incorrect
reject rejected broken stuck invalid error exception race glitch corrupt overflow typo regression misplace twice truncate
"""
# Faults that name themselves where a subject of no type begins with them
CERTAIN_FAULTS = "crash hang leak flicker deadlock panic freeze race"
# Verbs in the base form that state the remedy when a `fix` begins with them
REMEDY_VERBS = """
accept add adjust align allow always apply assign avoid await bind block bound bump bring cache call cancel cap capture catch change
check clamp clean
clear close collapse compare compute configure convert copy correctly count create cut debounce decode dedupe deduplicate default
defer define delay
delete detect disable disallow discard display do don't drop emit enable encode enforce ensure escape evaluate exclude expand expose
extend
fall filter find flush follow forbid force format forward generate give grant guard guarantee handle hide honor honour include increase
inherit initialise initialize insert interpret invalidate isolate keep let limit link list load lock log look lower make mark mask
match merge move
never normalise normalize not only open order override parse pass permit pin place populate prefer preserve prevent print process
propagate properly protect
provide quote raise rate rate-limit read rebuild recognise recognize recompute reconnect recover redact redirect reduce refresh
refuse register
reject release reload remember remove rename render reorder replace report request require reset resolve respect respond restore
restrict retain retry return
reuse rework round run sanitise sanitize save scale scope search select send serialize serve set shorten show silence skip sort
specify split start stop
store strip supply support suppress surface swap switch sync take tighten tolerate treat trim truncate try turn unescape unify
update upgrade
improve refine infer adapt introduce implement rework refactor optimise optimize relax simplify delegate derive respond rotate
reopen reuse
narrow widen loosen deny authenticate authorize authorise require recreate resume reapply relay resync sanitise trust untangle wire
yield permit
end leave scan compile fetch cope survive
encrypt decrypt revoke scrub anonymise anonymize localise localize recalculate attach detach dispatch deliver throttle postpone
reschedule interrupt pause resume terminate bypass unwrap flatten compress decompress drain flush evict gather aggregate coerce
omit sign log embed subscribe unlock unset abort sanitise normalise expire reindex resize rewind
use validate verify wait warn watch widen wrap write
acquire allocate anchor append approximate ban begin broadcast build calculate classify coalesce combine compose concatenate conceal
confine connect consider constrain consume continue deallocate decline decrease decrement deduce delimit deprioritise deprioritize
dereference destroy determine differentiate disambiguate disconnect dismiss distinguish divide elide eliminate enclose enqueue equalise
equalize erase exempt extract finalise finalize forgo harmonise harmonize hoist identify impose increment inform inject inspect
instantiate intercept intern interpolate invert invoke locate maintain memoise memoize migrate modify notify obey obscure obtain opt
paginate parallelise persist prefetch prepare prepend prioritise prioritize prohibit prune publish purge put quarantine randomise
reacquire reallocate rearm reassign rebalance rebind recheck reclaim reconcile reconfigure recycle redo redraw reevaluate refetch reflect
reformat regenerate reinstate rekey relabel remap reposition reprint reread rescale rescan resend restart rethrow retrieve reverse rewrite
serialise shrink shut snap soften spawn stabilise stabilize stagger subtract suggest supersede suspend synchronise synchronize tell toggle
translate transmit transpose traverse unblock uncap uninstall unlink unmount unpin unregister unsubscribe vary weigh wipe withhold zeroise
zeroize
"""
