"""Machines that lack something, networks that are not there, files that are not what they should be: each error says what to do."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.runner_setup.machine import SETUP, Bare, Overlay, overlay_refusal, write_archive
from tests.runner_setup.test_dry_run import _LINUX as DEBIAN
from tests.runner_setup.test_dry_run import _MAC as MAC

_URL = ("--url", "https://github.com/octo/widgets")
_NO_GPU = ("--gpu", "none", "--model", "none")


@contextmanager
def mirror(folder: Path) -> Iterator[str]:
    """Serve a folder, as a mirror of GitHub's releases."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def tree(root: Path) -> dict[Path, tuple[int, int, bytes]]:
    """Return everything below a folder: its mode, when it was changed, and its content."""
    return {path: (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for path in root.rglob("*")}


def debian(bare: Bare, **programs: str) -> Bare:
    """Make it a Debian."""
    for name, script in {**DEBIAN, **programs}.items():
        bare.stand_in(name, script)
    return bare


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        pytest.param(("--frobnicate",), "--frobnicate is no option", id="an unknown option"),
        pytest.param(("--url",), "--url takes a value", id="a value that is missing"),
        pytest.param(("--url", "git@github.com:o/r"), "--url is https://HOST/OWNER", id="a url that is none"),
        pytest.param(("--url", "http://github.com/o/r"), "--url is https://HOST/OWNER", id="a url without TLS"),
        pytest.param(("--engine", "lxc"), "--engine is podman, docker or none", id="an unknown engine"),
        pytest.param(("--gpu", "voodoo"), "--gpu is nvidia, amd or none", id="an unknown card"),
        pytest.param(("--image", "notewright:latest"), "pinned by its digest", id="an image without a digest"),
        pytest.param(("--runner-version", "2.999.0"), "go together", id="a version without a digest"),
        pytest.param(("cleanup",), "such as 30d or 12h", id="cleanup of anything"),
        pytest.param(("cleanup", "--older-than", "0x10d"), "such as 30d or 12h", id="cleanup of an age that is none"),
        pytest.param(("cleanup", "--older-than", "$(touch x)d"), "such as 30d or 12h", id="cleanup with a command for an age"),
    ],
)
def test_a_wrong_call_says_how_it_is_right(bare: Bare, arguments: tuple[str, ...], wrong: str) -> None:
    ran = debian(bare).run("linux.sh", "--dry-run", *arguments)
    assert ran.code == 2
    assert wrong in ran.err
    assert "--help" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(
    ("programs", "arguments", "said", "hint"),
    [
        pytest.param({"uname": "echo riscv64"}, _URL, "no runner for riscv64", "x86_64 or aarch64", id="another processor"),
        pytest.param(
            {"nvidia-smi": "exit 9"}, (*_URL, "--gpu", "nvidia"), "its driver does not answer", "--gpu none", id="a card without a driver"
        ),
        pytest.param(
            {"df": "echo; echo disk 1 1 1048576 1% /"}, (*_URL, *_NO_GPU), "1 GiB are free", "cleanup --older-than", id="a small disk"
        ),
        pytest.param({}, _NO_GPU, "nobody said whose jobs", "--url https://github.com/OWNER/REPO", id="no repository"),
        pytest.param(
            {}, (*_URL, "--ca-certificate", "/no/such.pem"), "there is no file /no/such.pem", "check its path", id="no certificate"
        ),
    ],
)
def test_a_machine_that_does_not_do_is_told_what_it_lacks(
    bare: Bare, programs: dict[str, str], arguments: tuple[str, ...], said: str, hint: str
) -> None:
    ran = debian(bare, **programs).run("linux.sh", "--dry-run", *arguments)
    assert ran.code == 1
    assert said in ran.err
    assert hint in ran.err


@pytest.mark.parametrize("program", ["systemctl", "runuser", "tar", "sha256sum", "cmp"])
def test_a_program_that_is_missing_is_named_with_where_it_comes_from(bare: Bare, program: str) -> None:
    debian(bare).without(program)
    ran = bare.run("linux.sh", "--dry-run", *_URL, *_NO_GPU)
    assert ran.code == 1
    assert f"there is no {program}" in ran.err
    assert "install" in ran.err or "Kubernetes" in ran.err


