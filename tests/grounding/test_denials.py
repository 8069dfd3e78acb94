"""What an entry ends, refuses, allows once or makes the default, told the other way round in other words."""

from __future__ import annotations

import pytest

from tests.grounding.test_claims_by_structure import blocking, entry, rules


@pytest.mark.parametrize(
    ("kind", "summary", "true", "false"),
    [
        # ended: what is refused or stopped, told as done in whatever words
        (
            "fix",
            "refuse hard links that point outside the archive root",
            "Hard links that point outside the archive root are turned away.",
            "The archive root now takes hard links that point outside.",
        ),
        (
            "fix",
            "stop sending customer numbers to the metrics service",
            "Customer numbers are kept from the metrics service.",
            "The metrics service can now count customer numbers.",
        ),
        ("fix", "drop support for Ubuntu 20.04", "Ubuntu 20.04 is out.", "Ubuntu 20.04 support is now on board."),
        # a fault whose verb follows "now", and one that begins
        (
            "fix",
            "requests with a trailing slash rejected",
            "Requests with a slash at the end work.",
            "Requests with a trailing slash are now turned away.",
        ),
        ("fix", "alarms raised for paused jobs", "Paused jobs raise no alarms.", "Paused jobs have started raising alarms."),
        # once, must, the default
        ("fix", "invitation codes usable once only", "Invitation codes work once.", "Invitation codes can be used more than once."),
        ("feat", "up to 12 labels a parcel", "A parcel can have up to 12 labels.", "A parcel must have 12 labels."),
        ("refactor", "delivery defaults to `lazy`", "Delivery is `lazy` by default.", "Pass `lazy` to have delivery wait."),
        # what a prefix denies, and what a refusal asks for
        ("fix", "run the agent as a non-root user", "The agent runs as a non-root user.", "The agent now runs as root."),
        ("fix", "reject uploads without a checksum", "Uploads need a checksum.", "Uploads no longer need a checksum."),
        # verbs with a particle
        ("feat", "keep sketches for 30 days", "Sketches stick around for 30 days.", "Sketches are thrown away."),
        ("feat", "support the RP2350", "The RP2350 joins the supported chips.", "The RP2350 leaves the supported chips."),
        # menus, orders
        (
            "feat",
            "choose the paper under Print > Paper size",
            "Choose the paper under Print > Paper size.",
            "Choose the paper under Print > All sizes.",
        ),
        (
            "fix",
            "load plugins before opening the project",
            "Plugins are loaded ahead of the project.",
            "The project is opened ahead of the plugins being loaded.",
        ),
    ],
)
def test_the_true_passes_and_the_contrary_is_blocked(kind: str, summary: str, true: str, false: str) -> None:
    fact = entry(summary, kind)
    assert not blocking(true, fact)
    assert blocking(false, fact)


def test_one_bug_that_is_gone_says_nothing_of_the_next_clause() -> None:
    facts = entry("echo after a call", "fix"), entry("pointer missing in shared windows", "fix", number=1)
    assert rules("The echo after a call is gone, and the pointer is hidden in shared windows.", *facts)
    assert not rules("Two bugs are gone: the echo after a call, and the missing pointer in shared windows.", *facts)


@pytest.mark.parametrize(
    ("summary", "true"),
    [
        ("`scan --quick` reads a random tenth of the files", "`scan --quick` reads 10 % of the files, picked at random."),
        ("bump zlib from 1.2.11 to 1.2.13", "zlib goes up two patch levels, from 1.2.11 to 1.2.13."),
        ("sign with Ed25519, 3.1 -> 4.8 GiB/s", "Signing runs at 4.8 GiB/s, 1.7 more than before."),
        ("CSV export next to JSON and XML", "Exports come in three formats: CSV, JSON and XML."),
    ],
)
def test_amounts_that_follow_may_be_said(summary: str, true: str) -> None:
    assert "number" not in rules(true, entry(summary, "feat"))
