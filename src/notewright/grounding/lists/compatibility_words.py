"""Compatibility words: what keeps working, on what, and what nobody has to do, which only entries may promise."""

# Lists reviewed by people; `licence` says how they are read.

from __future__ import annotations

from notewright.grounding.lists.licence import Licence
from notewright.grounding.phrases import split_phrases

# Nobody has to adapt anything: each way to say "need not" with each deed that an upgrade may ask for
_NEED_NOT = """
do not have to, do not need to, does not have to, does not need to, doesn't have to, doesn't need to, don't have to, don't need to, need
not, needn't, no need to, no one has to, no one needs to, nobody has to, nobody needs to, without having to, without needing to, without
the need to
"""
_DEEDS = """
act, adapt, adjust, alter, be adapted, be adjusted, be changed, be converted, be edited, be migrated, be moved, be rebuilt, be
reinstalled, be renamed, be replaced, be rewritten, be updated, be upgraded, change, configure, convert, do anything, do something, edit,
log in again, migrate, modify, move, rebuild, recompile, reconfigure, redeploy, redo, register again, reimport, reindex, reinstall,
rename, replace, rerun, restart, rewrite, set anything, sign in again, take action, take any, touch, update, upgrade
"""
_NOTHING_NEEDED = ", ".join(f"{need} {deed}" for need in split_phrases(_NEED_NOT) for deed in split_phrases(_DEEDS))

