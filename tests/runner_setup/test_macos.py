"""macos.sh: its property lists and its sandbox read, and the script run with stand-ins for Apple's programs."""

from __future__ import annotations

import hashlib
import json
import plistlib
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.runner_setup.machine import SETUP, Bare, Overlay, Ran
from tests.runner_setup.test_dry_run import _MAC as MAC

_MACOS = SETUP / "macos"
_PLISTS = sorted(_MACOS.glob("*.plist"))
_URL = ("--url", "https://github.com/octo/widgets", "--model", "none")
# Apple's programs, by those of Linux that do the same; what launchd was told is kept in a file
_APPLE = {
    "df": MAC["df"],
    "dscl": """
        case "$2 $3" in
          "-list /Users") echo _somebody 450 ;;
          "-list /Groups") echo _somebody 450 ;;
          "-read /Users/_notewright") id _notewright >/dev/null 2>&1 || exit 56 ;;
          "-create /Groups/_notewright") groupadd --gid "$5" _notewright ;;
          "-create /Users/_notewright")
            [ "$4" != UniqueID ] || useradd --uid "$5" --gid _notewright --home-dir / --no-create-home _notewright 2>/dev/null ;;
          "-delete /Users/_notewright") userdel _notewright ;;
          "-delete /Groups/_notewright") ! getent group _notewright >/dev/null || groupdel _notewright ;;
        esac""",
    "launchctl": """
        touch /loaded
        case $1 in
          print) grep -qx "${2#system/}" /loaded ;;
          bootstrap) basename "$3" .plist >>/loaded ;;
          bootout) sed -i "/^${2#system/}\\$/d" /loaded ;;
        esac""",
    "shasum": 'exec sha256sum "$3"',
    "sudo": 'while [ "$1" != -- ]; do shift; done; exec runuser -u _notewright "$@"',
    "sw_vers": MAC["sw_vers"],
    "uname": MAC["uname"],
    "xcode-select": MAC["xcode-select"],
}


@pytest.fixture
def mac(overlay: Overlay) -> Overlay:
    """This machine, with Apple's programs."""
    for name, script in _APPLE.items():
        overlay.run(
            "bash", "-c", 'cat >"/usr/local/bin/$1" && chmod +x "/usr/local/bin/$1"', "stand-in", name, stdin=f"#!/bin/bash\n{script}\n"
        )
    overlay.run("ln", "-sf", "/usr/bin/python3", "/usr/local/bin/python3")
    return overlay


def run(mac: Overlay, *arguments: str, stdin: str = "") -> Ran:
    """Run the script as the superuser of a Mac would."""
    return mac.run(SETUP / "macos.sh", *arguments, stdin=stdin, env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"})


@pytest.mark.parametrize("path", _PLISTS, ids=lambda path: path.stem)
def test_a_property_list_is_one_that_launchd_reads(path: Path) -> None:
    content = plistlib.loads(path.read_bytes())
    assert content["Label"] == path.stem
    assert content["UserName"] == "_notewright", "nothing runs as root"
    assert all(Path(part).is_absolute() for part in content["ProgramArguments"] if "/" in part)
    assert content["RunAtLoad"] is True
    assert path.read_text("utf-8").startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"'
    )
    assert not re.search("TOKEN|SECRET|PASSWORD", path.read_text("utf-8"))


# launchd.plist(5): launchd itself passes over what it does not know without a word
_KNOWN = {
    "Label", "UserName", "GroupName", "ProgramArguments", "WorkingDirectory", "EnvironmentVariables", "RunAtLoad", "KeepAlive",
    "ThrottleInterval", "ExitTimeOut", "ProcessType", "SessionCreate", "Umask", "StandardOutPath", "StandardErrorPath",
}  # fmt: skip