def test_a_machine_without_a_known_package_manager_is_told_which_packages(bare: Bare) -> None:
    debian(bare).without("apt-get")
    ran = bare.run("linux.sh", "--dry-run", *_URL, *_NO_GPU)
    assert ran.code == 1
    assert "install these yourself" in ran.err
    assert "podman" in ran.err


@pytest.mark.parametrize(
    ("programs", "said"),
    [
        pytest.param({"uname": "echo Linux"}, "this is Linux, not macOS", id="not a mac"),
        pytest.param({"uname": "case $1 in -s) echo Darwin ;; *) echo x86_64 ;; esac"}, "no Apple Silicon", id="an old mac"),
        pytest.param({"sw_vers": "echo 12.7.6"}, "this is macOS 12.7.6, and 14 is needed", id="an old system"),
        pytest.param({"xcode-select": "exit 2"}, "xcode-select --install", id="no git"),
        pytest.param({"python3": "exit 1"}, "no Python 3.11 or newer", id="an old python"),
    ],
)
def test_a_mac_that_does_not_do_is_told_what_it_lacks(bare: Bare, programs: dict[str, str], said: str) -> None:
    for name, script in {**MAC, **programs}.items():
        bare.stand_in(name, script)
    ran = bare.run("macos.sh", "--dry-run", *_URL)
    assert ran.code == 1
    assert said in ran.err


def test_who_is_not_root_changes_nothing(bare: Bare) -> None:
    ran = debian(bare, id="echo 1000").run("linux.sh", *_URL, *_NO_GPU)
    assert (ran.code, ran.out) == (1, "")
    assert "run it with sudo, or look first with --dry-run" in ran.err


def test_without_a_token_nothing_is_begun(bare: Bare) -> None:
    ran = debian(bare, id="case $1 in -u) echo 0 ;; *) exit 1 ;; esac").run("linux.sh", *_URL, *_NO_GPU)
    assert (ran.code, ran.out) == (1, "")
    assert "there is no registration token" in ran.err
    assert "registration-token" in ran.err


def test_a_runner_comes_from_a_mirror_into_a_root_with_spaces_and_twice_is_once(bare: Bare, tmp_path: Path) -> None:
    place = tmp_path / "mirror/actions/runner/releases/download/v9.9.9"
    place.mkdir(parents=True)
    digest = write_archive(place / "actions-runner-linux-x64-9.9.9.tar.gz")
    root = tmp_path / "a package's $(root) folder"
    debian(bare)
    with mirror(tmp_path / "mirror") as url:
        options = ("--root", str(root), "--mirror", url, "--runner-version", "9.9.9", "--runner-sha256", digest)
        ran = bare.run("linux.sh", *options, env={"NO_PROXY": "127.0.0.1"})
        assert (ran.code, ran.err) == (0, "")
        before = tree(root)
        again = bare.run("linux.sh", *options, env={"NO_PROXY": "127.0.0.1"})
    assert {line.split()[0] for line in again.out.splitlines()} == {"ok"}
    assert tree(root) == before
    assert (root / "var/lib/notewright/runner/bin/Runner.Listener").is_file()
    assert bare.run("linux.sh", "--uninstall", "--root", str(root)).code == 0
    assert [path for path in root.rglob("*") if not path.is_dir()] == []


def test_a_runner_that_is_not_the_pinned_one_is_not_unpacked(bare: Bare, tmp_path: Path) -> None:
    write_archive(tmp_path / "evil.tar.gz")
    root = tmp_path / "root"
    ran = debian(bare).run("linux.sh", "--root", str(root), "--runner-archive", str(tmp_path / "evil.tar.gz"))
    assert ran.code == 1
    assert "is not the file that was asked for: its SHA-256 is" in ran.err
    assert "nothing of it is used" in ran.err
    assert not (root / "var/lib/notewright/runner/bin").exists()
    assert not (root / "var/lib/notewright/runner.new").exists()


def test_without_a_network_it_says_how_to_do_without(bare: Bare, tmp_path: Path) -> None:
    ran = debian(bare).run("linux.sh", "--root", str(tmp_path / "root"), "--mirror", "http://127.0.0.1:1", env={"NO_PROXY": "127.0.0.1"})
    assert ran.code == 1
    assert "cannot fetch http://127.0.0.1:1/actions/runner/releases/download/v" in ran.err
    for way in ("HTTPS_PROXY", "--mirror", "--runner-archive"):
        assert way in ran.err