COMPATIBILITY_WORDS = (
    Licence(
        "compatibility",
        "old keeps working",
        """
        accepted as well, accepted too, also accepted, are exempt*, are not affected, behave as before, behaves as before,
        bookmarks keep, can go on using, continue to, continue to be, continue to support, continues as, continues to, continues to
        be, continues to support, does not affect existing, drop in, drop in replacement*, earlier behavior, earlier behaviour,
        existing bookmarks, existing callers, existing code, existing config*, existing customers, existing data, existing
        deployments, existing documents, existing files, existing flows, existing installations, existing integrations, existing
        links, existing pipelines, existing plugins, existing projects, existing queries, existing scripts, existing settings,
        existing setups, existing sites, existing tests, existing themes, existing tokens, existing urls, existing users, existing
        workflows, fall back, fallback*, falls back, for backward*, for compatib*, for legacy, for the time being, grace period,
        honoured as before, honours the old, in parallel with the old, is exempt*, is not affected, just as before, just like
        before, keep using, keeps its old, keeps reading, keeps supporting, kept as an alias, kept as is, kept for backward*, kept
        for compatibility, kept working, left as is, left intact, legacy code, live on, lives on, no breaking change*, no existing,
        non breaking, not a breaking change, not affected, not impacted, nothing else changes, old behavior, old behaviour, old
        code, old config*, old data, old export, old files, old format, old links, old method, old scripts, old style, old syntax,
        old url*, old way, older code, older files, older scripts, previous behavior, previous behaviour, previous format, previous
        syntax, remain importable, same as before, side by side with, still build*, still compile*, still connect*, still open*, still
        start*, survive the upgrade, survives the upgrade, transition period, transitional, unaffected, unchanged, unmodified,
        untouched, will be kept, will continue, will go on, will keep, will remain, will still, without being affected, won't
        break, work as before, work as is, works alongside, works as before, works as is, works unmodified
        """,
        also="""
        alias*, already, backward*, compat*, drop in, exempt*, existing, fall back, fallback*, falls back, former
        behavio*, former default*, forward*, grace,
        interchangeabl*, keep*, kept, legacy, lose*, lost, preserv*, remain*, retain*, stay*, still, unchanged
        """,
        added="""
        existing, older, previous*, unchanged, continu*, still, alongside, keep*, kept, remain*, compatib*, legacy, unaffected,
        both, either, default*, as well, without change*, go on, goes on, work, works, working, formerly, preserv*, intact
        """,
    ),
    Licence(
        "compatibility",
        "two names",
        """
        alias*, both are accepted, both forms, both names, both old and new, both spellings, either form, either name, either
        spelling, interchangeabl*, maps to the new, is forwarded to, are forwarded to,
        redirects to the new, accepts both, both are supported, both work
        """,
        also="""
        accept*, alias*, as well, backward*, both, compat*, either, forward*, interchangeabl*, redirect*
        """,
    ),
    Licence(
        "compatibility",
        "still there",
        """
        are still there, can still, is still there, may still, remain available, remain possible,
        remain usable, remains available, remains in place, remains possible, remains usable, still accept*, still accepted, still
        available, still be used, still function*, still honou*, still load*, still parse*, still possible, still read, still recogni*,
        still return*, still sent, for as long as you like, for as long as you want, through a shim, via a shim, sent alongside,
        still written, alongside it, still run*, still support*, still there, still
        understood, still
        used, still valid, still work*, as
        it did before, as they did before, as it always did, as they always did, like before, like the former, like the old,
        like the previous, like the earlier, with existing databases, with existing data, with existing files
        """,
        also="""
        alias*, backward*, compat*, continu*, exempt*, until, fall back, fallback*, falls back, grace, keep*, kept, legacy, lose*, lost,
        preserv*, remain*, retain*, stale, stay*, still, unchanged
        """,
        natures=("deprecate", "fix"),
    ),
    Licence(  # what is deprecated still works; how long, nobody says
        "compatibility",
        "goes on",
        """
        continue to work, continues to work, go on working, goes on working, keep working, keeps working, will still work
        """,
        also="""
        alias*, backward*, compat*, continu*, exempt*, fall back, fallback*, falls back, grace, keep*, kept, legacy, lose*, lost,
        preserv*, remain*, retain*, stay*, still, unchanged, until
        """,
        natures=("fix",),
    ),
    Licence(
        "compatibility",
        "compatible",
        """
        also runs on, also works in, also works on, also works with, backward compat*, backwards compat*, binary compat*,
        compatib*, complies with,
        conformant, conforms, fits any, forward compat*, forwards compat*, goes well with, integrates with, interop, interoperab*, plays
        nicely, plays well, source compat*, standards compat*, standards compliant, universal*, work with any, works across,
        works alongside, works everywhere, works fine with, works in all, works in any, works in every, works on all, works on any, works
        on every, works regardless, works seamlessly, works together with, works wherever, works with all, works with any, works with
        every
        """,
        also="""
        backward*, compat*, interop*, polyfill*
        """,
    ),
    Licence(
        "compatibility",
        "nothing to do",
        f"""
        effortless upgrade, existing code works, existing configurations keep, existing installations, existing setups, hassle free
        upgrade, in place upgrade, just upgrade, need no adjust*, need no change*, need no update*, needs no update*, need no
        rewrit*, needs no rewrit*, need no edit*, needs no edit*, need no rework, needs no rework, need nothing, needs no adjust*,
        needs no change*, needs
        nothing, no action is necessary, no action is needed, no action is required, no action necessary, no action needed, no action
        required, no adaptation*, no adjustment*, no change is needed, no change is required, no change needed, no changes are needed, no
        changes are required, no changes needed, no changes required, no code change*, no config change*, no configuration change*, no
        downtime, no edits, no effort on your side, no extra configuration, no extra setup, no extra steps, no extra work, no further
        action, no further change*, no further steps, no installation, no interruption*, no intervention, no loss of service, no manual*,
        no migration*, no new configuration, no outage*, no preparation, no reboot*, no rebuild*, no reconfigur*, no reinstall*, no
        restart*, no rewrite, no setup, no steps, no upgrade steps, no upgrade work, no work is, no work on your side, nothing breaks,
        nothing changes, nothing else changes, nothing has to, nothing is lost, nothing needs, nothing needs to, nothing to change,
        nothing to do, nothing you have to do, nothing you need to do, painless, plug and play, require no change*,
        requires no action, requires no change*, requires no migrat*, requires nothing, need no attention, needs no
        attention, safe to upgrade, seamless, seamless upgrade,
        seamlessly, simply upgrade, smooth upgrade, straightforward upgrade, transparently, upgrade in place, upgrade is optional, upgrade
        is safe, upgrades cleanly, with no change*, with no effort, with no migration*, with no restart*, without a restart, without
        adjust*, without any action, without any change*, without any modif*, without breaking, without change*, without changing, without
        code change*, without downtime, without editing, without effort, without interruption*, without intervention, without manual*,
        without migrat*, without modif*, without outage*, without re index*, without reboot*, without rebuild*, without reconfigur*,
        without reindex*, without reinstall*, without restart*, without rewriting, without touching, without updating, worry free, zero
        downtime, {_NOTHING_NEEDED}
        """,
        also="""
        no longer need*, no longer require*, no migration, no need, out of the box, transparent*, unnecessar*, without, zero downtime
        """,
    ),
    Licence(
        "compatibility",
        "migrated for you",
        """
        adopted automatically, are converted, are imported automatically, are migrated, are rewritten, are translated, are
        upgraded, at first launch, at first start, at startup converted, at the first start, automatic conversion*, automatically
        mapped, automatically moved, automatically redirected, automatically renamed, automatically rewritten, bring over, brings
        over, carried over, carries over, carry over, converts existing, converts itself, converts old, converts
        them, converts your, done for you, follow automatically, get converted, get migrated, get moved, get upgraded, gets
        converted, gets migrated, handled by the upgrade, handles the migration, imported for you, is converted, is migrated, is
        rewritten, mapped automatically, migrate themselves, migrates existing, migrates old, migrates them, migrates your,
        migrating itself, moved automatically, moved for you, moved over, moves over, moves your, on first launch, on first run, on
        first start, on the first start, picked up automatically, is redirected to, are redirected to, redirected automatically,
        renamed automatically, renamed for you,
        rewrites existing, rewrites old, rewrites your, rewritten automatically, rewritten for you, taken along, taken over
        automatically, takes over your, translates old, update themselves, updates itself, upgrade script*, upgrade themselves,
        upgraded in place, upgrades itself, upgrades your
        """,
        also="""
        auto, automatic*, bump*, carr*, codemod*, conversion*, convert*, migrat*, redirect*, rewrit*, translat*, updat*, upgrad*
        """,
        added="""
        themselves, itself, automatic*, convert*, moved, moves, rewrit*, redirect*, adapt*, adjust*, copied, fill*, complet*,
        import*, translat*, mapped, transfer*, carried, for you, taken over, taken along, turned into, updated, upgrad*, on their
        own, on its own, switches to, switched over, migrated, migrates, migration
        """,
    ),
    Licence(
        "compatibility",
        "everywhere",
        """
        all architectures, all browsers, all clients, all databases, all devices, all distributions, all environments, all major
        browsers, all modern browsers, all operating systems, all phones, all platforms, all versions, any browser, any device, any
        environment, any operating system, any phone, any platform, any version, cross platform, every architecture, every browser,
        every client, every device, every distribution, every environment, every major, every operating system, every phone, every
        platform, every tablet, every version, existing clients, legacy browsers, legacy systems, old browsers, old clients, old
        devices, old phones, older android, older browsers, older clients, older devices, older hardware, older ios, older models,
        older phones, older systems, regardless of browser, regardless of platform, regardless of the browser, regardless of
        version, tablets and phones, third party clients, whatever browser, whatever the platform, whichever browser, whichever
        version
        """,
        also="""
        backport*, browser*, client*, cross platform, device*, legacy, platform*, version*
        """,
    ),
    Licence(
        "compatibility",
        "requirement",
        """
        are mandatory, are now required, are required, at least version, is mandatory, is now required, is required, mandatory, minimum
        supported, minimum version, now require, now requires, requires
        """,
        also="""
        always, and above, at least, default*, depend*, drop*, enforc*, instead of, mandator*, minimum, missing, must, need*, only, or
        higher, or later, or newer, refus*, reject*, requir*, validat*, without
        """,
        natures=(
            "deps",
            "remove",
        ),
        marks=("breaking",),
    ),
)
