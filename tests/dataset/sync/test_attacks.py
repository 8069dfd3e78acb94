"""What repositories, servers and restored caches try against those who clone them; the numbers are those of the security cases."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from notewright.adapters.dataset.blobs import Blobs
from notewright.adapters.dataset.clones import Clone
from notewright.adapters.dataset.watched import Limits
from notewright.errors import NotewrightError, RepositoryError
from tests.dataset.sync.conftest import Update
from tests.parts.git_server import GitServer
from tests.parts.plumbing import read_git, run_git
from tests.parts.repository import Repo

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the attacks are shell scripts")


@dataclass(frozen=True, slots=True)
class Attack:
    """A program that gives itself away by a file, whatever it is run as."""

    program: Path
    traces: Path

    @property
    def worked(self) -> bool:
        return self.traces.exists()


@pytest.fixture
def attack(tmp_path: Path) -> Attack:
    program, traces = tmp_path / "attack", tmp_path / "traces"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{traces}'\ncat\n")
    program.chmod(0o755)
    return Attack(program, traces)


def contents(clone: Clone) -> dict[bytes, bytes]:
    blobs = Blobs(clone.directory)
    listed = [file for file in blobs.list_files(clone.commit) if file.mode.startswith("100")]
    found = dict(blobs.read([file.oid for file in listed], most_bytes=1 << 20))
    return {file.path: found[file.oid] for file in listed}


def serve(git_server: GitServer, repo: Repo) -> str:
    git_server.add("acme/evil", repo)
    return git_server.url_of("acme/evil")


_PROGRAMS = (
    *("core.fsmonitor", "core.sshCommand", "core.gitProxy", "core.pager", "core.askPass", "core.editor", "gpg.program"),
    *("diff.external", "diff.x.textconv", "filter.x.smudge", "filter.x.clean", "filter.x.process", "uploadpack.packObjectsHook"),
    *("remote.origin.uploadpack", "credential.helper", "alias.upload-pack", "alias.fetch"),
)


@pytest.mark.case(29)
def test_case_29_what_a_local_repository_s_configuration_would_run_is_not_run(repo: Repo, update: Update, attack: Attack) -> None:
    repo.commit("feat: one", {".gitattributes": "* filter=x diff=x\n", "a.py": "1\n"})
    repo.tag("v1")
    repo.commit("feat: two")
    for name in _PROGRAMS:
        repo.git("config", name, f"{'!' * name.startswith(('alias', 'credential'))}{attack.program}")
    for ref in ("v1", None):
        assert contents(update(repo.path, ref))[b"a.py"] == b"1\n"
    assert not attack.worked


@pytest.mark.case(30)
def test_case_30_hooks_of_a_local_repository_and_of_a_clone_are_not_run(repo: Repo, update: Update, attack: Attack) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    hooks = repo.path / ".git" / "hooks"
    hooks.mkdir()
    names = ("post-checkout", "reference-transaction", "post-merge", "post-update", "pre-auto-gc", "update", "post-index-change")
    for name in names:
        (hooks / name).symlink_to(attack.program)
    repo.git("config", "core.hooksPath", str(hooks))
    clone = update(repo.path)
    (clone.directory / "hooks").symlink_to(hooks)
    assert contents(update(repo.path)) == {b"a.py": b"1\n"}
    assert not (clone.directory / "hooks").exists()
    attack.traces.unlink(missing_ok=True)  # the test's own git runs them
    repo.git("-c", f"core.hooksPath={os.devnull}", "tag", "v1")
    update(repo.path, "v1")
    assert not attack.worked


@pytest.mark.case(31)
def test_case_31_submodules_are_never_fetched(git_server: GitServer, repo: Repo, update: Update, attack: Attack) -> None:
    modules = "\n".join(
        f'[submodule "{name}"]\n\tpath = {name}\n\turl = {url}\n'
        for name, url in (("one", f"ext::sh -c touch% {attack.traces}"), ("two", f"{git_server.url}/acme/app.git"))
    )
    repo.commit("feat: one", {".gitmodules": modules})
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},one")
    repo.commit("feat: a submodule")
    clone = update(serve(git_server, repo))
    assert [(file.path, file.mode) for file in Blobs(clone.directory).list_files(clone.commit)] == [
        (b".gitmodules", "100644"),
        (b"one", "160000"),
    ]
    assert not attack.worked
    assert not any("acme/app" in call.path for call in git_server.calls)


@pytest.mark.case(31)
@pytest.mark.parametrize("line", ["url = --upload-pack=touch", "url = -oProxyCommand=touch", "path = -x"])
def test_case_31_a_submodule_made_to_be_an_option_is_refused(git_server: GitServer, repo: Repo, update: Update, line: str) -> None:
    repo.commit("feat: one", {".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = https://h.org/x\n\t{line}\n'})
    with pytest.raises(RepositoryError, match="git's own check refuses") as caught:
        update(serve(git_server, repo))
    assert caught.value.hint == "leave it out, or let its owner mend it"


@pytest.mark.case(32)
def test_case_32_lfs_files_stay_pointers(git_server: GitServer, repo: Repo, update: Update, attack: Attack) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 5\n"
    repo.commit(
        "feat: one",
        {".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs\n", ".lfsconfig": f"[lfs]\n\turl = {git_server.url}\n", "a.bin": pointer},
    )
    attack.program.rename(attack.program.with_name("git-lfs"))
    clone = update(serve(git_server, repo))
    assert contents(clone)[b"a.bin"] == pointer.encode()
    assert not attack.worked
    assert not any("lfs" in call.path for call in git_server.calls)


@pytest.mark.case(33, 36)
@pytest.mark.parametrize(
    ("section", "line"),
    [
        pytest.param('url "{url}"', "insteadOf = {server}", id="insteadOf"),
        pytest.param("include", "path = {file}", id="include"),
        pytest.param("alias", "fetch = !{script}", id="alias"),
        pytest.param("core", "fsmonitor = {script}", id="fsmonitor"),
        pytest.param("core", "gitProxy = {script}", id="gitProxy"),
        pytest.param("http", "proxy = {server}", id="proxy"),
        pytest.param("http", "sslVerify = false", id="sslVerify"),
    ],
)
def test_case_33_and_36_a_clone_whose_configuration_was_changed_is_not_used(
    git_server: GitServer, update: Update, attack: Attack, section: str, line: str
) -> None:
    """A restored cache may hold what somebody else wrote."""
    clone = update(git_server.url_of("acme/app"))
    names = {
        "url": attack.program.parent / "other",
        "server": git_server.url,
        "file": attack.program.parent / "more",
        "script": attack.program,
    }
    with (clone.directory / "config").open("a") as config:
        config.write(f"[{section.format_map(names)}]\n\t{line.format_map(names)}\n")
    assert update(git_server.url_of("acme/app")) == clone
    assert line.format_map(names) not in (clone.directory / "config").read_text()
    assert not attack.worked


@pytest.mark.case(36)
@pytest.mark.parametrize("trick", ["commondir", "alternates", "shallow", "promisor", "link", "worktrees"])
def test_case_36_a_clone_that_leads_elsewhere_is_not_used(repo: Repo, update: Update, tmp_path: Path, trick: str) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    clone = update(repo.path)
    elsewhere = repo.clone_bare(tmp_path / "elsewhere")
    match trick:
        case "commondir":
            (clone.directory / "commondir").write_text(f"{elsewhere}\n")
        case "alternates":
            (clone.directory / "objects/info/alternates").write_text(f"{elsewhere}/objects\n")
        case "shallow":
            (clone.directory / "shallow").write_text(f"{clone.commit}\n")
        case "promisor":
            next(clone.directory.glob("objects/pack/*.pack")).with_suffix(".promisor").write_text("")
        case "worktrees":
            (clone.directory / "worktrees").mkdir()
        case _:
            clone.directory.rename(tmp_path / "moved")
            clone.directory.symlink_to(tmp_path / "moved")
    assert update(repo.path) == clone
    assert not clone.directory.is_symlink()
    assert {path.name for path in clone.directory.iterdir()} <= {"HEAD", "config", "objects", "refs", "packed-refs", "info"}
    assert not list(clone.directory.glob("objects/info/alternates")) + list(clone.directory.glob("objects/pack/*.promisor"))


def test_a_list_of_clones_inside_a_hostile_repository_does_not_read_its_configuration(
    git_server: GitServer, update: Update, tmp_path: Path, attack: Attack
) -> None:
    run_git(tmp_path, "init", "--quiet", ".")
    run_git(tmp_path, "config", "alias.fetch", f"!{attack.program}")
    run_git(tmp_path, "config", f"url.{tmp_path}/nothing.insteadOf", git_server.url)
    run_git(tmp_path, "config", "core.fsmonitor", str(attack.program))
    assert contents(update(git_server.url_of("acme/app"))) == {b"README.md": b"# App\n"}
    assert not attack.worked


def test_the_user_s_own_configuration_of_git_gets_no_say(git_server: GitServer, update: Update, attack: Attack) -> None:
    lines = (
        *("[core]", f"fsmonitor = {attack.program}", f"hooksPath = {attack.program.parent}", "[fetch]", "recurseSubmodules = true"),
        *('[url "/nothing"]', f"insteadOf = {git_server.url}"),
    )
    Path(os.environ["HOME"], ".gitconfig").write_text("\n".join(lines))
    assert contents(update(git_server.url_of("acme/app"))) == {b"README.md": b"# App\n"}
    assert not attack.worked


@pytest.mark.case(34)
def test_case_34_a_repository_larger_than_the_limit_is_refused(git_server: GitServer, repo: Repo, update: Update, folder: Path) -> None:
    repo.commit("feat: one", {"a.bin": os.urandom(3 << 20)})
    with pytest.raises(RepositoryError, match="takes more than 2 MiB"):
        update(serve(git_server, repo), limits=Limits(disk_bytes=2 << 20))
    assert [path.name for path in folder.iterdir()] == [".lock"]


@pytest.mark.case(34)
def test_case_34_a_message_larger_than_the_memory_for_it_is_refused(git_server: GitServer, repo: Repo, update: Update) -> None:
    repo.commit("x" * (9 << 20), {"a.py": "1\n"})
    with pytest.raises(RepositoryError, match="takes more memory than one repository may have"):
        update(serve(git_server, repo), limits=Limits(memory_bytes=8 << 20))


@pytest.mark.case(34)
def test_case_34_a_file_that_unpacks_to_more_than_the_memory_for_it_is_refused(git_server: GitServer, repo: Repo, update: Update) -> None:
    """A few kilobytes of differences that grow into hundreds of megabytes."""
    base = bytes(6 << 20)
    repo.commit("feat: one", {"a.bin": base + b"x"})
    repo.commit("feat: two", {"a.bin": base + base + b"y"})
    repo.git("-c", "pack.depth=50", "gc", "--quiet", "--aggressive")
    assert sum(path.stat().st_size for path in (repo.path / ".git/objects/pack").iterdir()) < 100_000
    with pytest.raises(RepositoryError, match="takes more memory than one repository may have"):
        update(serve(git_server, repo), limits=Limits(memory_bytes=8 << 20))


@pytest.mark.case(34)
def test_case_34_of_a_hundred_thousand_refs_only_the_wanted_one_comes(git_server: GitServer, update: Update) -> None:
    served = git_server.path_of("acme/app")
    head = read_git(served, "rev-parse", "HEAD")
    lines = "".join(f"{head} refs/pull/{number:06}/head\n" for number in range(100_000))
    (served / "packed-refs").write_text(f"# pack-refs with: peeled fully-peeled sorted \n{head} refs/heads/main\n{lines}")
    clone = update(git_server.url_of("acme/app"))
    assert read_git(clone.directory, "for-each-ref", "--format=%(refname)") == "refs/heads/pinned\nrefs/notewright/fetched"


@pytest.mark.parametrize("name", [".git", "..", ".GIT"])
def test_a_tree_with_a_forbidden_name_is_refused(git_server: GitServer, repo: Repo, update: Update, name: str) -> None:
    oid = repo.git("hash-object", "-w", "--stdin", input_bytes=b"x")
    raw = f"100644 {name}\0".encode() + bytes.fromhex(oid)
    tree = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", input_bytes=raw)
    repo.git("update-ref", "HEAD", repo.git("commit-tree", "-m", "feat: evil", tree))
    with pytest.raises(RepositoryError, match="git's own check refuses"):
        update(serve(git_server, repo))


def test_an_honest_old_history_with_a_bad_time_zone_is_taken(git_server: GitServer, repo: Repo, update: Update) -> None:
    """psf/requests could not be cloned: `badTimezone: invalid author/committer line - bad time zone`."""
    tree = repo.commit("feat: one", {"a.py": "1\n"}) and repo.git("rev-parse", "HEAD^{tree}")
    raw = f"tree {tree}\nauthor A <a@b> 1313584730 +051800\ncommitter A<a@b> 1313584730 +0518\n\nfeat: old\n"
    old = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", input_bytes=raw.encode())
    repo.git("update-ref", "HEAD", old)
    assert update(serve(git_server, repo)).commit == old


@pytest.mark.parametrize("words", ["fatal: \x1b[31mNo space left on device", "fatal: ghs_\r\n::error::x", "No space left on device"])
def test_what_a_server_says_is_never_taken_for_this_machine_s_words(git_server: GitServer, update: Update, words: str) -> None:
    git_server.fault("GET", "info/refs", status=403, message=words)
    with pytest.raises(NotewrightError) as caught:
        update(git_server.url_of("acme/app"))
    assert isinstance(caught.value, RepositoryError)
    assert caught.value.message.isprintable()


def _unshare(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", *command], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.skipif(sys.platform != "linux" or _unshare("true").returncode != 0, reason="no file system of one's own may be mounted here")
@pytest.mark.parametrize(("options", "words"), [("size=300k", "the disk is full"), ("ro", "cannot write to")], ids=["full", "read-only"])
def test_a_full_or_read_only_disk_is_a_storage_error(repo: Repo, tmp_path: Path, options: str, words: str) -> None:
    repo.commit("feat: one", {"a.bin": os.urandom(1 << 20)})
    (tmp_path / "disk").mkdir()
    program = (
        "import sys; from pathlib import Path; from notewright.adapters.dataset.clones import Clones\n"
        "from notewright.control import Cancel; from notewright.dataset.sources import Source\n"
        "from notewright.errors import StorageError\n"
        "clones = Clones(Path('disk/clones'), base=Path())\n"
        "try:\n with clones.held(): clones.update(Source('./repo'), cancel=Cancel())\n"
        "except StorageError as error: print(error.message, error.hint, sorted(map(str, Path('disk').rglob('*.part'))))"
    )
    line = f'mount -t tmpfs -o {options} none disk && exec "$0" -c "$1"'
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", line, sys.executable, program],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert words in done.stdout, done
    assert "dataset.repos_dir" in done.stdout
    assert done.stdout.endswith("[]\n")
