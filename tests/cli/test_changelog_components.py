"""`notewright changelog components`, as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.parts.command import run_command
from tests.parts.repository import Repo

CONFIG = """changelog:
  components:
    - {name: core, path: packages/core}
    - {name: app, path: packages/app, depends: [core]}
"""


@pytest.fixture
def monorepo(tmp_path: Path) -> Repo:
    """Two components, one of which needs the other, with a release each."""
    repo = Repo(tmp_path / "monorepo")
    repo.commit("chore: set up", {"notewright.yaml": CONFIG})
    repo.commit("feat: core one", {"packages/core/a": "1"})
    repo.commit("feat: app one", {"packages/app/a": "1"})
    repo.tag("core-v1.0.0")
    repo.tag("app-v1.0.0")
    repo.commit("fix: core two", {"packages/core/a": "2"})
    return repo


def test_every_component_is_told_as_it_is_alone(monorepo: Repo) -> None:
    done = run_command("changelog", "components", "--format", "json", cwd=monorepo.path)
    assert done.code == 0, done.err
    found = {one["name"]: one["releases"] for one in json.loads(done.out)["components"]}
    assert list(found) == ["core", "app"]
    for name, releases in found.items():
        alone = run_command("changelog", "--full", "--component", name, "--format", "json", cwd=monorepo.path)
        assert json.loads(alone.out)["releases"] == releases
    assert found["app"][0]["groups"][0]["entries"][0]["summary"] == "update core"


def test_each_is_written_into_its_own_file_and_twice_changes_nothing(monorepo: Repo) -> None:
    for outcome in ("updated", "unchanged"):
        done = run_command("changelog", "components", "--write", cwd=monorepo.path)
        assert (done.code, done.out) == (0, b"")
        assert done.err == f"packages/core/CHANGELOG.md: {outcome}\npackages/app/CHANGELOG.md: {outcome}\n"
    assert "core two" in (monorepo.path / "packages/core/CHANGELOG.md").read_text()


def test_a_person_s_edit_of_one_stops_no_other(monorepo: Repo) -> None:
    run_command("changelog", "components", "--write", cwd=monorepo.path)
    core, app = (monorepo.path / f"packages/{name}/CHANGELOG.md" for name in ("core", "app"))
    core.write_text(core.read_text().replace("core one", "the first of core"))
    app.unlink()
    done = run_command("changelog", "components", "--write", cwd=monorepo.path)
    assert done.code == 1
    assert "packages/core/CHANGELOG.md: a person edited 1.0.0" in done.err
    assert "the first of core" in core.read_text()
    assert "app one" in app.read_text()


def test_without_components_there_is_nothing_to_tell(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "plain")
    repo.commit("feat: a")
    done = run_command("changelog", "components", cwd=repo.path)
    assert (done.code, done.err) == (2, "error: there are no components\n  hint: list them in changelog.components of notewright.yaml\n")
