"""The steps of the action as processes of their own, without a runner around them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.action.stage import Ran, Stage
from tests.house.architecture import ROOT
from tests.parts.plumbing import read_git
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_READ, TOKEN_WRITE


def release(stage: Stage, **inputs: str) -> tuple[Ran, Ran, Ran]:
    """Run the three steps, each of which must go well."""
    steps = (stage.run("collect", token=TOKEN_WRITE, **inputs), stage.run("prepare", **inputs),
             stage.run("propose", token=TOKEN_WRITE, **inputs))  # fmt: skip
    assert [step.code for step in steps] == [0, 0, 0], [step.log for step in steps]
    return steps


def test_three_steps_open_one_pull_request(stage: Stage) -> None:
    _, prepare, propose = release(stage)
    (pull,) = stage.github.pulls()
    assert prepare.outputs == {
        "version": "0.2.0",
        "previous-version": "v0.1.0",
        "engine": "none",
        "grounded": "1.000",
        "proposal": str(stage.shared / "proposal"),
        "changed": "false",
    }
    assert propose.outputs == {
        "changed": "true",
        "pull-request-number": str(pull.number),
        "pull-request-url": f"{stage.github.url}/acme/app/pull/{pull.number}",
        "pull-request-operation": "created",
    }


def test_a_second_run_writes_nothing_and_says_so(stage: Stage) -> None:
    release(stage)
    writes, heads = len(stage.github.writes()), stage.git_server.heads("acme/app")
    *_, propose = release(stage)
    assert (propose.outputs["changed"], propose.outputs["pull-request-operation"]) == ("false", "none")
    assert propose.outputs["pull-request-number"]
    assert (len(stage.github.writes()), stage.git_server.heads("acme/app")) == (writes, heads)


def edit_notes(stage: Stage) -> str:
    """Edit the notes for developers on the release branch as a person does; return their path there."""
    clone, path = Repo.clone(stage.git_server.url_of("acme/app"), stage.home / "theirs"), ".notewright/releases/0.2.0/developer.md"
    clone.git("switch", "--quiet", "notewright/release")
    clone.commit("Say it better", {path: (clone.path / path).read_text() + "\nThank you all.\n"}, author="Grace <grace@example.org>")
    stage.git_server.push(clone, "notewright/release")
    return path


def test_notes_that_a_person_edited_stay_until_they_are_given_back(stage: Stage) -> None:
    def shown() -> str:
        return read_git(stage.git_server.path_of("acme/app"), "show", f"notewright/release:{path}")

    release(stage)
    path = edit_notes(stage)
    release(stage)
    assert "Thank you all." in shown()
    *_, propose = release(stage, regenerate="developer")
    assert propose.outputs["pull-request-operation"] == "updated"
    assert "Thank you all." not in shown()
    *_, propose = release(stage)
    assert propose.outputs["changed"] == "false"


def test_giving_back_what_no_notes_are_written_for_is_refused_with_the_names_that_are(stage: Stage) -> None:
    assert stage.run("collect", token=TOKEN_WRITE, regenerate="custmer").code == 0
    ran = stage.run("prepare", regenerate="custmer")
    assert ran.code == 2
    assert "there are no notes for 'custmer' to give back" in ran.errors[0]
    assert "developer" in ran.errors[0]


def test_nothing_to_release_is_no_failure(stage: Stage) -> None:
    stage.tag("v0.2.0")
    _, prepare, propose = release(stage)
    assert (prepare.outputs["version"], prepare.outputs["engine"], prepare.outputs["grounded"]) == ("", "", "")
    assert propose.outputs == {
        "changed": "false", "pull-request-number": "", "pull-request-url": "", "pull-request-operation": "none",
    }  # fmt: skip
    assert "nothing to release" in propose.summary


def test_a_merged_release_without_its_tag_is_said_with_the_command_that_finishes_it(stage: Stage) -> None:
    release(stage)
    stage.github.merge(1)
    stage.work.git("pull", "--quiet", "origin", "main")
    *_, propose = release(stage)
    (warning,) = propose.warnings
    assert "notewright release finish" in warning
    assert propose.outputs["changed"] == "false"


def test_the_summary_shows_what_came_of_the_run(stage: Stage) -> None:
    *_, propose = release(stage)
    lines = propose.summary.splitlines()
    url = f"{stage.github.url}/acme/app/pull/1"
    assert lines[0] == f"### notewright: pull request [#1]({url}) opened for 0.2.0"
    assert lines[2] == (
        "3 commits → 2 entries, 0 folded, 1 hidden, 0 unaccounted for. Notes: 2 of 2 sentences supported (2 by rule)."
    )  # fmt: skip
    assert lines[3] == "Engine `none` on `gpu-runner-2`."
    steps = [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")]
    assert steps == ["step", "collect", "history", "notes", "proposal", "history", "verify", "propose"]
    titles = [line.partition("<summary>")[2].partition("</summary>")[0] for line in lines if "<summary>" in line]
    assert titles == ["Changelog section", "Notes: developer", "What to do when something looks wrong"]
    assert "add passkey login" in propose.summary


def test_a_dry_run_needs_no_token_and_writes_nothing(stage: Stage) -> None:
    collect = stage.run("collect", token="", dry_run="true")
    prepare = stage.run("prepare", dry_run="true")
    assert (collect.code, prepare.code) == (0, 0)
    assert "no token" in collect.log
    assert prepare.outputs["version"] == "0.2.0"
    assert prepare.summary.startswith("### notewright: dry run: the proposal stands")
    assert stage.github.calls == []
    refused = stage.run("propose", token=TOKEN_WRITE, dry_run="true")
    assert refused.code == 2
    assert stage.github.calls == []


def test_a_model_s_notes_are_told_with_what_they_cost(stage: Stage, tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    reply = [{"cites": ["1"], "text": "Passkey login is new."}, {"cites": ["2"], "text": "An empty file is handled."}]
    script.write_text(json.dumps({"reply": reply}) + "\n")
    prepare = stage.run("prepare", engine=f"scripted:{script}", dry_run="true")
    assert prepare.code == 0, prepare.log
    assert prepare.outputs["engine"] == "scripted:script.jsonl"
    assert "prompt tokens" in prepare.summary


def test_prepare_refuses_to_run_where_a_token_is(stage: Stage) -> None:
    stage.extra["GITHUB_TOKEN"] = "canary-4f7a"
    ran = stage.run("prepare")
    assert ran.code == 2
    assert "GITHUB_TOKEN is set" in ran.errors[0]
    assert "canary" not in ran.log + ran.summary
    assert not (stage.shared / "proposal").exists()


def test_a_token_is_in_nothing_that_a_release_leaves(stage: Stage) -> None:
    ran = release(stage)
    texts = [step.log + step.summary + "".join(step.outputs.values()) for step in ran]
    files = [path for path in stage.home.rglob("*") if path.is_file()]
    assert any(path.name == "proposal.json" for path in files)
    assert [path for path in files if TOKEN_WRITE.encode() in path.read_bytes()] == []
    assert not any(TOKEN_WRITE in text for text in texts)


def test_a_step_with_a_token_loads_no_engine(stage: Stage) -> None:
    loaded: dict[str, set[str]] = {}
    for step, token in (("collect", TOKEN_WRITE), ("prepare", None), ("propose", TOKEN_WRITE)):
        with stage.start(step, "-X", "importtime", token=token) as process:
            log, _ = process.communicate(timeout=60)
        assert process.returncode == 0, log.decode()
        loaded[step] = {line.rpartition("|")[2].strip() for line in log.decode().splitlines() if line.startswith("import time:")}
    assert "notewright.llm.door" in loaded["prepare"]
    assert not any(name.startswith(("notewright.llm", "xllamacpp")) for step in ("collect", "propose") for name in loaded[step])


def test_a_release_without_a_token_says_which_lines_are_missing(stage: Stage) -> None:
    ran = stage.run("collect", token="")
    assert ran.code == 6
    assert "permissions:%0A    contents: write%0A    pull-requests: write" in ran.errors[0]
    assert "    contents: write" in ran.summary


def test_a_token_that_may_only_read_says_which_permissions_are_missing(stage: Stage) -> None:
    stage.run("collect", token=TOKEN_READ)
    stage.run("prepare")
    ran = stage.run("propose", token=TOKEN_READ)
    assert ran.code == 6
    assert "contents: write" in ran.errors[0]
    assert ran.summary.startswith("### notewright stopped")


def test_a_shallow_checkout_is_told_the_lines_that_mend_it(stage: Stage, tmp_path: Path) -> None:
    stage.work.git("clone", "--quiet", "--depth=1", stage.work.path.as_uri(), str(tmp_path / "shallow"))
    stage.work = Repo(tmp_path / "shallow")
    ran = stage.run("collect", token=TOKEN_WRITE)
    assert ran.code == 4
    assert "fetch-depth: 0" in ran.errors[0]
    assert "      fetch-depth: 0" in ran.log


def test_a_workspace_without_a_checkout_says_so(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    stage.extra["GITHUB_WORKSPACE"] = str(tmp_path / "empty")
    ran = stage.run("prepare")
    assert ran.code == 4
    assert "no repository in the workspace" in ran.errors[0]


def test_a_checkout_that_keeps_its_token_is_warned_about(stage: Stage) -> None:
    stage.work.git("config", f"http.{stage.git_server.url}/.extraheader", "AUTHORIZATION: basic Y2FuYXJ5")
    ran = stage.run("prepare", dry_run="true")
    assert ran.code == 0
    assert "persist-credentials: false" in ran.warnings[0]
    assert "Y2FuYXJ5" not in ran.log


def test_a_proposal_that_was_changed_in_between_is_refused(stage: Stage) -> None:
    stage.run("collect", token=TOKEN_WRITE)
    stage.run("prepare")
    notes = stage.shared / "proposal" / "notes" / "developer.md"
    notes.write_text(notes.read_text() + "trust me\n")
    ran = stage.run("propose", token=TOKEN_WRITE)
    assert ran.code == 1
    assert stage.github.writes() == []


def test_words_of_earlier_steps_do_nothing_in_the_summary(stage: Stage) -> None:
    stage.run("collect", token=TOKEN_WRITE)
    stage.run("prepare")
    (stage.shared / "prepare.json").write_text(json.dumps([{"name": "<img src=x>", "seconds": 1, "what": "a | [b](javascript:c) @ada"}]))
    ran = stage.run("propose", token=TOKEN_WRITE)
    assert ran.code == 0
    (row,) = [line for line in ran.summary.splitlines() if "| 1.0 |" in line]
    assert "<img" not in row
    assert r"\[b]" in row
    assert "`@ada`" in row
    (stage.shared / "prepare.json").write_text("]")
    assert stage.run("propose", token=TOKEN_WRITE).code == 0


def test_the_changelog_is_written_and_a_second_run_changes_nothing(stage: Stage) -> None:
    first = stage.run("prepare", command="changelog")
    assert first.outputs == {"version": "", "previous-version": "v0.1.0", "engine": "", "grounded": "", "changed": "true"}
    assert "add passkey login" in (stage.work.path / "CHANGELOG.md").read_text()
    again = stage.run("prepare", command="changelog")
    assert (again.code, again.outputs["changed"]) == (0, "false")
    assert "CHANGELOG.md is up to date" in again.log


def test_the_changelog_of_a_range_goes_where_it_is_asked_for(stage: Stage) -> None:
    ran = stage.run("prepare", command="changelog", since="HEAD~1", version="1.0.0", output="docs/NEWS.md")
    assert (ran.outputs["version"], ran.outputs["previous-version"]) == ("1.0.0", "HEAD~1")
    assert "1.0.0" in (stage.work.path / "docs" / "NEWS.md").read_text()
    assert not (stage.work.path / "CHANGELOG.md").exists()


def test_a_dry_run_shows_the_changelog_and_writes_nothing(stage: Stage) -> None:
    ran = stage.run("prepare", command="changelog", dry_run="true")
    assert ran.outputs["changed"] == "false"
    assert "add passkey login" in ran.summary
    assert not (stage.work.path / "CHANGELOG.md").exists()


def test_a_section_that_a_person_edited_stays_and_is_warned_about(stage: Stage) -> None:
    stage.run("prepare", command="changelog")
    file = stage.work.path / "CHANGELOG.md"
    file.write_text(file.read_text().replace("add passkey login", "Passkeys!"))
    stage.push("feat: add search")
    ran = stage.run("prepare", command="changelog")
    assert (ran.code, ran.outputs["changed"]) == (0, "false")
    assert "edited by a person" in ran.warnings[0]


def test_notes_are_written_for_each_audience(stage: Stage) -> None:
    ran = stage.run("prepare", command="notes", audiences="developer, customer", output="notes")
    assert ran.code == 0, ran.log
    assert (ran.outputs["version"], ran.outputs["engine"], ran.outputs["changed"]) == ("0.2.0", "none", "true")
    assert ran.outputs["proposal"] == str(stage.work.path / "notes")
    assert sorted(path.name for path in (stage.work.path / "notes").iterdir()) == [
        "customer.json", "customer.md", "developer.json", "developer.md",
    ]  # fmt: skip


def test_an_unknown_step_is_refused_with_the_known_ones(stage: Stage) -> None:
    ran = stage.run("publish")
    assert ran.code == 2
    assert "set-up, collect, prepare, propose" in ran.errors[0]


def test_a_step_without_the_folder_of_set_up_says_so(stage: Stage) -> None:
    stage.extra["NOTEWRIGHT_WORK_DIR"] = str(stage.home / "nowhere")
    ran = stage.run("prepare")
    assert ran.code == 2
    assert "run set-up first" in ran.errors[0]


def test_a_job_that_is_cancelled_ends_with_one_line_and_its_own_code(stage: Stage) -> None:
    stage.github.fault("GET", "/repos/acme/app", hang_s=30)
    with stage.start("collect", token=TOKEN_WRITE) as step:
        while not stage.github.calls:
            time.sleep(0.05)
        step.send_signal(signal.SIGTERM)
        printed, _ = step.communicate(timeout=30)
    assert step.returncode == 130
    assert printed.startswith(b"::error title=notewright::cancelled")
    assert b"Traceback" not in printed


def test_an_old_python_is_told_which_one_is_needed() -> None:
    source = (ROOT / "entrypoint.py").read_text().replace("sys.version_info < (3, 11)", "sys.version_info < (99,)")
    done = subprocess.run([sys.executable, "-"], input=source.encode(), capture_output=True, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stdout.startswith(b"::error title=notewright::notewright needs Python 3.11 or newer, and python3 is 3.")
