"""What --dry-run says, word for word: `expected/` is what people read before they let a script change their machine."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.house.architecture import ROOT
from tests.runner_setup.machine import Bare, Ran

_EXPECTED = Path(__file__).parent / "expected"
_URL = ("--url", "https://github.com/octo/widgets", "--name", "box")
_SPACE = "echo Filesystem 1024-blocks Used Available Capacity Mounted; echo disk 1 1 104857600 1% /"
_PYTHON = "case $* in *realpath*) echo /usr/bin/python3.12 ;; esac"
_LINUX = {
    **dict.fromkeys(("apt-get", "ldconfig", "runuser"), "exit 0"),
    **dict.fromkeys(("id", "systemctl"), "exit 1"),
    "df": _SPACE,
    "python3": _PYTHON,
    "uname": "case $1 in -m) echo x86_64 ;; -n) echo box ;; esac",
}
_MAC = {
    "df": _SPACE,
    "dscl": "case $2 in -list) echo _somebody 450; echo nobody -2 ;; *) exit 56 ;; esac",
    "launchctl": "exit 113",
    "python3": _PYTHON.replace("/usr/bin", "/opt/homebrew/bin"),
    "sw_vers": "echo 15.5",
    "uname": "case $1 in -s) echo Darwin ;; -m) echo arm64 ;; -n) echo mini ;; esac",
    "xcode-select": "exit 0",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A machine on which nothing of ours is yet, and what its owner asks for."""

    script: str
    arguments: tuple[str, ...]
    programs: dict[str, str]
    env: dict[str, str] = field(default_factory=dict)

    def run(self, bare: Bare) -> Ran:
        """Look what would be done."""
        for name, script in self.programs.items():
            bare.stand_in(name, script)
        return bare.run(self.script, "--dry-run", *self.arguments, env=self.env)


_CASES = {
    "linux": Case("linux.sh", (*_URL, "--gpu", "none"), _LINUX),
    "linux-gpu-behind-a-proxy": Case(
        "linux.sh",
        (*_URL, "--gpu", "nvidia", "--group", "gpus", "--ephemeral", "--model", "qwen3-14b"),
        {**_LINUX, "nvidia-smi": "echo 'GPU 0: NVIDIA L4'"},
        {"HTTPS_PROXY": "http://team:hunter2@proxy.example:3128", "NO_PROXY": "127.0.0.1", "PIP_INDEX_URL": "https://pypi.example/simple"},
    ),
    "linux-jit-with-docker": Case("linux.sh", ("--jit", "--gpu", "none", "--engine", "docker", "--model", "none"), _LINUX),
    "macos": Case("macos.sh", _URL, _MAC),
}


@pytest.mark.parametrize("name", _CASES)
def test_a_dry_run_says_every_step_and_every_command(bare: Bare, name: str) -> None:
    ran = _CASES[name].run(bare)
    assert (ran.code, ran.err) == (0, "")
    assert shown(ran) == (_EXPECTED / f"{name}.txt").read_text("utf-8"), "python -m tests.runner_setup.test_dry_run writes them anew"
    assert "hunter2" not in ran.out


def shown(ran: Ran) -> str:
    """Return what was said, wherever the checkout lies."""
    return ran.out.replace(str(ROOT), "CHECKOUT")


if __name__ == "__main__":
    for each, case in _CASES.items():
        with tempfile.TemporaryDirectory() as scratch:
            (_EXPECTED / f"{each}.txt").write_text(shown(case.run(Bare(Path(scratch) / "bare"))), "utf-8")
    sys.exit()
