from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from notewright.cli.init import command
from notewright.config.config import Config, as_values
from notewright.config.reading import load_config, parse_yaml
from notewright.config.validation import validated
from notewright.errors import RepositoryError, UsageError
from notewright.flows.init import WORKFLOWS, find_workflow, render_config, render_workflow
from tests.parts.repository import Repo


def init(repo: Repo, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["--repo", str(repo.path), *arguments], catch_exceptions=False)


FILES = ("notewright.yaml", *WORKFLOWS)


def test_a_repository_gets_a_configuration_and_the_workflows_of_a_release(repo: Repo) -> None:
    done = init(repo)
    assert done.stderr.splitlines()[:4] == [f"wrote {name}" for name in FILES]
    assert f"git add {' '.join(FILES)}" in done.stderr
    assert "require the status `notewright`" in done.stderr
    assert sorted(repo.git("ls-files", "--others").splitlines()) == sorted(FILES)


def test_what_is_there_is_kept_and_named(repo: Repo) -> None:
    (repo.path / "notewright.yaml").write_text("llm: {backend: none}\n")
    done = init(repo)
    assert done.stderr.splitlines()[:2] == ["kept notewright.yaml", "wrote .github/workflows/release.yml"]
    assert (repo.path / "notewright.yaml").read_text() == "llm: {backend: none}\n"


def test_a_second_run_changes_nothing(repo: Repo) -> None:
    init(repo)
    before = {name: (repo.path / name).read_bytes() for name in FILES}
    done = init(repo)
    assert [line for line in done.stderr.splitlines() if line.startswith("kept")] == [f"kept {name}" for name in FILES]
    assert "next:" not in done.stderr
    assert {name: (repo.path / name).read_bytes() for name in before} == before


def test_a_dry_run_says_what_it_would_write_and_writes_nothing(repo: Repo) -> None:
    done = init(repo, "--dry-run")
    assert done.stderr.splitlines() == [f"would write {name}" for name in FILES]
    assert repo.git("status", "--porcelain") == ""


def test_nothing_is_written_through_a_link_out_of_the_repository(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (repo.path / ".github").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="leads out of"):
        init(repo)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_bare_repository_has_no_place_for_files(repo: Repo, tmp_path: Path) -> None:
    repo.commit("feat: start")
    bare = repo.clone_bare(tmp_path / "bare.git")
    with pytest.raises(RepositoryError, match="is bare"):
        CliRunner().invoke(command, ["--repo", str(bare)], catch_exceptions=False)


def test_the_configuration_as_written_sets_nothing(repo: Repo) -> None:
    init(repo)
    assert load_config(repo.path, environ={}) == Config()


def test_every_key_of_the_configuration_stands_in_the_file_with_its_default() -> None:
    taken_off = re.sub(r"^#(?! \S)", "", render_config(), flags=re.MULTILINE)
    values = parse_yaml(taken_off.encode(), "the file with every # taken off")
    assert values == as_values(Config())
    assert validated(values, "the file") == Config()


def test_one_key_can_be_set_by_taking_two_marks_off() -> None:
    text = render_config().replace("#llm:", "llm:").replace("#  seed: 42 ", "  seed: 7 ")
    assert validated(parse_yaml(text.encode(), "the file"), "the file").llm.seed == 7


@pytest.mark.parametrize(
    ("name", "written"),
    [
        pytest.param("main", "main", id="a word"),
        pytest.param("release/next", "release/next", id="a path"),
        pytest.param("1.x", '"1.x"', id="begins with a digit"),
        pytest.param("yes", '"yes"', id="a word of YAML"),
        pytest.param('a"]\n', '"a\\"]\\n"', id="hostile"),
    ],
)
@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_workflow_names_the_branch_so_that_yaml_reads_it_back(workflow: str, name: str, written: str) -> None:
    text = render_workflow(workflow, name)
    assert re.search(rf"branches: \[{re.escape(written)}(?:\]|, \"notewright/release\*\"\]) #", text)
    events = yaml.load(text, yaml.BaseLoader)["on"]
    named = [event["branches"] for event in events.values() if "branches" in event]
    assert [branches[0] for branches in named] == [name] * text.count("branches:")
    assert {rest for _, *others in named for rest in others} <= {"notewright/release*"}


def test_the_workflows_run_on_the_branch_that_is_checked_out(repo: Repo) -> None:
    repo.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    init(repo)
    assert ["branches: [trunk" in (repo.path / name).read_text() for name in WORKFLOWS] == [True] * 3


def test_the_server_s_default_branch_wins_over_the_one_checked_out(checkout: Repo) -> None:
    checkout.branch("topic")
    init(checkout)
    assert "branches: [main" in (checkout.path / WORKFLOWS[0]).read_text()


def test_a_kept_workflow_leaves_a_way_to_ours(repo: Repo) -> None:
    init(repo)
    told = init(repo).stderr
    assert all(str(find_workflow(name)) in told and find_workflow(name).is_file() for name in WORKFLOWS)