@pytest.mark.parametrize("path", _PLISTS, ids=lambda path: path.stem)
def test_a_property_list_says_nothing_that_launchd_does_not_know(path: Path) -> None:
    content = plistlib.loads(path.read_bytes())
    assert set(content) <= _KNOWN
    types = {"KeepAlive": (bool, dict), "Umask": (int,), "ThrottleInterval": (int,), "ExitTimeOut": (int,), "RunAtLoad": (bool,)}
    assert [key for key, kinds in types.items() if key in content and not isinstance(content[key], kinds)] == []
    assert content.get("Umask", 0o077) == 0o077
    assert all(isinstance(part, str) for part in content["ProgramArguments"])


def test_the_machine_is_kept_awake() -> None:
    assert plistlib.loads((_MACOS / "dev.notewright.awake.plist").read_bytes())["ProgramArguments"] == [
        "/usr/bin/caffeinate",
        "-i",
        "-m",
        "-s",
    ]


def test_the_model_is_served_in_the_sandbox_alone() -> None:
    arguments = plistlib.loads((_MACOS / "dev.notewright.model.plist").read_bytes())["ProgramArguments"]
    assert arguments[:3] == ["/usr/bin/sandbox-exec", "-f", "/opt/notewright/model.sb"]
    assert arguments[-1] in (_MACOS / "model.sb").read_text("utf-8")


def read_profile() -> list[str]:
    """Return the rules of the sandbox, without comments, one a line."""
    text = re.sub(r";.*", "", (_MACOS / "model.sb").read_text("utf-8"))
    rules, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character == "(":
            start = position if depth == 0 else start
            depth += 1
        elif character == ")":
            depth -= 1
            assert depth >= 0, "a bracket too many"
            if depth == 0:
                rules.append(" ".join(text[start : position + 1].split()))
    assert depth == 0, "a bracket is open"
    return rules


def test_the_sandbox_has_no_network_but_one_port_of_this_machine() -> None:
    rules = read_profile()
    assert rules[0] == "(version 1)"
    network = [rule for rule in rules if "network" in rule]
    assert network == [
        "(deny network*)",
        '(allow network-bind (local ip "localhost:8080"))',
        '(allow network-inbound (local ip "localhost:8080"))',
    ], "the last rule that fits decides, so what is denied comes first"


def test_the_sandbox_writes_nothing_and_does_not_read_the_registration() -> None:
    rules = read_profile()
    assert "(deny file-write*)" in rules
    assert "(deny process-fork)" in rules
    assert any(rule.startswith("(deny file-read*") and '"/usr/local/var/notewright"' in rule for rule in rules)


