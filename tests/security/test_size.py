"""Security cases 15, 34 and 35: what is too long, too large, too deep or packed."""

from __future__ import annotations

import ast
import json
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from notewright.adapters.dataset.blobs import Blobs
from notewright.adapters.dataset.clones import Clones
from notewright.adapters.dataset.watched import Limits
from notewright.adapters.folder import read_folder_file
from notewright.control import Cancel
from notewright.dataset.sources import Source
from notewright.errors import CheckFailed, NotewrightError, RepositoryError, UsageError
from notewright.rendering.canonical import canonical_json, digest
from tests.action.stage import Stage
from tests.house.architecture import PACKAGE, modules
from tests.parts.git_server import GitServer
from tests.parts.repository import Repo
from tests.release.site import Site
from tests.security.release import release

_GITHUB_TAKES = 65_536
_PACKED = frozenset(("zipfile", "tarfile", "gzip", "bz2", "lzma", "zipimport", "py7zr", "rarfile", "patoolib"))


@pytest.mark.case(15)
def test_a_history_that_would_fill_many_pages_is_cut_at_a_line_and_says_where_the_rest_is(stage: Stage) -> None:
    parent, lines = stage.work.sha(), []
    for number in range(350):
        message = f"feat: thing {number} {'very long ' * 40}@everyone"
        lines.append(
            f"commit refs/heads/main\nmark :{number + 1}\ncommitter A <a@example.org> {1_800_000_000 + number} +0000\n"
            f"data {len(message)}\n{message}\n" + (f"from {parent}\n" if number == 0 else "")
        )
    stage.work.git("fast-import", "--quiet", input_bytes="\n".join(lines).encode() + b"\n")
    stage.work.git("reset", "--quiet", "--hard", "main")
    stage.git_server.push(stage.work, "main")
    done = release(stage, engine="none", audiences="developer")
    assert len(done.body.encode("utf-16-le")) // 2 <= _GITHUB_TAKES
    assert done.body.endswith("\n"), "cut at a line"
    assert "did not fit here: all of them are in `audit.html`" in done.body
    assert len((done.proposal / "section.md").read_text("utf-8")) > _GITHUB_TAKES
    assert all(len(step.summary.encode()) <= 1 << 20 for step in done.steps)


@pytest.mark.case(34)
def test_trees_that_name_each_other_again_and_again_end_at_the_limit_of_files(git_server: GitServer, repo: Repo, tmp_path: Path) -> None:
    """Ten trees of ten entries each mean ten thousand million files."""
    blob = repo.git("hash-object", "-w", "--stdin", input_bytes=b"x")
    tree = repo.git("mktree", input_bytes="".join(f"100644 blob {blob}\tf{number}\n" for number in range(10)).encode())
    for _ in range(9):
        tree = repo.git("mktree", input_bytes="".join(f"040000 tree {tree}\td{number}\n" for number in range(10)).encode())
    repo.git("update-ref", "HEAD", repo.git("commit-tree", "-m", "feat: bomb", tree))
    git_server.add("acme/bomb", repo)
    clones = Clones(tmp_path / "clones", base=tmp_path, limits=Limits(disk_bytes=2 << 20, memory_bytes=8 << 20))
    with clones.held():
        clone = clones.update(Source(git_server.url_of("acme/bomb")), cancel=Cancel())
    with pytest.raises(RepositoryError, match="has more than 1,000 files"):
        list(Blobs(clone.directory).list_files(clone.commit, most=1_000))


@pytest.mark.case(34)
def test_a_tree_of_two_thousand_folders_is_refused_or_read_and_never_crashes(git_server: GitServer, repo: Repo, tmp_path: Path) -> None:
    """git itself stops where a path would be longer than it can name, or a tree deeper than it follows."""
    path = "d/" * 2_000 + "f.py"
    commit = f"commit refs/heads/main\ncommitter A <a@example.org> 1800000000 +0000\ndata 4\nfeat\nM 100644 inline {path}\ndata 1\nx\n"
    repo.git("fast-import", "--quiet", input_bytes=commit.encode())
    git_server.add("acme/deep", repo)
    clones = Clones(tmp_path / "clones", base=tmp_path)
    paths: list[bytes] = []
    with suppress(NotewrightError):
        with clones.held():
            clone = clones.update(Source(git_server.url_of("acme/deep")), cancel=Cancel())
        paths = [file.path for file in Blobs(clone.directory).list_files(clone.commit)]
    assert paths in ([], [path.encode()])


@pytest.mark.case(35)
def test_no_code_of_ours_unpacks_an_archive() -> None:
    """So no entry of one can lie outside of its folder, be a link or grow: artifacts are folders, and each file is named by us."""
    found: list[tuple[str, str]] = []
    for module in modules():
        for node in ast.walk(ast.parse(module.read_bytes())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [node.attr] if isinstance(node, ast.Attribute) else []
            risky = [name for name in names if name.partition(".")[0] in _PACKED or name in ("unpack_archive", "extractall", "zipimporter")]
            found += [(module.relative_to(PACKAGE).as_posix(), name) for name in risky]
    assert found == []


@pytest.mark.case(35)
@pytest.mark.parametrize("name", ["../escaped.md", "/escaped.md", "notes/../../escaped.md", "notes/linked.md", "packed.zip"])
def test_an_artifact_with_a_file_that_leads_elsewhere_is_refused(site: Site, tmp_path: Path, name: str) -> None:
    """As it comes back from the runner's storage, where another job may have changed it."""
    site.prepare()
    outside = tmp_path / "outside.md"
    outside.write_text("precious\n")
    content = outside.read_bytes()
    if name.endswith("linked.md"):
        (site.output / name).symlink_to(outside)
    elif name.endswith(".zip"):
        with zipfile.ZipFile(site.output / name, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("../../escaped.md", bytes(50 << 20))
        content = (site.output / name).read_bytes()
    manifest = json.loads((site.output / "proposal.json").read_bytes())
    manifest["files"].append({"name": name, "digest": digest(content)})
    manifest["files"].sort(key=lambda file: file["name"])
    (site.output / "proposal.json").write_bytes(canonical_json(manifest))
    with pytest.raises((CheckFailed, UsageError)):
        site.propose()
    if "linked" in name:
        with pytest.raises(NotewrightError):
            read_folder_file(site.output, name)
    assert outside.read_text() == "precious\n"
    assert site.branch() is None
    assert not list(tmp_path.rglob("escaped.md"))
