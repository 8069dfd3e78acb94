"""Praise words: overclaims and benefits, which a sentence is noticed for unless its entries say as much."""

# Lists reviewed by people; `licence` says how they are read.

from __future__ import annotations

from notewright.grounding.lists.licence import Licence

PRAISE_WORDS = (
    Licence(
        "overclaim",
        "all",
        """
        across all, across the board, all, always, any, anyone, anything, anywhere, complete, completely, each and every, entire,
        entirely, every, everybody, everyone, everything, everywhere, full, fully, in all cases, in every case, no exceptions, no matter,
        regardless, throughout, total, totally, under all circumstances, universal*, whatever, whenever, wherever, whole,
        without exception
        """,
        also="""
        all, always, any, both, complete*, default*, each, entire*, every, everyone, everything, everywhere, first class, full*,
        global*, never, no, regardless, throughout, total*, unlimited, whatever, whole
        """,
        blocks=False,
    ),
    Licence(
        "overclaim",
        "never",
        """
        impossible, never, nowhere, rule* out, under no circumstances
        """,
        also="""
        avoid*, can't, cannot, disallow*, don't, drop*, forbid*, never, no, none, not, nothing, prevent*, reject*, remov*, stop*,
        without
        """,
        blocks=False,
    ),
    Licence(
        "overclaim",
        "ever",
        """
        can never, can't ever, ever, never again, no longer ever, no one, nobody, not a single
        """,
        also="""
        disallow*, ever, forbid*, never, no, nobody, none, nothing, prevent*, reject*
        """,
        blocks=False,
    ),
    Licence(
        "overclaim",
        "none",
        """
        at any time, whether or not
        """,
        also="""
        all, always, any, every, never, no, none, nothing
        """,
        blocks=False,
    ),
    Licence(
        "overclaim",
        "only",
        """
        exclusively, for good, forever, indefinitely, once and for all, permanently, solely, the only
        """,
        also="""
        exclusiv*, forever, indefinite*, only, permanent*, solely
        """,
        blocks=False,
    ),
    Licence(
        "overclaim",
        "certain",
        """
        100 %, 100%, 99.9, absolute*, always on, any kind of, battle tested, best in class, bound to, bug free, bulletproof, certain to,
        complete protection, eliminat*, eliminates every, enterprise grade, eradicat*, error free, flawless*, foolproof, for sure,
        full protection, fully automatic*, generally available, guarantee*, industry leading, infinite, limitless, no limit*, perfect*,
        production ready, rock solid, stable release, state of the art, unbreakable, unlimited, without fail, world class, zero errors,
        zero risk
        """,
        also="""
        absolute*, eliminat*, ensure*, ga, generally available, guarantee*, infinite, limit*, no limit*, perfect*, production*, stable,
        unlimited
        """,
        blocks=False,
    ),
    Licence(
        "overclaim",
        "much",
        """
        breakthrough*, by far, considerabl*, countless, dramatic*, drastic*, enormous*, extensive*, game chang*, greatly, groundbreaking,
        highly, huge*, major improvement*, massive*, radical*, remarkabl*, revolutionary, revolutioni*, significant*, substantial*,
        tremendous*, ultimate, unprecedented, vast*, vastly
        """,
        also="""
        huge*, large*, major, massive*, significant*
        """,
        natures=("perf",),
        blocks=False,
    ),
    Licence(
        "benefit",
        "ease",
        """
        at a glance, at ease, at your fingertips, clarity, cleaner, clearer, clutter*, comfortabl*, confus*, convenien*, cumbersome,
        ease, eases, easier, easiest, easily, easy, easy to use, effortless*, frictionless, friendlier, frustrat*, handier, handy,
        hassle*, headache*, in a single step, in one click, in one place, intuitive*, less effort, little effort, neat, neatly,
        one click, painful, painless*, seamless*, simpler, simplicity, simplif*, smooth, straightforward*, streamlin*, tedious, tidier,
        tidy, understand better, user friendly, with a single click, with confidence, without effort, worry free
        """,
        also="""
        clean*, clear*, clutter*, confus*, convenien*, eas*, easy, ergonom*, friendl*, helper*, intuitive*, readab*, simpl*, smooth*,
        streamlin*
        """,
        blocks=False,
    ),
    Licence(
        "benefit",
        "better",
        """
        accura*, attractive, beautiful*, best, better, boost*, consisten*, crisper, delight*, dependab*, elegant*, empower*, enhance*,
        enhancing, enjoy*, enrich*, experience, experiences, finest, flexib*, good looking, greater, improve*, improvement*, improving,
        look better, maximi*, modern, modernis*, moderniz*, more accurate, more flexible, more reliable, more robust, more useful,
        next level, nicer, pleasant*, polish*, powerful*, precise*, precision, professional, quality, refined, reliab*, resilien*,
        rewarding, richer, robust*, sharper, smart, smarter, stability, stable, state of the art, stronger, superior, unlock*,
        upgraded experience, useful, versatile, works better
        """,
        also="""
        accura*, best, better, consisten*, drift*, enhanc*, experience, flak*, flexib*, improv*, modern*, nice*, polish*, precis*,
        quality, redesign*, refin*, reliab*, resilien*, retries, retry, rework*, robust*, round*, sharp*, stab*, tweak*, unlock*,
        upgrad*, ux
        """,
        blocks=False,
    ),
    Licence(
        "benefit",
        "consequence",
        """
        happier customers, happier guests, happier users, fewer complaints
        """,
        blocks=False,
    ),
    Licence(
        "benefit",
        "outcome",
        """
        accident*, accidents, adoption, appreciat*, attract*, attracts, audience, better decisions, bill, bills, burden, busywork,
        cheaper, churn, coming back, competit*, competitive, competitors, complaints, concentrate on, confidence, confident*, conversion
        rate*, conversions, cost*, cuts the number of, deadlines, decision*, delight*, deliver faster, distraction*, earn*, effort,
        encourag*, engagement, enjoy*, excited, exciting, feedback, fewer accidents, fewer bugs, fewer calls to, fewer errors, fewer
        errors by, fewer mistakes, fewer tickets, finally, focused, free up, frees, frees up, frustration, get more done, good mood, good
        night, grows your, growth, handover, happier, happy, happy to, headcount, healthier, help, helpful, helping, helps, highly
        requested, hours of, hours of work, human error, impress*, in line with the law, insight*, invest*, keep customers, keeps
        customers, keeps patrons, keeps people, keeps users, law, legal*, less risk, less stress*, less time on, less work, long awaited,
        love, loved, lower risk, lowers the number of, loyal*, maintainab*, maintenance burden, manual effort, manual labour, manual work,
        margin*, market*, market share, larger tips, raise conversion, raises conversion, meet deadlines, missed appointments,
        mistakes, mood, morale, more customers, more fun, more readers, more
        sales, more visitors, most requested, motivat*, onboarding, pays off, peace of mind, pleasant*, pleased to, popular, productiv*,
        productive, productivity, profit*, proud, reach more, readability, reassur*, reduces the number of, reduces the risk, reduces
        waiting, relax*, reputation, requested by, retain customers, retention rate*, return on investment, revenue, risk, risks, safer
        decisions, sales, satisfaction, satisfied, save money, save teams, save you, saves effort, saves hours, saves money, saves staff,
        saves teams, saves users, saves you, sell more, sells more, ship faster, ship more, sleep better, so teams, so that teams, so you
        can focus, spend less, spends less, staff time, stay focused, stress free, stress*, support calls, support requests, support
        tickets, teams ship, teamwork, thrilled, time consuming, time to market, trust, trust of, turnaround, turnover, visibility into,
        wait for, waiting for, welcome*, win over, wins customers, work faster, workflow*, workload
        """,
        also="""
        bill*, budget*, collaborat*, confidence, conversion*, cost*, decision*, distraction*, effort, feedback, focus*, growth,
        handover*, help*, insight*, love*, maintainab*, mistake*, onboard*, productiv*, readab*, retention, risk*, sales,
        ticket*, trust, visibilit*, wait, waits, waiting, welcom*, workflow*
        """,
        blocks=False,
    ),
)
