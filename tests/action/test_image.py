"""What the Dockerfile says, held against the code and the locks."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from packaging.requirements import Requirement

from notewright.action import container
from tests.house.architecture import ROOT
from tests.house.test_locks import pins

TEXT = (ROOT / "Dockerfile").read_text("utf-8")
TARGETS = ("cpu", "cuda", "rocm")


def stage(name: str) -> str:
    """Return the instructions of one stage."""
    (found,) = re.findall(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_runs_the_entrypoint_without_root_and_is_watched_and_labelled(target: str) -> None:
    text = stage(target)
    assert re.search(r'^ENTRYPOINT \["/opt/notewright/python/bin/python", "-I", "/opt/notewright/entrypoint\.py"\]$', text, re.MULTILINE)
    assert re.search(r'^HEALTHCHECK .*CMD \["/opt/notewright/notewright", "doctor"\]$', text, re.MULTILINE)
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == [f"{container.USER}:{container.USER}"]
    assert re.findall(r"^ENV (.+)$", text, re.MULTILINE) == [f"HOME={container.HOME}"]
    labels = set(re.findall(r"([\w.]+)=\"", text))
    assert {f"org.opencontainers.image.{name}" for name in ("title", "description", "source", "licenses", "version", "revision")} <= labels
    assert f'notewright.target="{target}"' in text


def test_every_base_image_can_be_named_by_its_digest() -> None:
    own = set(re.findall(r" AS (\S+)$", TEXT, re.MULTILINE))
    bases = {name for name in re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE) if name not in own}
    assert bases == {f"${{{name}}}" for name in re.findall(r"^ARG (\w+_IMAGE)=", TEXT, re.MULTILINE)}


def test_everything_that_pip_installs_is_held_against_a_lock() -> None:
    installs = re.findall(r"pip install .*?--requirement \S+", TEXT, re.DOTALL)
    assert len(installs) == 1 + 2 * len(TARGETS)
    assert [one for one in installs if "--require-hashes" not in one or "--only-binary=:all:" not in one] == []


def test_the_image_holds_what_the_wheel_and_the_environment_hold() -> None:
    copied = dict(re.findall(r"^COPY (\S+) /build/(notewright\S*)$", TEXT, re.MULTILINE))
    assert copied == {"src/notewright": "notewright", "prompts": "notewright/_prompts", "workflows": "notewright/_workflows"}
    sent = set((ROOT / ".dockerignore").read_text("utf-8").splitlines())
    wanted = {name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", TEXT, re.MULTILINE) for name in line.split()}
    assert sent == {"*", "**/__pycache__", *(f"!{name}" for name in wanted)}


@pytest.mark.parametrize("name", ["llama-cpp.txt", "llama-cpp-build.txt"])
def test_what_an_engine_is_built_of_is_hashed_and_no_line_names_a_host(name: str) -> None:
    text = (ROOT / "locks" / name).read_text("utf-8")
    packages = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert [package for package in packages if "--hash=sha256:" not in package] == []
    assert "://" not in text


def test_the_engine_of_the_image_is_what_the_extra_asks_for_and_what_was_tested() -> None:
    built, tested = pins(ROOT / "locks" / "llama-cpp.txt"), pins(ROOT / "locks" / "dev.txt")
    wanted = [Requirement(text) for text in ("llama-cpp-python>=0.3.16", "llguidance>=1", "numpy>=2")]
    assert all(any(map(one.specifier.contains, built[one.name])) for one in wanted)
    assert {name: versions for name, versions in built.items() if tested.get(name, versions) != versions} == {}


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("there is no hadolint on PATH")
    done = subprocess.run([hadolint, str(ROOT / "Dockerfile")], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout.decode()
