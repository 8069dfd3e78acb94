"""Claim words: performance, security and deprecation, which a sentence may speak of only if its entries do."""

# Lists reviewed by people; `licence` says how they are read.

from __future__ import annotations

from notewright.grounding.lists.licence import Licence

CLAIM_WORDS = (
    Licence(
        "performance",
        "speed",
        """
        accelerat*, add no time, adds no time, ahead of time, at full speed, at lightning, at twice the, benchmarks, blazing*,
        blink of an eye, boot time*, bottleneck*, build time*, cheap, cheaper, cold start*, compile time is, cost less, cost of,
        costs less, costs little, costs next to nothing, costs no time, costs nothing, cut in half, delays, do less work, does less
        work, efficien*, effortlessly fast, expedite*, extra cost, fast, fastest, fewer passes, fewer steps to compute, fps,
        fraction of the time, frame rate*, framerate*, free of lag, freezes, frozen, no longer freeze, halves,
        hang time, hasten*, hiccup*, high performance,
        immediacy, in a blink, in a flash, in a fraction, in milliseconds, instant response*, instant results, in next to no time,
        in one pass, in seconds, in the
        blink, instantaneous*, jank*, keep up with, keeps up with, lag, laggy, lags, latencies, latency, less than half the, less
        work for the, lightning, load time*, loading time*, milliseconds, more quickly, more responsive, near instant, near real
        time, never waits, nimble, no delay, no extra time, no longer slow, no measurable, no noticeable, no performance, no
        slowdown, no waiting, noticeably, on the spot, optimi*, order of magnitude, orders of magnitude, outperform*, overhead,
        overhead free, peppy, performan*, pick up speed, picks up speed, promptly, query time*, quick, quicken*, quickest,
        quickly, rapid, rapidly, reaction time*, realtime, render time*, rendering time*, repaint time*, respond in, responds in,
        response time*, responsive*, run time is, scalab*, scale better, scales better, scales up, shaves, shorter time, shorter
        wait*, slow*, slowdown*, slower, sluggish*, smoother, smoothly, snapp*, sped up, speed*, speedup*, start up time*, startup
        time*, straight away, stutter*, sub second, subsecond, swift*, tail latency, take a fraction, take less, take no longer,
        take seconds, takes a fraction, takes half, takes less, takes longer, takes no longer, takes no time, takes seconds, the
        moment you, throughput, time consuming, time it takes, time saved, time savings, time to first, time to interactive, times
        as fast, turbo*, twice as fast, under a second, unresponsive, up to speed, velocity, wait for less, wait less, wait time*,
        waiting time*, waits less, wide margin, with no delay, within seconds, without a pause, without delay, without lag, without
        slowing, without stutter*, without waiting, zero cost, zippy
        """,
        also="""
        accelerat*, delay*, download rate*, early, efficien*, hung, live, transfer rate*, upload rate*,
        fast*, freez*, hang*, immediate*, instant*, lag*, late, latency, optimi*, perf, performance, quick*,
        slow*, soon*, speed*, stall*, stutter*, throughput
        """,
        added="""
        second*, minute*, millisecond*, microsecond*, moment*, wait*, delay*, pause*, instant*, immediate*, sooner, short*, smooth*,
        startup, start up, boot*, loading, render*, scroll*, early, at once, linear, constant, cost*, thousands, millions, barely,
        hardly, keep pace, keeps pace, large, huge, heavy, under load, hours, faster, slow*, quick*, less time
        """,
        natures=("perf",),
    ),
    Licence(
        "performance",
        "fraction",
        """
        a fraction of the, a third of the size, half the size
        """,
        also="""
        double*, fifth*, half, halv*, percent, quarter*, tenth*, third*, tripl*, twice
        """,
    ),
    Licence(
        "performance",
        "memory",
        """
        allocates less, consumes less, eats less, fewer allocations, footprint, gigabytes of ram, half the memory, less heap, less memory,
        less of your ram, less ram, low memory, lower footprint, lower memory, lower ram, memory bloat, memory consumption, memory
        efficient, memory footprint, memory friendly, memory hungry, memory needs, memory overhead, memory pressure, memory saving*,
        memory usage, memory use, needs less ram, peak memory, ram consumption, ram usage, reduced memory, reduces memory, save memory,
        saves memory, smaller heap, uses half the, uses less ram, working set
        """,
        also="""
        alloc*, footprint, garbage, heap, leak*, memory, oom, ram
        """,
        added="""
        memory, ram, allocation*
        """,
        natures=("perf",),
    ),
    Licence(
        "performance",
        "load",
        """
        bandwidth, battery life, battery*, carbon footprint, cheaper to run, cloud bill*, cloud cost*, cpu load, cpu time, cpu
        usage, data usage,
        database load, disk i o, disk io, drains, energy use, fewer calls, fewer connections, fewer database, fewer queries, fewer reads,
        fewer requests, fewer resources, fewer round trips, fewer writes, hosting bill*, hosting cost*, infrastructure cost*, io load,
        less bandwidth, less cpu, less cpu time, less data, less disk io, less electricity, less energy, less load, less network, less
        power, less resource*, less traffic, lighter load, lighter on, load on the, load on your, longer battery, lower bandwidth, lower
        cpu, lower energy, lower load, lower power, network load, network traffic, one round trip, power consumption, processor load,
        processor time, relieves, resource efficient, resource usage, saves bandwidth, saves energy, saves power, server load, single
        round trip, taxes the, uses fewer, uses less
        """,
        also="""
        bandwidth, battery, cpu, energy, load, network, poll*, power, request*, resource*, round trip*, roundtrip*, traffic
        """,
        added="""
        cpu, traffic, energy, battery, round trip*, load, resource*, server, servers, power
        """,
        natures=("perf",),
    ),
    Licence(
        "performance",
        "size",
        """
        bloat*, bundle size, disk footprint, disk space, disk usage, download size, fewer bytes, fewer megabytes, half the size, leaner,
        less disk, less room, less space, less storage, light weight, lighter, lightweight, megabytes lighter, much smaller, of its size,
        reduces the size, saves space, shrinks the, size is halved, slimmer, smaller archive*, smaller binaries, smaller binary, smaller
        bundle*, smaller download*, smaller file*, smaller footprint, smaller image*, smaller installer*, smaller on disk, smaller
        package*, smaller size, storage footprint, storage space, takes less disk, takes less room, takes up less, tinier, tiny
        """,
        also="""
        bundle*, bytes, compact*, compress*, dedup*, dependency free, disk, gb, kb, light*, mb, minif*, shrink*, shrunk, size*, slim*,
        small*, space, strip*, tree shak*, tree shake, unused
        """,
        added="""
        space, disk, light*, weigh*, compact*, bytes, room, smaller, smallest
        """,
        natures=("perf",),
    ),
    Licence(
        "security",
        "attackers",
        """
        abuse*, adversar*, at risk, attack surface, attack*, attackable, attempts to break in, break out of, breaks out of, breaking
        out of, backdoor*, bad actor*, tricked into, trick into, bots, listen in, listened in, overhear*, overheard, breach*, break
        in, bring down, brings down, take down, break ins, break into, breaking into, breaks into, bulletproof security, burglar*,
        carefully crafted, cheater*, compromise*, crack*, crafted, credential theft, criminals, defen*, disclose the contents,
        eavesdrop*, exfiltrat*, exploit*, exploitable, follow you, foreign code, forge, forged, forgery, fraud*, hacked, hacker*,
        hijack*, hostile, impersonat*, imposter*, impostor*, infiltrat*, inject code, inject markup, inject script*, injected code,
        injected into, insider*, intercept*, intrud*, intruder*, leaks private, leaks the private, leaks your, loophole*,
        malicious*, nefarious, poison*, security advisory, security bug*, security flaw*, security gap*, security hole*, security
        issue*, script injection*, injection hole*, unpatched, security flaw*, flaw in, flaws in, security problem*, security
        risk*, security
        weakness*, sniff*, snoop*, specially crafted, specially prepared,
        spoof*, steal, stealing, steals, stole, take over accounts, take over your, takeover*, tamper proof, tamper*, thief,
        thieves, threat*, unwanted visitors, vulnerab*, weakness*, wiretap*
        """,
        also="""
        advisory, csrf, cve*, cwe*, dos, ghsa*, injection, rce, smuggl*, ssrf, traversal, xss
        """,
        natures=("security",),
        marks=("security",),
    ),
    Licence(
        "security",
        "leak",
        """
        clear text, cleartext, closes a leak, closing a leak, plugs a leak, data leak*, disclos*, gave away, give away, gives
        away, giving away, obfuscat*, parameters masked,
        scrubbed, values masked, expose credentials, exposed credentials, exposes credentials, exposure of, information leak*,
        leak*, spill*
        """,
        also="""
        disclos*, expos*, leak*, log*, plain text, print*, reveal*, secret*, visible
        """,
        added="""
        leak*, expos*, reveal*, logged
        """,
        marks=("security",),
    ),
    Licence(
        "security",
        "protection",
        """
        bad hands, closing a hole, keep credentials, keeps credentials, hole that, gap in, closing a gap, closes a gap, escape to,
        escape from, escape into, heap corruption, heap overflow*, monitored for, exposed internal, exposed private, beyond
        recovery, brute, bypass*, can no longer
        be used to, cannot be guessed, carry
        scripts, closes a hole, could be
        used to, data leak*, escape the, guarded against, guards against, guess*, harden*, immune, impenetrable, insecur*, invulnerable,
        irrecoverabl*, irreversibl*, keeps out, kept out, leak credentials, leak of data, leaked credentials, leaks credentials, lets
        anyone, locked against, more secure, no one else can, nobody else can, only you can, other people's, other users', outsiders,
        overflow*, plug the hole, proof against, protect*, prying eyes, run scripts, safe against, safe
        from, safeguard*, shield*, third parties, third party access, safely, safer, safest, safety, kept safe, keeps your data
        safe, stays safe,
        sanitis*, sanitiz*, secure, secured, securely, secures, securing, security, somebody else's, someone else's, strangers,
        tamperproof, trustworthy, unauthenticated, unauthori*, unguessable, unreadable to, unrecoverabl*, untrusted, unwanted
        access, unwanted eyes, watertight, without authori*, without consent, without permission, without your knowledge
        """,
        also="""
        advisory, csrf, cve*, cwe*, dos, escap*, ghsa*, injection, permission*, rce, sanitis*, sanitiz*, secret*, ssrf, traversal, xss
        """,
        added="""
        safe*, secur*, protect*, guess*, stranger*, outsider*, nobody, no one, shield*, trick*, attack*, hack*, credential*,
        secret*, password*, trust*, bot, bots, harm*, misus*, third part*, remotely, triggered, brought down, escape*, corruption,
        monitored, supervis*, cheat*
        """,
        natures=("security",),
        marks=("security",),
    ),
    Licence(
        "security",
        "attack",
        """
        account takeover*, arbitrary code, brute force*, bruteforc*, buffer overflow*, clickjacking, code execution, code injection*,
        command injection*, credential leak*, credential stuffing, cross site*, csrf, data breach*, ddos*, denial of service,
        deserialization attack*, directory traversal, dns rebinding, dos attack*, downgrade attack*, escalation of privilege*, format
        string, header injection, information disclosure, information leak*, injection attack*, integer overflow*, log injection, malware,
        man in the middle, memory corruption, memory safety, open redirect*, out of bounds, path traversal, phishing, privilege
        escalation, prototype pollution, race condition attack*, ransomware, rce, redos, remote code execution, replay attack*, request
        smuggling, session fixation, session hijack*, side channel*, spam*, sql injection*, ssrf, ssti, stolen, supply chain, template
        injection, timing attack*, token leak*, use after free, wrong hands, xss, xxe, zero day*
        """,
    ),
    Licence(
        "security",
        "severity",
        """
        actively exploited, audited, critical security, critical severity, critical vulnerab*, cve, cvss, exploited in the wild, high
        risk, high severity, hotfix for a vulnerab*, in the wild, low severity, medium severity, penetration test*, pentest*, responsibly
        disclosed, security audit*, security researcher*, security review, serious security, serious vulnerab*, severe security, severe
        vulnerab*, severity, urgent security
        """,
    ),
    Licence(
        "security",
        "encryption",
        """
        at rest, ciphertext, cryptograph*, e2e encrypt*, encipher*, encrypt*, end to end encrypt*, https only,
        key exchange, perfect forward secrecy, ssl, tls, tls encrypted, unencrypted,
        zero knowledge
        """,
        also="""
        aes, argon2*, bcrypt, cipher*, crypt*, decrypt*, encrypt*, gpg, pgp, ssl, tls
        """,
        added="""
        encrypt*, cipher*, cryptogra*
        """,
    ),
    Licence(
        "security",
        "signing",
        """
        digitally signed, hashed, salted, signed and verified, signed message*, signed payload*, signed request*, signed
        response*, signed with
        """,
        also="""
        aes, argon2*, bcrypt, cert*, crypt*, gpg, hash*, hmac*, pgp, sign, signature*, signed, signing
        """,
        added="""
        signature*, hash*, signed by
        """,
    ),
    Licence(
        "security",
        "checked",
        """
        tamper proof
        """,
        also="""
        attest*, audit*, authenticat*, cert*, check*, gpg, hash*, hmac*, inspect*, invalid, issuer*, malware, permission*, pgp, reject*,
        sanit*, scan*, sign*, sniff*, tamper*, unsigned, untrusted, valid*, verif*, virus*
        """,
        added="""
        verif*, prov*, confirm*, genuin*, scan*, signature*, only signed, validat*
        """,
    ),
    Licence(
        "security",
        "isolation",
        """
        in isolation, isolat*, isolated environment*, jailed, least privilege, lockdown, locked down, own process, restricted environment,
        sandbox*, separate process, unprivileged, without root
        """,
        also="""
        chroot, container*, ephemeral, isolat*, jail, namespace*, rootless, sandbox*, unprivileged
        """,
    ),
    Licence(
        "security",
        "privacy",
        """
        anonymi*, anonymity, anonymous*, ccpa, compliance, compliant, confidential*, data protection, eu law, fingerprint*, gdpr, hipaa,
        iso 27001, legal requirement*, never leave your device, never leaves your device, never shared with, never tracked, no tracking,
        pci, personal data, personally identif*, privacy, private data, profiling, pseudonymi*, sensitive data,
        sensitive information, soc 2, stays on your device, surveillance, track users, tracked by, tracks users, without a trace
        """,
        also="""
        alone, anonym*, anyone, complian*, confidential*, everybody, everyone, exif, expos*, gdpr, hid*, hipaa, leak*, mask*, only,
        other*, pci, personal, pii, privacy, private, public, redact*, secret*, sensitive, visible
        """,
        added="""
        private*, personal*, details, identit*, stored, leav*, mask*, hid*, visible, data, anonym*, sensitive, track*, record*, read
        by, by others, to others, from others
        """,
    ),
    Licence(
        "security",
        "access",
        """
        2fa, secret address*, secret link*, access checks, access control*, audit log*, audit trail*, authenticat*, authori*,
        firewall*, intrusion*, mfa, multi factor,
        permission check*, role based, two factor
        """,
        also="""
        2fa, access*, audit*, auth*, firewall*, log in, login*, mfa, multi factor, oauth*, oidc, passkey*, password*, permission*, role*,
        saml, session*, sign in, sso, token*, two factor, webauthn
        """,
        added="""
        permission*, access*, rights, administrator*, admin, admins, guest*, invited, authoris*, authoriz*, authenticat*, log in, sign in,
        password*, account*, allowed
        """,
    ),
    Licence(
        "deprecation",
        "deprecated",
        """
        about to be removed, advise against, advised against, avoid using, be phased, best avoided, ceases to exist, considered outdated,
        days are numbered, deprecat*, discourag*, discouraged, earmarked for, faces removal, final release to, frowned upon, future
        removal, going away, is being removed, is leaving, is outdated, last release to, last release with, last version to, last version
        with, legacy option, legacy status, living on borrowed, marked for removal, moribund, no longer advised, no longer encouraged, no
        longer recommended, no longer the preferred, no longer the recommended, no longer the way, not recommended, obsolescen*,
        obsolete*, on borrowed time, on its way out, on the way out, outmoded, pending removal, phase out, phased out, phases out, phasing
        out, planned for removal, removal is, removal is planned, removed in a future, removed later, says goodbye, scheduled for removal,
        set to disappear, should be avoided, should no longer be used, should not be used any more, slated for removal, slowly removed,
        stop using, support will end, taken out later, time is up, to be dropped, to be removed, to be retired, warns that it will, will
        be deleted, will be discontinued, will be dropped, will be gone, will be history, will be no more, will be removed, will be
        replaced, will be retired, will be taken out, will be unsupported, will cease, will disappear, will end, will go away, will leave,
        will no longer be, will no longer be supported, will not be supported, will not survive, will soon, will stop working, will
        vanish, won't be supported
        """,
        also="""
        deprecat*, discourag*, end of life, eol, go away, goes away, going away, in favor of*, in favour of*, legacy, obsolete*, phase*,
        removal, retire*, sunset*, supersed*, unmaintained, will be removed
        """,
        natures=("deprecate",),
    ),
    Licence(
        "deprecation",
        "ended",
        """
        abandoned, end its life, end of life, end of support, eol, no longer maintained, out of support, reaches end, retire, retired,
        retires, stops being supported, sunset*, superseded, support ends, unmaintained, winding down, wound down
        """,
        also="""
        delet*, deprecat*, discontinu*, drop*, eliminat*, end of life, eol, gone, legacy, no longer, not support*,
        unsupported, obsolete*, phase*, remov*, replac*,
        retire*, sunset*, supersed*, unmaintained
        """,
        natures=("deprecate", "remove"),
    ),
)
