"""Security cases 27-33 in the checkout that the action works in: what its own configuration, names and files would have git do."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.action.stage import Stage
from tests.parts.tokens import TOKEN_WRITE
from tests.security.release import Released, release


@dataclass(frozen=True)
class Attack:
    """A program that gives itself away by a file, whatever it is run as."""

    program: Path
    traces: Path


@pytest.fixture
def attack(tmp_path: Path) -> Attack:
    program, traces = tmp_path / "attack", tmp_path / "traces"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {shlex.quote(str(traces))}\ncat\n')
    program.chmod(0o755)
    return Attack(program, traces)


def assert_nothing_ran(stage: Stage, attack: Attack) -> Released:
    """Run a whole release in the checkout as it is now."""
    attack.traces.unlink(missing_ok=True)  # the test's own git may have run it
    done = release(stage, engine="none")
    assert not attack.traces.exists(), attack.traces.read_text()
    assert done.steps[1].outputs["version"] == "0.2.0"
    return done


def configure(stage: Stage, settings: dict[str, str]) -> None:
    """Write into the checkout's configuration, by hand: the test's git shall not obey it."""
    with (stage.work.path / ".git" / "config").open("a") as file:
        for key, value in settings.items():
            section, _, name = key.rpartition(".")
            first, dot, rest = section.partition(".")
            file.write(f'[{first}{f" {chr(34)}{rest}{chr(34)}" if dot else ""}]\n\t{name} = "{value}"\n')


@pytest.mark.case(27)
@pytest.mark.parametrize(
    "server", ["ext::sh -c touch% pwned", "file:///etc", "ssh://-oProxyCommand=touch pwned/x", "-oProxyCommand=x", "--upload-pack=x"]
)
def test_a_server_whose_address_would_run_a_program_is_refused(stage: Stage, server: str) -> None:
    stage.extra["GITHUB_SERVER_URL"] = server
    ran = stage.run("collect", token=TOKEN_WRITE)
    assert ran.code == 3, ran.log
    assert TOKEN_WRITE not in ran.log
    assert stage.github.calls == []
    assert not (stage.work.path / "pwned").exists()


@pytest.mark.case(28)
def test_a_revision_that_is_an_option_is_none(stage: Stage) -> None:
    for text in ("--output=pwned", "-h", "--upload-pack=touch pwned"):
        for step, given in (
            ("prepare", {"command": "changelog", "since": text}),
            ("prepare", {"base": text, "engine": "none"}),
            ("finish", {"command": "finish", "version": text}),
        ):
            ran = stage.run(step, token=TOKEN_WRITE if step == "finish" else None, **given)
            assert ran.code in (1, 2, 3, 4), (given, ran.log)
            assert ran.errors
    assert not list(stage.work.path.glob("pwned*"))
    assert not list(stage.home.glob("pwned*"))


@pytest.mark.case(29)
def test_programs_that_a_checkout_s_configuration_names_are_not_run(stage: Stage, attack: Attack) -> None:
    stage.push("feat: attributes", {".gitattributes": "* filter=x diff=x merge=x\n", "b.py": "1\n"})
    names = (
        "core.fsmonitor", "core.sshCommand", "core.gitProxy", "core.pager", "core.askPass", "core.editor", "gpg.program", "diff.external",
        "diff.x.textconv", "diff.x.command", "filter.x.smudge", "filter.x.clean", "filter.x.process", "merge.x.driver",
        "uploadpack.packObjectsHook", "remote.origin.uploadpack", "remote.origin.receivepack",
    )  # fmt: skip
    configure(stage, {**dict.fromkeys(names, str(attack.program)), "credential.helper": f"!{attack.program}", "commit.gpgSign": "true"})
    assert_nothing_ran(stage, attack)


@pytest.mark.case(30)
def test_hooks_of_a_checkout_are_not_run(stage: Stage, attack: Attack) -> None:
    hooks = stage.work.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in (
        "pre-commit", "commit-msg", "prepare-commit-msg", "post-commit", "pre-push", "post-checkout", "post-merge", "post-index-change",
        "reference-transaction", "pre-auto-gc", "post-rewrite", "fsmonitor-watchman",
    ):  # fmt: skip
        (hooks / name).symlink_to(attack.program)
    configure(stage, {"core.hooksPath": str(hooks)})
    assert_nothing_ran(stage, attack)


@pytest.mark.case(31)
def test_a_submodule_of_a_checkout_is_never_fetched(stage: Stage, attack: Attack) -> None:
    modules = "".join(
        f'[submodule "{name}"]\n\tpath = {name}\n\turl = {url}\n\tupdate = !{attack.program}\n'
        for name, url in (("one", f"ext::sh -c {attack.program}"), ("two", f"--upload-pack={attack.program}"))
    )
    stage.work.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},one")
    stage.push("feat: submodules", {".gitmodules": modules})
    configure(stage, {"submodule.recurse": "true", "submodule.one.update": f"!{attack.program}", "protocol.ext.allow": "always"})
    assert_nothing_ran(stage, attack)


@pytest.mark.case(32)
def test_a_large_file_s_pointer_is_not_smudged(stage: Stage, attack: Attack) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 5\n"
    stage.push("feat: a pointer", {".gitattributes": "* filter=lfs diff=lfs merge=lfs\n", "CHANGELOG.md": pointer})
    configure(
        stage, {f"filter.lfs.{name}": str(attack.program) for name in ("smudge", "clean", "process")} | {"filter.lfs.required": "true"}
    )
    attack.program.with_name("git-lfs").symlink_to(attack.program)
    done = assert_nothing_ran(stage, attack)
    assert "oid sha256" in done.pages["CHANGELOG.md"], "the pointer is text like any other"


@pytest.mark.case(33)
def test_includes_aliases_and_rewritten_addresses_of_a_checkout_get_no_token(stage: Stage, attack: Attack, tmp_path: Path) -> None:
    included = tmp_path / "included"
    included.write_text(f'[alias]\n\tpush = "!{attack.program}"\n[core]\n\tfsmonitor = {attack.program}\n')
    for name in ("fetch", "push", "log", "ls-remote", "rev-parse"):
        configure(stage, {f"alias.{name}": f"!{attack.program}"})
    configure(stage, {"include.path": str(included), "includeIf.gitdir:/**.path": str(included)})
    assert_nothing_ran(stage, attack)
    seen = len(stage.git_server.calls)
    configure(stage, {"url.http://127.0.0.1:9/stolen.insteadOf": f"{stage.git_server.url}/", "http.proxy": "http://127.0.0.1:9"})
    ran = stage.run("collect", token=TOKEN_WRITE)
    assert TOKEN_WRITE not in ran.log
    assert ran.code in (0, 4, 6), ran.log
    assert ran.code == 0 or len(stage.git_server.calls) == seen