def test_the_model_server_answers_on_this_machine_alone(tiny_gguf: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    command = [sys.executable, "-I", "-B", str(_MACOS / "model_server.py"), str(tiny_gguf), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        address = server.stdout.readline().split()[-1]
        try:
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(f"{address}/props", timeout=30) as reply:
                assert json.load(reply)["model_path"] == str(tiny_gguf)
        finally:
            server.kill()


def test_a_model_that_cannot_be_served_ends_the_server_with_a_reason(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    (tmp_path / "no.gguf").write_bytes(b"no model")
    command = [sys.executable, "-I", "-B", str(_MACOS / "model_server.py"), str(tmp_path / "no.gguf"), "0"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "no.gguf cannot be served on port 0" in ended.stderr


def test_a_mac_is_set_up_and_a_second_run_changes_nothing(mac: Overlay, runner: tuple[str, ...]) -> None:
    ran = run(mac, *_URL, *runner, "--token-stdin", stdin="good-token\n")
    assert (ran.code, ran.err) == (0, "")
    before = mac.files()
    assert before["/usr/local/var/notewright/runner"][:2] == ("0o1770", 0)
    assert before["/Library/LaunchDaemons/dev.notewright.runner.plist"][:3] == ("0o644", 0, 0)
    assert (mac.changes / "loaded").read_text("utf-8").split() == ["dev.notewright.awake", "dev.notewright.runner"]
    again = run(mac, *_URL, *runner)
    assert (again.code, again.err) == (0, "")
    assert {line.split()[0] for line in again.out.splitlines()} == {"ok"}, again.out
    assert mac.files() == before
    assert run(mac, "--check").code == 0


def test_a_service_whose_file_changed_is_started_anew_and_a_check_says_so_before(mac: Overlay, runner: tuple[str, ...]) -> None:
    run(mac, *_URL, *runner, "--token-stdin", stdin="good-token\n")
    mac.run("rm", "/Library/LaunchDaemons/dev.notewright.awake.plist")
    checked = run(mac, "--check")
    assert checked.code == 1
    assert "problem  /Library/LaunchDaemons/dev.notewright.awake.plist is not as it was set up" in checked.out
    mended = run(mac, *_URL, *runner)
    assert "do       dev.notewright.awake runs" in mended.out


def test_uninstalling_a_mac_leaves_nothing(mac: Overlay, runner: tuple[str, ...]) -> None:
    before = {path for path in mac.files() if not path.startswith("/etc")}
    run(mac, *_URL, *runner, "--token-stdin", stdin="good-token\n")
    ran = run(mac, "--uninstall")
    assert ran.code == 0, ran.err
    assert "GitHub lists this runner as offline until you delete it" in ran.out
    left = {path for path in mac.files() if not path.startswith("/etc")} - before - {"/loaded"}
    assert left <= {"/Library", "/Library/LaunchDaemons", "/usr/local/var"}, "folders that every Mac has"
    assert (mac.changes / "loaded").read_text("utf-8") == ""
    assert mac.run("id", "_notewright").code == 1


def test_files_for_another_mac_are_placed_below_a_root(bare: Bare, runner: tuple[str, ...], tmp_path: Path) -> None:
    bare.stand_in("shasum", 'exec sha256sum "$3"')
    root = tmp_path / "a package"
    bare.stand_in("uname", "echo Linux")
    ran = bare.run("macos.sh", "--root", root, *runner)
    assert (ran.code, ran.err) == (0, "")
    for name in ("dev.notewright.runner.plist", "dev.notewright.model.plist", "dev.notewright.awake.plist"):
        placed = root / "Library/LaunchDaemons" / name
        assert hashlib.sha256(placed.read_bytes()).digest() == hashlib.sha256((_MACOS / name).read_bytes()).digest()


def test_the_service_of_the_model_runs_in_the_sandbox_that_is_installed_with_it(
    bare: Bare, runner: tuple[str, ...], tmp_path: Path
) -> None:
    bare.stand_in("shasum", 'exec sha256sum "$3"')
    bare.stand_in("uname", "echo Linux")
    root = tmp_path / "root"
    assert bare.run("macos.sh", "--root", root, *runner).code == 0
    arguments = plistlib.loads((root / "Library/LaunchDaemons/dev.notewright.model.plist").read_bytes())["ProgramArguments"]
    assert arguments[0] == "/usr/bin/sandbox-exec"
    for named in (arguments[2], arguments[6]):
        placed = root / named.removeprefix("/")
        assert placed.read_bytes() == (_MACOS / placed.name).read_bytes()
        assert placed.stat().st_mode & 0o777 == 0o644, "the service's user reads it, and does not change it"


def test_without_a_model_there_is_no_service_of_one(bare: Bare, runner: tuple[str, ...], tmp_path: Path) -> None:
    bare.stand_in("shasum", 'exec sha256sum "$3"')
    bare.stand_in("uname", "echo Linux")
    root = tmp_path / "root"
    assert bare.run("macos.sh", "--root", root, "--model", "none", *runner).code == 0
    placed = {path.name for path in root.rglob("*") if path.is_file()}
    assert {"dev.notewright.runner.plist", "dev.notewright.awake.plist"} <= placed
    assert not {"dev.notewright.model.plist", "model.sb", "model_server.py"} & placed


@pytest.mark.parametrize("name", ["shared.sh", "macos.sh"])
def test_the_scripts_of_a_mac_use_nothing_that_its_bash_does_not_know(name: str) -> None:
    text = (SETUP / name).read_text("utf-8")
    newer = (
        r"\bmapfile\b|\breadarray\b|\bdeclare -[gAn]|\blocal -[nA]|\$\{\w+@|\$\{\w+(,,|\^\^)|\|&|&>>|;;&|\bcoproc\b|\$EPOCH|printf -v \S+\["
    )
    assert re.findall(newer, text) == []
