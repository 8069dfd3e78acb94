"""Compatibility words: what keeps working, on what, and what nobody has to do, which only entries may promise."""

# Lists reviewed by people; `licence` says how they are read.

from __future__ import annotations

from notewright.grounding.licence import Licence

COMPATIBILITY_WORDS = (
    Licence(
        "compatibility",
        "old keeps working",
        """
        accepted as well, goes on working, go on working, keep using, stay valid, stays valid, stay as they are, can still,
        accepted too, alias*, already, also accepted, are exempt*, are not affected, are still there, as is, as it is,
        as they are, behave as before, behaves as before, both forms, both names, both old and new,
        both spellings, both work, can still, continue to accept, continue to be, continue to function, continue to run,
        continue to support, continue to work, continue unchanged, continue working, continues to accept, continues to be,
        continues to function, continues to run, continues to support, continues to work, continues unchanged, do not break,
        does not break, doesn't break, drop in, drop in replacement*, earlier behavior, earlier behaviour, either form, either name,
        either spelling, existing, fall back, fallback*, falls back, for legacy,
        are forwarded to, is forwarded to, grace period, honoured as before,
        interchangeabl*, is exempt*, is not affected, is still there, keep on working, keep working, keeps its old,
        keeps on working, keeps working, kept as an alias, kept for backward*, kept for compatibility, kept working,
        may still, remain accepted, remain readable, remain usable, remain unchanged, remains readable, remains usable, remain importable,
        no breaking change*, no existing, non breaking, not a breaking change, not affected, nothing breaks,
        nothing else changes, old behavior, old behaviour, old export, old format, old method, old name still, old names still, old path,
        old style, old syntax, old way, previous behavior, previous behaviour, remain accepted, remain available, remain compatible,
        remain functional, remain possible, remain supported, remain valid, remains accepted, remains available,
        remains compatible, remains in place, remains possible, remains supported, remains valid, same as before,
        stay available, stay supported, stays available, stays supported, still accept*, still accepted, still available, still be used,
        still function*, still honou*, still load*, still parse*, still possible, still read, still recogni*, still return*, still run*,
        still support*, still there, still understood, still used, still valid, still work*, transition period, transitional, unaffected,
        unchanged, unmodified, untouched, will be kept, will not break, will still, without breaking, won't break, work as before,
        works alongside, works as before, works unmodified
        """,
        also="""
        alias*, already, backward*, compat*, drop in, exempt*, existing, fall back, fallback*, falls back, forward*, grace,
        interchangeabl*, keep*, kept, legacy, lose*, lost, preserv*, remain*, retain*, stay*, still, unchanged
        """,
    ),
    Licence(
        "compatibility",
        "compatible",
        """
        also runs on, also works in, also works on, also works with, backward, backwards, compatib*, conformant, conforms,
        forward compat*, forwards compat*, interop, interoperab*, runs on, standards compliant, work with any, works across,
        works in all, works in any, works in every, works on all, works on any, works on every, works with all, works with any,
        works with every
        """,
        also="""
        backward*, compat*, interop*, polyfill*
        """,
    ),
    Licence(
        "compatibility",
        "nothing to do",
        """
        do not need to, does not need to, doesn't need to, don't need to, existing code works, existing configurations keep,
        existing installations, existing setups, hassle free upgrade, in place upgrade, need no, need no adjust*, need no change*,
        need not be, need not change, needs no, needs no adjust*, needs no change*, no action is necessary, no action is needed,
        no action is required, no action necessary, no action needed, no action required, no change is needed, no change is required,
        no change needed, no changes are needed, no changes are required, no changes needed, no changes required, no code change*,
        no config change*, no configuration change*, no downtime, no effort on your side, no further action, no interruption*,
        no manual*, no migration*, no need to, no one has to, no reconfigur*, no reinstall*, no restart*, no rewrite, no steps,
        no upgrade steps, no work on your side, nobody has to, nothing changes, nothing else changes, nothing has to, nothing needs to,
        nothing to change, nothing to do, nothing you have to do, nothing you need to do, out of the box, plug and play,
        require no change*, requires no action, requires no change*, requires no migrat*, requires nothing, safe to upgrade,
        seamless upgrade, smooth upgrade, transparently, upgrade in place, upgrade is optional, without a restart, without any action,
        without any change*, without any modif*, without change*, without changing, without code change*, without downtime,
        without editing, without further*, without having to, without interruption*, without migrat*, without modif*,
        without reconfigur*, without reinstall*, without restart*, you do not have to, you don't have to, zero downtime
        """,
        also="""
        no longer need*, no longer require*, no migration, no need, out of the box, transparent*, unnecessar*, without, zero downtime
        """,
    ),
    Licence(
        "compatibility",
        "migrated for you",
        """
        adopted automatically, are converted, are imported automatically, are migrated, are rewritten, are translated,
        are upgraded automatically, automatic conversion*, automatic migration*, automatically converted, automatically converts,
        automatically mapped, automatically migrated, automatically migrates, automatically moved, automatically redirected,
        automatically renamed, automatically rewritten, automatically translated, automatically updated, automatically upgraded,
        be converted automatically, carried over, carries over, converted automatically, converts automatically, converts itself,
        is migrated, is upgraded automatically, mapped automatically, migrate themselves, migrated automatically, migrates automatically,
        moved automatically, moves over, picked up automatically, redirected automatically, renamed automatically,
        rewritten automatically, taken over automatically, translated automatically, updated automatically, upgrade themselves,
        upgraded automatically
        """,
        also="""
        auto, automatic*, carr*, codemod*, conversion*, convert*, migrat*, redirect*
        """,
    ),
    Licence(
        "compatibility",
        "everywhere",
        """
        all browsers, all clients, all devices, all major browsers, all modern browsers, all operating systems, all platforms,
        all versions, any device, any version, cross platform, earlier releases, earlier versions, every browser, every device,
        every operating system, every platform, every version, existing clients, legacy browsers, legacy systems, old browsers,
        old clients, old versions, older browsers, older clients, older devices, older releases, older versions, previous versions,
        third party clients
        """,
        also="""
        backport*, browser*, client*, cross platform, device*, legacy, platform*, version*
        """,
    ),
    Licence(
        "compatibility",
        "requirement",
        """
        are mandatory, are now required, are required, at least version, is mandatory, is now required, is required, mandatory,
        minimum supported, minimum version, now require, now requires, requires
        """,
        also="""
        always, and above, at least, default*, depend*, drop*, enforc*, instead of, mandator*, minimum, missing, must, need*, only,
        or higher, or later, or newer, refus*, reject*, requir*, validat*, without
        """,
        natures=(
            "deps",
            "remove",
        ),
        marks=("breaking",),
    ),
    Licence(
        "compatibility",
        "windows",
        """
        windows
        """,
        also="""
        cmd, mingw, msvc, powershell, win, win32, win64, windows
        """,
    ),
    Licence(
        "compatibility",
        "macos",
        """
        apple silicon, mac os, macos, macs, os x
        """,
        also="""
        apple, darwin, homebrew, m1, mac, macos, os x, osx
        """,
    ),
    Licence(
        "compatibility",
        "linux",
        """
        alpine, centos, debian, fedora, linux, red hat, ubuntu
        """,
        also="""
        alpine, centos, debian, fedora, glibc, gnome, linux, musl, posix, red hat, rhel, systemd, ubuntu, unix, wayland
        """,
    ),
    Licence(
        "compatibility",
        "ios",
        """
        ios, ipad*, ipados, iphone*
        """,
        also="""
        apple, ios, ipad*, iphone*, mobile safari, swift
        """,
    ),
    Licence(
        "compatibility",
        "android",
        """
        android*
        """,
        also="""
        android*, apk, kotlin, play store
        """,
    ),
    Licence(
        "compatibility",
        "chrome",
        """
        chrome, chromium, edge browser, microsoft edge
        """,
        also="""
        blink, chrome, chromium, edge
        """,
    ),
    Licence(
        "compatibility",
        "firefox",
        """
        firefox
        """,
        also="""
        firefox, gecko, mozilla
        """,
    ),
    Licence(
        "compatibility",
        "safari",
        """
        safari
        """,
        also="""
        safari, webkit
        """,
    ),
    Licence(
        "compatibility",
        "internet explorer",
        """
        ie 11, ie11, internet explorer
        """,
        also="""
        ie*, internet explorer
        """,
    ),
    Licence(
        "compatibility",
        "arm",
        """
        aarch64, arm devices, arm processors, arm64, raspberry pi
        """,
        also="""
        aarch64, arm*, m1, raspberry*, silicon
        """,
    ),
    Licence(
        "compatibility",
        "node",
        """
        bun, deno, node.js
        """,
        also="""
        bun, deno, engines, node*, npm
        """,
    ),
    Licence(
        "compatibility",
        "databases",
        """
        mariadb, mongodb, mysql, oracle, postgres, postgresql, redis, sql server, sqlite
        """,
        also="""
        database*, mariadb, mongo, mongodb, mssql, mysql, oracle, pg, postgres, postgresql, redis, sql, sql server, sqlite, sqlite3
        """,
    ),
    Licence(
        "compatibility",
        "clouds",
        """
        aws, azure, docker, gcp, google cloud, kubernetes, openshift, podman
        """,
        also="""
        aws, azure, container*, docker*, gcp, gcs, google cloud, helm, k8s, kubernetes, oci, openshift, pod*, podman, s3
        """,
    ),
)
