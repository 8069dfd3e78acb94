"""linux.sh for real, on an overlay of this machine: real accounts, ownership and unit files; systemd alone does not run."""

from __future__ import annotations

import configparser
import hashlib
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.runner_setup.machine import SETUP, Overlay, Ran, write_archive

_LINUX = SETUP / "linux.sh"
_TOKEN = "good-registration-token"  # GitHub never made it
_MACHINE = ("--engine", "none", "--gpu", "none", "--model", "none", "--python", "/usr/bin/python3")
_URL = ("--url", "https://github.com/octo/widgets")
# useradd and userdel keep what there was before in these
_BACKUPS = {"/etc/.pwd.lock", *(f"/etc/{name}-" for name in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid"))}

pytestmark = pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="jobs take the system's Python, and there is none")


def set_up(overlay: Overlay, runner: tuple[str, ...], *more: str, token: str = _TOKEN) -> Ran:
    """Set a runner up."""
    return overlay.run(_LINUX, *_MACHINE, *_URL, *runner, "--token-stdin", *more, stdin=f"{token}\n")


def test_a_runner_is_set_up_with_an_account_of_its_own_that_owns_nothing_it_runs(overlay: Overlay, runner: tuple[str, ...]) -> None:
    ran = set_up(overlay, runner)
    assert (ran.code, ran.err.splitlines()[:-1]) == (0, []), ran.err
    files = overlay.files()
    account = next(line for line in (overlay.changes / "etc/passwd").read_text("utf-8").splitlines() if line.startswith("notewright:"))
    assert account.endswith(":/var/lib/notewright/home:/usr/sbin/nologin")
    user = int(account.split(":")[2])
    runs = {path: about for path, about in files.items() if path.startswith(("/var/lib/notewright/runner/bin", "/etc/systemd", "/opt"))}
    assert runs
    assert {(owner, mode) for mode, owner, _, _ in runs.values() if mode != "0o777"} <= {(0, "0o755"), (0, "0o644")}
    assert files["/var/lib/notewright/runner"][:2] == ("0o1770", 0), "the sticky bit: what is root's there, jobs cannot replace"
    assert files["/var/lib/notewright/runner/.env"][:2] == ("0o640", 0)
    assert files["/var/lib/notewright/runner/.runner"][1] == user
    assert "/etc/systemd/system/multi-user.target.wants/notewright-runner.service" in files


def test_a_job_can_replace_neither_the_runner_nor_the_variables_of_the_next(overlay: Overlay, runner: tuple[str, ...]) -> None:
    set_up(overlay, runner)
    attack = "cd /var/lib/notewright/runner; mv bin old; rm -f .env .path; echo BASH_ENV=/evil >.env; echo x >bin/runsvc.sh; ls -A"
    ran = overlay.run("runuser", "-u", "notewright", "--", "bash", "-c", attack)
    assert {".env", ".path", "bin"} <= set(ran.out.split())
    assert ran.err.count("Permission denied") + ran.err.count("Operation not permitted") >= 4, ran.err
    assert overlay.run(_LINUX, "--check").code == 0


def test_the_token_reaches_the_runner_and_no_argument_file_or_output(overlay: Overlay, runner: tuple[str, ...]) -> None:
    ran = set_up(overlay, runner)
    assert "registered" in ran.out
    assert _TOKEN not in ran.out + ran.err
    assert "Runner.Listener configure" in (overlay.changes / "var/lib/notewright/runner/_diag/processes").read_text("utf-8")
    found = [path for path in overlay.changes.rglob("*") if path.is_file() and _TOKEN.encode() in path.read_bytes()]
    assert found == []


def test_the_token_may_come_in_the_environment_too(overlay: Overlay, runner: tuple[str, ...]) -> None:
    ran = overlay.run(_LINUX, *_MACHINE, *_URL, *runner, env={"NOTEWRIGHT_RUNNER_TOKEN": _TOKEN})
    assert ran.code == 0, ran.err
    assert "/var/lib/notewright/runner/.runner" in overlay.files()


def test_a_second_run_changes_nothing(overlay: Overlay, runner: tuple[str, ...]) -> None:
    set_up(overlay, runner)
    before = overlay.files()
    ran = overlay.run(_LINUX, *_MACHINE, *_URL, *runner)
    assert (ran.code, ran.err) == (0, "")
    assert {line.split()[0] for line in ran.out.splitlines()} == {"ok", "note"}, ran.out
    assert overlay.files() == before


def test_a_run_that_was_cut_off_is_finished_by_the_next(overlay: Overlay, runner: tuple[str, ...]) -> None:
    refused = set_up(overlay, runner, token="bad")
    assert refused.code == 1
    assert "GitHub did not take the runner" in refused.err
    assert "make a new one" in refused.err
    assert set_up(overlay, runner).code == 0


def test_another_runner_takes_the_place_of_the_old_and_keeps_the_registration(
    overlay: Overlay, runner: tuple[str, ...], tmp_path: Path
) -> None:
    set_up(overlay, runner)
    registration = overlay.files()["/var/lib/notewright/runner/.runner"]
    digest = write_archive(tmp_path / "newer.tar.gz", version="2")
    newer = ("--runner-archive", str(tmp_path / "newer.tar.gz"), "--runner-version", "9.9.10", "--runner-sha256", digest)
    ran = overlay.run(_LINUX, *_MACHINE, *_URL, *newer)
    assert ran.code == 0, ran.err
    assert (overlay.changes / "var/lib/notewright/runner/externals/node20/bin/node").read_text("utf-8") == "2"
    assert overlay.files()["/var/lib/notewright/runner/.runner"] == registration


def test_a_check_names_what_was_changed_and_what_mends_it(overlay: Overlay, runner: tuple[str, ...]) -> None:
    set_up(overlay, runner)
    assert overlay.run(_LINUX, "--check").code == 0
    overlay.run("bash", "-c", "echo User=root >>/etc/systemd/system/notewright-runner.service; chmod 0777 /var/lib/notewright/runner")
    before = overlay.files()
    ran = overlay.run(_LINUX, "--check")
    problems = [line.removeprefix("problem  ") for line in ran.out.splitlines() if line.startswith("problem")]
    assert problems == [
        "/var/lib/notewright/runner is not as it was set up",
        "/etc/systemd/system/notewright-runner.service is not as it was set up",
    ]
    assert ran.code == 1
    assert "run linux.sh again" in ran.out
    assert overlay.files() == before
    assert overlay.run(_LINUX, *_MACHINE, *_URL, *runner).code == 0
    assert overlay.run(_LINUX, "--check").code == 0


def test_uninstalling_leaves_nothing(overlay: Overlay, runner: tuple[str, ...]) -> None:
    set_up(overlay, runner)
    looked = overlay.run(_LINUX, "--uninstall", "--dry-run")
    assert "userdel notewright" in looked.out
    assert "/var/lib/notewright/runner/.runner" in overlay.files(), "a dry run removes nothing"
    ran = overlay.run(_LINUX, "--uninstall", "--token-stdin", stdin=f"{_TOKEN}\n")
    assert ran.code == 0, ran.err
    assert "/tmp/removed-at-github" in overlay.files()  # where the stand-in writes it
    left = set(overlay.files()) - _BACKUPS - {"/tmp/removed-at-github"}
    same = {path for path in left if Path(path).is_file() and Path(path).read_bytes() == (overlay.changes / path[1:]).read_bytes()}
    assert left - same == set()
    assert overlay.run(_LINUX, "--uninstall").code == 0, "twice is no error"


def test_an_own_certificate_is_trusted_and_goes_again(overlay: Overlay, runner: tuple[str, ...], tmp_path: Path) -> None:
    if not (shutil.which("update-ca-certificates") and shutil.which("openssl")):
        pytest.skip("there is no update-ca-certificates, or no openssl")
    certificate = tmp_path / "our own.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=own -days 2 -keyout".split()
    subprocess.run([*make, str(tmp_path / "key"), "-out", str(certificate)], check=True, capture_output=True, timeout=60)
    ran = set_up(overlay, runner, "--ca-certificate", str(certificate))
    assert ran.code == 0, ran.err
    variables = (overlay.changes / "var/lib/notewright/runner/.env").read_text("utf-8")
    assert "NODE_EXTRA_CA_CERTS=/opt/notewright/ca.crt\nSSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt\n" in variables
    line = certificate.read_text("utf-8").splitlines()[1]
    assert line in (overlay.changes / "etc/ssl/certs/ca-certificates.crt").read_text("utf-8")
    assert overlay.run(_LINUX, "--uninstall").code == 0
    assert overlay.run("grep", "-c", line, "/etc/ssl/certs/ca-certificates.crt").out == "0\n"


def test_a_model_that_somebody_brought_is_compared_and_is_no_job_s_to_change(
    overlay: Overlay, runner: tuple[str, ...], tiny_gguf: Path
) -> None:
    digest = hashlib.sha256(tiny_gguf.read_bytes()).hexdigest()
    model = ("--model", "qwen3-1.7b", "--model-file", str(tiny_gguf))
    network = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_", "HTTP", "NO_PROXY"))}
    command: tuple[str | Path, ...] = (_LINUX, *_MACHINE, *_URL, *runner, "--token-stdin", *model)
    ran = overlay.run(*command, "--model-sha256", "0" * 64, stdin=f"{_TOKEN}\n", env=network)
    assert ran.code == 1
    assert "is not the file that was asked for" in ran.err
    assert "/opt/notewright/models/Qwen3-1.7B.Q4_K_M.gguf" not in overlay.files()
    ran = overlay.run(*command, "--model-sha256", digest, stdin=f"{_TOKEN}\n", env=network)
    assert ran.code == 0, ran.err
    assert overlay.files()["/opt/notewright/models/Qwen3-1.7B.Q4_K_M.gguf"][:3] == ("0o644", 0, 0)
    assert overlay.run(_LINUX, "--check").code == 0


def test_cleanup_removes_what_is_old_and_keeps_what_is_in_use(overlay: Overlay, runner: tuple[str, ...]) -> None:
    set_up(overlay, runner)
    home = "/var/lib/notewright"
    old = (f"{home}/work/old repo", f"{home}/work/_temp/old", f"{home}/runner/_diag/old.log", f"{home}/tools/notewright/environments/old")
    kept = (f"{home}/work/new", f"{home}/work/_tool", f"{home}/tools/notewright/environments/newest", f"{home}/runner/.credentials")
    overlay.run("mkdir", "-p", *old, *kept[:3])
    overlay.run("touch", "-d", "9 days ago", *old, kept[1], kept[3])
    overlay.run("touch", "-d", "8 days ago", kept[2])
    assert overlay.run(_LINUX, "cleanup", "--older-than", "10d").out == ""
    looked = overlay.run(_LINUX, "cleanup", "--older-than", "7d", "--dry-run")
    assert overlay.run("ls", "-d", *old, *kept).code == 0
    ran = overlay.run(_LINUX, "cleanup", "--older-than", "7d")
    assert ran.out == looked.out
    assert sorted(ran.out.splitlines()) == sorted(f"remove   {path}" for path in old)
    assert overlay.run("ls", "-d", *kept).code == 0
    assert overlay.run("ls", *old).out == ""


def test_a_just_in_time_job_is_confined_as_the_service_is(overlay: Overlay, runner: tuple[str, ...]) -> None:
    ran = overlay.run(_LINUX, *_MACHINE, *runner, "--jit")
    assert ran.code == 0, ran.err
    assert "/var/lib/notewright/runner/.runner" not in overlay.files()
    assert overlay.run(_LINUX, "--check").code == 0
    looked = overlay.run(_LINUX, "jit", "--dry-run", "--token-stdin", stdin=f"{_TOKEN}\n")
    assert looked.code == 0, looked.err
    hardening = (SETUP / "linux" / "50-hardening.conf").read_text("utf-8").splitlines()
    properties = set(shlex.split(looked.out.partition("$")[2]))
    assert {f"--property={line}" for line in hardening if "=" in line and not line.startswith("#")} <= properties
    assert "--property=User=notewright" in properties
    assert _TOKEN not in looked.out
    refused = overlay.run(_LINUX, "jit", "--token-stdin", stdin=f"{_TOKEN}\n")
    assert refused.code == 1
    assert "systemd does not run here" in refused.err


def test_systemd_understands_the_units_and_finds_them_little_exposed(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze")
    units = tmp_path / "etc/systemd/system"
    (units / "notewright-runner.service.d").mkdir(parents=True)
    for name in ("notewright-runner.service", "notewright-engine.service"):
        shutil.copy(SETUP / "linux" / name, units)
    for name in ("50-hardening.conf", "60-podman.conf"):
        shutil.copy(SETUP / "linux" / name, units / "notewright-runner.service.d")
    analyze = ["systemd-analyze", "security", "--offline=yes", f"--root={tmp_path}", "--threshold=20", "notewright-runner.service"]
    ran = subprocess.run(analyze, capture_output=True, text=True, timeout=60, check=False)
    if "unrecognized option" in ran.stderr:
        pytest.skip("this systemd-analyze cannot read units of another root")
    assert ran.returncode == 0, f"more exposed than 2.0: {ran.stdout[-200:]}"
    assert "ignoring" not in ran.stderr, "a key that systemd does not know"


@pytest.mark.parametrize("name", sorted(path.name for path in (SETUP / "linux").iterdir()))
def test_a_unit_names_each_key_once_and_only_paths_that_the_script_makes(name: str) -> None:
    text = (SETUP / "linux" / name).read_text("utf-8")
    parser = configparser.ConfigParser(strict=name not in {"60-nvidia.conf", "60-amd.conf"}, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation tells
    parser.read_string(text)
    assert set(parser.sections()) <= {"Unit", "Service", "Install"}
    script = _LINUX.read_text("utf-8") + (SETUP / "shared.sh").read_text("utf-8")
    for value in (value for section in parser.sections() for value in parser[section].values()):
        for path in (word.lstrip("-") for word in value.split() if word.lstrip("-").startswith(("/var/lib/notewright/", "/opt/"))):
            folder = Path(path).parts[4] if path.startswith("/var") else Path(path).parts[3]
            assert f"/{folder}" in script, path
