"""The mode of a file that the release branch rewrites is that of the base."""

from __future__ import annotations

from notewright.adapters.branch import build_commit
from notewright.adapters.repository import open_repository
from tests.parts.repository import Repo


def test_a_file_that_can_be_run_still_can(repo: Repo) -> None:
    names = {"run.sh": "1\n", "ünsäfe name\t.sh": "1\n", "plain.txt": "1\n"}
    repo.commit("feat: files", names)
    repo.git("update-index", "--chmod=+x", "run.sh", "ünsäfe name\t.sh")
    base = repo.commit("feat: to be run")
    made = build_commit(
        open_repository(repo.path).git, base=base, files=[(name, b"2\n") for name in [*names, "new.txt"]], message="x", at_s=0
    )
    modes = {line.partition("\t")[2]: line.split(" ")[0] for line in repo.git("ls-tree", "-z", made).split("\0") if line}
    assert modes == {"run.sh": "100755", "ünsäfe name\t.sh": "100755", "plain.txt": "100644", "new.txt": "100644"}
