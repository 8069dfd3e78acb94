"""Claim words: performance, security and deprecation, which a sentence may speak of only if its entries do."""

# Lists reviewed by people; `licence` says how they are read.

from __future__ import annotations

from notewright.grounding.licence import Licence

CLAIM_WORDS = (
    Licence(
        "performance",
        "speed",
        """
        accelerat*, add no time, adds no time, at full speed, at twice the, benchmarks, blazing*, in a blink, in the blink,
        blink of an eye, boot time*,
        bottleneck*, brisk*, build time*, cold start*, compile time is, costs no time, cut in half, cuts down on time, cuts the time,
        efficien*, expedite*, extra cost, fast, faster, fastest, fps, fraction of the time, frame rate*, framerate*, freez*,
        half the time, halves, hasten*, high performance, in a flash, in a fraction, in an instant, in half the time, in milliseconds,
        in no time, in one pass, in seconds, instantaneous*, instantly, jank*, lag, laggy, lags, latencies, latency, less than half the,
        less time, less waiting, lightning, load time*, loading time*, loads at once, milliseconds, more quickly, more responsive,
        near instant, nimble, no delay, no extra time, no measurable, no performance, no slowdown, no waiting, opens at once, optimi*,
        order of magnitude, orders of magnitude, outperform*, overhead, overhead free, performan*, query time*, quick, quicken*, quicker,
        quickest, quickly, rapid, rapidly, render time*, rendering time*, repaint time*, response time*, responsive*,
        run time is, save time, saves time, saving time, scalab*, scale better, scales better, shaves,
        shorter time, slow*, slowdown*, slower, sluggish*, smoother, smoothly, snapp*, sooner, sped up, speed*, speedier, start up time*,
        startup time*, stutter*, sub second, subsecond, swift*, take seconds, takes half, takes longer, takes no time, takes seconds,
        the moment you, throughput, time consuming, time it takes, time savings, times as fast, times faster, turbo*, twice as fast,
        under a second, wait for less, wait time*, waiting time*, wide margin, within seconds, without a pause, without delay,
        without slowing, without waiting, zero cost
        """,
        also="""
        accelerat*, batch*, cach*, concurren*, debounc*, delay*, eager*, efficien*, fast*, freez*, hang*, immediate*, instant*,
        interval*, lag*, latency, lazily, lazy, memoi*, optimi*, parallel*, perf, performance, polling, prefetch*, preload*, quick*,
        redundant, slow*, speed*, stall*, stream*, stutter*, throttl*, throughput, time out, timeout*, tree shak*, tree shake,
        unnecessar*, vectori*
        """,
        natures=("perf",),
    ),
    Licence(
        "performance",
        "memory",
        """
        fewer allocations, footprint, half the memory, less memory, less ram, lower footprint, lower memory, memory consumption,
        memory efficient, memory footprint, memory pressure, memory saving*, memory usage, memory use, ram usage, reduced memory,
        reduces memory, save memory, saves memory, smaller heap, uses less ram
        """,
        also="""
        alloc*, footprint, garbage, heap, leak*, memory, oom, ram
        """,
    ),
    Licence(
        "performance",
        "load",
        """
        bandwidth, battery*, cpu load, cpu usage, data usage, database load, fewer database, fewer queries, fewer requests,
        fewer resources, fewer round trips, less cpu, less cpu time, less data, less energy, less load, less power, less resource*,
        less traffic, lighter load, longer battery, lower load, network traffic, one round trip, power consumption, resource efficient,
        resource usage, saves bandwidth, server load, single round trip, uses fewer
        """,
        also="""
        bandwidth, battery, cpu, energy, load, network, poll*, power, request*, resource*, round trip*, roundtrip*, traffic
        """,
    ),
    Licence(
        "performance",
        "size",
        """
        bundle size, disk space, download size, half the size, leaner, less space, light weight, lighter, lightweight, reduces the size,
        saves space, shrinks the, slimmer, smaller binaries, smaller binary, smaller bundle*, smaller download*, smaller footprint,
        smaller image*, smaller installer*, smaller package*, smaller size, much smaller, of its size, size is halved, storage space,
        takes less disk, thinner
        """,
        also="""
        bundle*, bytes, compact*, compress*, dedup*, dependency free, disk, gb, kb, light*, mb, minif*, shrink*, shrunk, size*, slim*,
        small*, space, strip*, tree shak*, tree shake, unused
        """,
    ),
    Licence(
        "security",
        "protection",
        """
        abuse*, attack surface, attack*, attackable, breach*, bulletproof security, bypass*, can no longer be used to, carry scripts,
        compromise*, could be used to, crack*, credential theft, criminals, data leak*, eavesdrop*, escape the, exploit*, forge, forged,
        forgery, fraud*, guess*, hacked, hacker*, harden*, hijack*, impersonat*, insecur*, intercept*, intruder*, leak credentials,
        leak of data, leaked credentials, leaks credentials, lets anyone, loophole*, malicious*, more secure, other people's,
        other users', outsiders, overflow*, protect*, prying eyes, run scripts, safe, safeguard*, safely, safer, safest, safety,
        sanitis*, sanitiz*, secure, secured, securely, secures, security, security bug*, security flaw*, security hole*, security issue*,
        security problem*, snoop*, somebody else's, someone else's, spoof*, steal, stealing, steals, strangers, tamper proof,
        tamper*, thieves, threat*, trusted, trustworthy, unauthenticated, unauthori*, untrusted, unwanted access, vulnerab*,
        without authori*
        """,
        also="""
        advisory, csrf, cve*, cwe*, dos, escap*, ghsa*, injection, permission*, rce, sanitis*, sanitiz*, secret*, ssrf, traversal, xss
        """,
        natures=("security",),
        marks=("security",),
    ),
    Licence(
        "security",
        "attack",
        """
        account takeover*, stolen, wrong hands, malware, arbitrary code, brute force*, bruteforc*, buffer overflow*, clickjacking,
        code execution, code injection*,
        command injection*, credential leak*, credential stuffing, cross site*, csrf, data breach*, ddos*, denial of service,
        deserialization attack*, directory traversal, dns rebinding, dos attack*, downgrade attack*, escalation of privilege*,
        format string, header injection, information disclosure, information leak*, injection attack*, integer overflow*, log injection,
        malware, man in the middle, memory corruption, memory safety, open redirect*, out of bounds, path traversal, phishing,
        privilege escalation, prototype pollution, race condition attack*, ransomware, rce, redos, remote code execution, replay attack*,
        request smuggling, session fixation, session hijack*, side channel*, spam*, sql injection*, ssrf, ssti, supply chain,
        template injection, timing attack*, token leak*, use after free, xss, xxe, zero day*
        """,
    ),
    Licence(
        "security",
        "severity",
        """
        actively exploited, audited, critical security, critical severity, critical vulnerab*, cve, cvss, exploited in the wild,
        high risk, high severity, hotfix for a vulnerab*, in the wild, low severity, medium severity, penetration test*, pentest*,
        responsibly disclosed, security audit*, security researcher*, security review, serious security, serious vulnerab*,
        severe security, severe vulnerab*, severity, urgent security
        """,
    ),
    Licence(
        "security",
        "encryption",
        """
        at rest, cryptograph*, digitally signed, e2e encrypt*, encrypt*, end to end encrypt*, hashed, https only, salted, signed with,
        tls
        """,
        also="""
        aes, argon2*, bcrypt, cipher*, crypt*, decrypt*, encrypt*, gpg, hash*, pgp, sign, signature*, signed, signing, ssl, tls
        """,
    ),
    Licence(
        "security",
        "isolation",
        """
        in isolation, isolat*, isolated environment*, jailed, least privilege, lockdown, locked down, own process,
        restricted environment, sandbox*, separate process, unprivileged, without root
        """,
        also="""
        chroot, container*, ephemeral, isolat*, jail, namespace*, rootless, sandbox*, unprivileged
        """,
    ),
    Licence(
        "security",
        "privacy",
        """
        anonymi*, compliance, compliant, confidential*, gdpr, hipaa, pci, personal data, privacy, never leave your device,
        never leaves your device, stays on your device, private data, pseudonymi*,
        sensitive data, sensitive information, soc 2
        """,
        also="""
        anonym*, complian*, confidential*, exif, gdpr, hipaa, mask*, pci, personal, pii, privacy, private, redact*, secret*, sensitive
        """,
    ),
    Licence(
        "security",
        "access",
        """
        2fa, access checks, access control*, audit log*, audit trail*, authenticat*, authori*, firewall*, intrusion*, mfa, multi factor,
        permission check*, role based, two factor
        """,
        also="""
        2fa, access*, audit*, auth*, firewall*, log in, login*, mfa, multi factor, oauth*, oidc, passkey*, password*, permission*, role*,
        saml, session*, sign in, sso, token*, two factor, webauthn
        """,
    ),
    Licence(
        "deprecation",
        "deprecated",
        """
        abandoned, about to be removed, be phased, deprecat*, discouraged, end its life, end of life, end of support, eol,
        final release to, going away, is being removed, last version with,
        legacy option, legacy status, marked for removal, no longer advised, no longer maintained, no longer recommended,
        no longer the recommended, not recommended, obsolescen*, obsolete*, on its way out, out of support, phase out,
        phased out, phases out, phasing out, planned for removal, reaches end, removal is planned, retire, retired, retires,
        scheduled for removal, should no longer be used, should not be used any more, slated for removal, stop using,
        stops being supported, sunset*, superseded, support ends, support will end, to be removed, unmaintained,
        will be discontinued, will be dropped, will be gone, will be removed, will be replaced, will be retired, will cease,
        will disappear, will end, will go away, will no longer be supported, will stop working, will vanish, winding down, wound down
        """,
        also="""
        deprecat*, discourag*, end of life, eol, go away, goes away, going away, in favor of*, in favour of*, legacy, obsolete*, phase*,
        removal, retire*, sunset*, supersed*, unmaintained, will be removed
        """,
        natures=("deprecate",),
    ),
)