def test_a_full_disk_leaves_no_half_of_a_file(bare: Bare, tmp_path: Path) -> None:
    if refusal := overlay_refusal():
        pytest.skip(refusal)
    digest = write_archive(tmp_path / "runner.tar.gz")
    debian(bare)
    script = (
        'mount -t tmpfs -o size=16k none "$1" && PATH=$2 bash "$3" --root "$1" --runner-archive "$4" '
        '--runner-version 9.9.9 --runner-sha256 "$5"; '
        'code=$?; find "$1" -name "*.new*" -print; exit $code'
    )
    folder = tmp_path / "small"
    folder.mkdir()
    arguments = (folder, bare.programs, SETUP / "linux.sh", tmp_path / "runner.tar.gz", digest)
    command = ["unshare", "--mount", "bash", "-c", script, "small", *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 1
    assert "free some space" in ran.stderr or "is the disk full?" in ran.stderr or "is there room" in ran.stderr
    assert ".new" not in ran.stdout


def test_nothing_is_replaced_or_removed_while_a_job_runs(overlay: Overlay, runner: tuple[str, ...]) -> None:
    linux = SETUP / "linux.sh"
    machine = ("--engine", "none", *_NO_GPU, "--python", "/usr/bin/python3", *_URL, *runner)
    overlay.run(linux, *machine, "--token-stdin", stdin="good-token\n")
    working = "cp /bin/sleep /usr/bin/Runner.Worker; runuser -u notewright -- Runner.Worker 60 & sleep 1; "
    before = overlay.files()
    for command in ("cleanup --older-than 1h", "--uninstall"):
        ran = overlay.run("bash", "-c", f'{working} "$1" {command}; code=$?; pkill -x Runner.Worker; exit $code', "job", linux)
        assert ran.code == 1
        assert "a job is running" in ran.err
    assert {path: about for path, about in overlay.files().items() if path != "/usr/bin/Runner.Worker"} == before


def test_a_key_that_is_not_nvidias_is_not_trusted(overlay: Overlay, runner: tuple[str, ...], tmp_path: Path) -> None:
    if overlay.run("bash", "-c", "command -v gpg && command -v apt-get").code:
        pytest.skip("there is no gpg, or no apt-get")
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    make = [
        "gpg",
        "--homedir",
        str(keys),
        "--batch",
        "--passphrase",
        "",
        "--quick-generate-key",
        "NVIDIA CORPORATION <evil@example.com>",
        "ed25519",
    ]
    subprocess.run(make, check=True, capture_output=True, timeout=60)
    exported = subprocess.run(["gpg", "--homedir", str(keys), "--armor", "--export"], check=True, capture_output=True, timeout=60)
    (tmp_path / "gpgkey").write_bytes(exported.stdout)
    told = subprocess.run(
        ["gpg", "--homedir", str(keys), "--with-colons", "--list-keys"], check=True, capture_output=True, text=True, timeout=60
    )
    fingerprint = next(line.split(":")[9] for line in told.stdout.splitlines() if line.startswith("fpr"))
    overlay.run(
        "bash",
        "-c",
        "printf '#!/bin/sh\\n' >/usr/bin/nvidia-smi; cp /usr/bin/nvidia-smi /usr/bin/docker; chmod +x /usr/bin/{nvidia-smi,docker}",
    )
    with mirror(tmp_path) as url:
        options = (
            "--engine",
            "docker",
            "--gpu",
            "nvidia",
            "--model",
            "none",
            "--python",
            "/usr/bin/python3",
            "--nvidia-mirror",
            url,
            *_URL,
        )
        ran = overlay.run(SETUP / "linux.sh", *options, *runner, "--token-stdin", stdin="good-token\n", env={"NO_PROXY": "127.0.0.1"})
    assert ran.code == 1
    assert f"the key of {url} is not NVIDIA's: {fingerprint}, not C95B321B" in ran.err
    assert "/usr/share/keyrings/notewright-nvidia.asc" not in overlay.files()
