"""prepare in a container: what it makes, and what a hostile process in there finds. The numbers are those of the security cases."""

from __future__ import annotations

import json
import platform
import shutil
import signal
from pathlib import Path

import pytest

from notewright.action.container import find_network
from notewright.action.image import Image
from notewright.action.mounts import Mount, find_model_files
from notewright.action.secret import TOKENS
from notewright.config.config import Config
from notewright.config.llm import LlmConfig
from notewright.errors import UsageError
from tests.action import probe
from tests.action.containers import PYTHON, Bench, calls, find, probed, settings
from tests.action.stage import Ran, Stage
from tests.parts.tokens import TOKEN_WRITE

CANARY = "canary-5d0c77a1"
_PROBE = Path(probe.__file__).read_text("utf-8")
_SCRIPT = [{"cites": ["1"], "text": "Passkey login is new."}, {"cites": ["2"], "text": "An empty file is handled."}]


@pytest.fixture(scope="session")
def image() -> Image:
    found = find()
    if not isinstance(found, Image):
        pytest.skip(f"{found}: .ci/build-image.sh builds it")
    return found


@pytest.fixture
def bench(stage: Stage, image: Image) -> Bench:
    made = Bench(stage, image)
    stage.extra |= settings()
    return made


def prepare(bench: Bench, **inputs: str) -> Ran:
    return bench.stage.run("prepare", **{"container": "always", "image": bench.image.name, **inputs})


def look_from_inside(bench: Bench, **asked: list[object]) -> Ran:
    """Run the probe in the container that prepare would have run in."""
    bench.replace(run=["-I", "-c", _PROBE, json.dumps({"hosts": [], "folders": [], **asked})])
    return prepare(bench, engine="none")


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_proposal_made_in_a_container_is_the_same_bytes_as_one_made_on_the_runner(bench: Bench) -> None:
    assert bench.stage.run("collect", token=TOKEN_WRITE).code == 0
    native = bench.stage.run("prepare", engine="none", container="never")
    wanted = files_of(bench.stage.shared / "proposal")
    shutil.rmtree(bench.stage.shared / "proposal")
    ran = prepare(bench, engine="none")
    assert ran.code == 0, ran.log
    assert files_of(bench.stage.shared / "proposal") == wanted
    assert ran.outputs == native.outputs
    assert f"container: {bench.image.name}" in ran.log
    assert "network of the container: none" in ran.log
    propose = bench.stage.run("propose", token=TOKEN_WRITE)
    assert propose.code == 0, propose.log
    steps = [line.split(" | ")[0].removeprefix("| ") for line in propose.summary.splitlines() if line.startswith("| ")]
    assert steps == ["step", "collect", "history", "notes", "proposal", "history", "verify", "propose"]


def test_a_script_beside_the_workspace_is_read_in_the_container(bench: Bench, tmp_path: Path) -> None:
    script = tmp_path / "a, b.jsonl"
    script.write_text(json.dumps({"reply": _SCRIPT}) + "\n")
    ran = prepare(bench, engine=f"scripted:{script}", dry_run="true")
    assert ran.code == 0, ran.log
    assert ran.outputs["engine"] == "scripted:a, b.jsonl"
    assert "prompt tokens" in ran.summary, "the summary comes out with what the notes cost"


@pytest.mark.parametrize("engine", ["llama_server", "llama_cpp"])
def test_a_model_answers_without_a_network(bench: Bench, tiny_gguf: Path, engine: str) -> None:
    ran = prepare(bench, engine=f"{engine}:{tiny_gguf}", dry_run="true")
    assert ran.code == 0, ran.log
    assert "network of the container: none" in ran.log
    assert ran.outputs["engine"] == f"{engine}:tiny.gguf"
    assert "prompt tokens" in ran.summary
    assert "without the machine's lock" not in ran.log


def test_notes_go_where_they_are_asked_for_and_a_second_run_changes_nothing(bench: Bench) -> None:
    first = prepare(bench, command="notes", engine="none", audiences="developer, customer", output="notes")
    assert first.code == 0, first.log
    assert (first.outputs["changed"], first.outputs["proposal"]) == ("true", str(bench.stage.work.path / "notes"))
    assert sorted(files_of(bench.stage.work.path / "notes")) == ["customer.json", "customer.md", "developer.json", "developer.md"]
    assert {path.owner() for path in (bench.stage.work.path / "notes").iterdir()} == {bench.stage.work.path.owner()}
    assert first.summary.startswith("### notewright: notes for developer, customer written")
    again = prepare(bench, command="notes", engine="none", audiences="developer, customer", output="notes")
    assert again.outputs["changed"] == "false"


def test_what_fails_in_the_container_is_said_once_with_its_own_code(bench: Bench, tmp_path: Path) -> None:
    ran = prepare(bench, engine=f"llama_server:{tmp_path}/none.gguf")
    assert ran.code == 5
    assert len(ran.errors) == 1
    assert "none.gguf" in ran.errors[0]
    assert ran.summary.count("### notewright stopped") == 1
    assert not (bench.stage.shared / "proposal").exists()


@pytest.mark.case(19)
def test_case_19_a_token_in_the_environment_is_in_nothing_that_the_container_is_given(bench: Bench) -> None:
    bench.stage.extra |= {"MY_SECRET": CANARY, "AWS_SECRET_ACCESS_KEY": CANARY}
    bench.stage.work.git("config", "http.https://github.com/.extraheader", f"AUTHORIZATION: basic {CANARY}")
    ran = look_from_inside(bench)
    told = probed(ran.log)
    assert CANARY not in ran.log, "neither in its environment nor in the checkout's settings"
    assert "[remote" in told["config"], "the other settings are there"
    assert told["environment"]["INPUT_ENGINE"] == "none"
    assert "persist-credentials: false" in ran.warnings[0], "the person is told all the same"
    ((words, _),) = calls(bench.stage.home / "notes")
    assert CANARY not in " ".join(words)
    assert CANARY in bench.stage.work.git("config", "http.https://github.com/.extraheader"), "the checkout keeps its own"


@pytest.mark.case(20)
def test_case_20_no_token_is_in_the_environment_of_any_process_of_the_container(bench: Bench) -> None:
    told = probed(look_from_inside(bench).log)
    assert told["environment"].keys() & set(TOKENS) == set()
    assert {line.partition("=")[0] for line in told["init"]} & set(TOKENS) == set()
    given = set(told["environment"]) - {"PATH", "HOME", "HOSTNAME", "TERM", "container", "LANG", "LC_CTYPE"}
    assert [name for name in given if not name.startswith(("INPUT_", "GITHUB_", "NOTEWRIGHT_", "RUNNER_", "PYTHON", "GPG_KEY"))] == []


@pytest.mark.case(21)
def test_case_21_the_container_reaches_no_host_and_no_server_on_this_machine(bench: Bench) -> None:
    port = int(bench.stage.github.url.rpartition(":")[2])
    told = probed(look_from_inside(bench, hosts=[["127.0.0.1", port], ["192.0.2.1", 443], ["10.0.0.1", 22]]).log)
    assert [one for one in told["connections"] if one == "connected"] == []
    assert told["interfaces"] == ["lo"]
    assert told["sockets"] == []


@pytest.mark.case(22)
def test_case_22_the_root_is_read_only_and_the_process_is_nobody_with_no_capability(bench: Bench) -> None:
    stage, root = bench.stage, ["/", "/opt/notewright", "/usr/bin", "/etc", "/var/tmp"]
    told = probed(look_from_inside(bench, folders=[*root, str(stage.work.path), str(stage.work.path / ".git"), str(stage.shared)]).log)
    assert told["uid"] != 0
    assert told["gid"] != 0
    capabilities = {name: value for name, value in told["status"].items() if name.startswith("Cap")}
    assert set(capabilities) >= {"CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb"}
    assert {int(value, 16) for value in capabilities.values()} == {0}
    assert told["status"]["NoNewPrivs"] == "1"
    assert told["writes"].pop(str(stage.shared)) == "written"
    assert set(told["writes"].values()) == {"Read-only file system"}


def test_the_environment_that_later_steps_run_in_is_nowhere_in_the_container(bench: Bench) -> None:
    python = bench.stage.home / "tools" / "notewright" / "environments" / "0" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert probed(look_from_inside(bench).log)["state"] == []


def test_a_taken_over_container_chooses_no_path_sets_no_other_output_and_gives_the_runner_no_command(bench: Bench) -> None:
    hostile = (
        "import os, sys\n"
        "open(os.environ['GITHUB_OUTPUT'], 'w').write('proposal<<e\\n/etc\\ne\\nversion<<e\\n1.2.3\\ne\\n')\n"
        "open(os.environ['GITHUB_OUTPUT'], 'a').write('python<<e\\n/evil\\ne\\nwork=/evil\\n')\n"
        "os.mkdir(os.environ['NOTEWRIGHT_WORK_DIR'] + '/proposal')\n"
        "print('::add-mask::x'); print('##[group]y'); print('::error title=other::z'); print('::warning title=notewright::\\x1b[31mred')\n"
    )
    bench.replace(run=["-I", "-c", hostile])
    ran = prepare(bench, engine="none")
    assert ran.code == 0, ran.log
    assert ran.outputs == {"proposal": str(bench.stage.shared / "proposal"), "version": "1.2.3"}
    (command,) = [line for line in ran.log.splitlines() if line.startswith("::") or "##[" in line]
    assert command.startswith("::warning title=notewright::")
    assert "\x1b" not in ran.log


@pytest.mark.parametrize("name", ["proposal/proposal.json", "proposal", "outputs", "summary", "prepare.json"])
def test_a_link_that_a_container_leaves_is_not_followed(bench: Bench, name: str) -> None:
    (bench.stage.home / "secret").write_text(CANARY)
    link = (
        "import os\nwork = os.environ['NOTEWRIGHT_WORK_DIR']\n"
        f"os.path.dirname({name!r}) and os.mkdir(work + '/proposal')\n"
        f"os.symlink({str(bench.stage.home / 'secret')!r}, work + '/' + {name!r})\n"
    )
    bench.replace(run=["-I", "-c", link])
    ran = prepare(bench, engine="none")
    assert ran.code == 2
    assert CANARY not in ran.log + ran.summary + "".join(ran.outputs.values())
    assert not (bench.stage.shared / "proposal").exists()


def test_a_container_ends_with_the_job_that_is_cancelled(bench: Bench) -> None:
    bench.replace(run=["-I", "-c", "import time\nprint('waiting', flush=True)\ntime.sleep(600)"])
    with bench.stage.start("prepare", engine="none", container="always", image=bench.image.name) as step:
        assert step.stdout
        while b"waiting" not in (line := step.stdout.readline()):
            assert line, "it ended by itself"
        step.send_signal(signal.SIGTERM)
        said, _ = step.communicate(timeout=60)
    assert step.returncode == 130, said
    ((words, _),) = calls(bench.stage.home / "notes")
    assert words[words.index("--name") + 1] not in bench.engine("ps", "--all", "--format", "{{.Names}}")


def test_an_engine_that_starts_no_container_is_quoted(bench: Bench) -> None:
    bench.replace(script="echo 'runc: no such cgroup' >&2; exit 125")
    ran = prepare(bench, engine="none")
    assert ran.code == 2
    assert "could not be started: runc: no such cgroup" in ran.errors[0]


def test_a_container_that_is_killed_says_so(bench: Bench) -> None:
    bench.replace(run=["-I", "-c", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nos._exit(137)"])
    ran = prepare(bench, engine="none")
    assert ran.code == 5
    assert "the container was killed" in ran.errors[0]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the kernels looked for are those of x86-64")
def test_llama_cpp_computes_with_the_widest_registers_that_the_processor_has(bench: Bench) -> None:
    program = "from notewright.llm.engines.in_process.llama_library import load_library\nprint(load_library().c.llama_print_system_info())"
    said = bench.engine(
        "run", "--rm", "--no-healthcheck", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--entrypoint", PYTHON,
        bench.image.identifier, "-I", "-c", program,
    )  # fmt: skip
    flags = Path("/proc/cpuinfo").read_text("utf-8").split()
    assert ("AVX2 = 1" in said, "AVX512 = 1" in said) == ("avx2" in flags, "avx512f" in flags)


def test_the_health_check_of_the_image_finds_nothing_wrong(bench: Bench) -> None:
    said = bench.engine(
        "run", "--rm", "--no-healthcheck", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL",
        "--entrypoint", "/opt/notewright/notewright", bench.image.identifier, "doctor",
    )  # fmt: skip
    assert "xllamacpp" in said
    assert "llama-cpp-python" in said


def test_without_an_engine_auto_works_on_the_runner_and_says_why(stage: Stage, tmp_path: Path) -> None:
    stage.extra["PATH"] = str(without_engines(tmp_path))
    ran = stage.run("prepare", engine="none", container="auto")
    assert ran.code == 0, ran.log
    assert "no container: docker does not answer, and podman does not answer" in ran.log
    assert ran.warnings == []
    named = stage.run("prepare", engine="none", container="auto", image="notewright:9.9.9")
    assert "the image notewright:9.9.9 is not used" in named.warnings[0]


def test_without_an_engine_always_is_refused(stage: Stage, tmp_path: Path) -> None:
    stage.extra["PATH"] = str(without_engines(tmp_path))
    ran = stage.run("prepare", engine="none", container="always")
    assert ran.code == 2
    assert "container is always, and docker does not answer" in ran.errors[0]
    assert not (stage.shared / "proposal").exists()


def test_an_image_that_is_not_there_is_not_taken(bench: Bench) -> None:
    ran = prepare(bench, engine="none", container="auto", image="notewright:none-such")
    assert ran.code == 0
    assert f"{bench.image.engine} has no image notewright:none-such" in ran.log


def test_a_changelog_needs_no_container(bench: Bench) -> None:
    notes = bench.replace()
    assert bench.stage.run("prepare", command="changelog", container="auto").code == 0
    assert not notes.exists()


def without_engines(folder: Path) -> Path:
    """Return a folder with git alone."""
    git = shutil.which("git")
    assert git
    (folder / "bin").mkdir()
    (folder / "bin" / "git").symlink_to(git)
    return folder / "bin"


@pytest.mark.parametrize(
    ("engine", "network"),
    [
        pytest.param("none", "none", id="none"),
        pytest.param("scripted:FILE", "none", id="scripted"),
        pytest.param("llama_cpp:a.gguf", "none", id="llama-cpp"),
        pytest.param("llama_server:a.gguf", "none", id="embedded"),
        pytest.param("llama_server", "host", id="the-configured-server"),
        pytest.param("llama_server:http://127.0.0.1:8080", "host", id="a-server"),
        pytest.param("ollama:a", "host", id="ollama"),
        pytest.param("openai:http://127.0.0.1:1#a", "host", id="openai"),
        pytest.param("auto", "none", id="auto-without-a-server"),
    ],
)
def test_only_an_engine_beyond_the_container_gets_a_network(engine: str, network: str) -> None:
    config = Config(llm=LlmConfig(server_url="http://127.0.0.1:9", ollama_url="http://127.0.0.1:9"))
    assert find_network(config, engine=engine) == network


def test_an_unknown_engine_is_refused_before_a_container_is_started() -> None:
    with pytest.raises(UsageError, match="there is no engine"):
        find_network(Config(), engine="gpt")


def test_a_mount_keeps_commas_and_quotes_of_a_path() -> None:
    assert Mount(Path("/a"), Path("/b"), writable=True).option() == "type=bind,source=/a,target=/b"
    assert Mount(Path('/a,readonly=false"'), Path("/b")).option() == 'type=bind,"source=/a,readonly=false""",target=/b,readonly'


def test_all_parts_of_a_model_are_mounted_and_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    for number in (1, 2):
        (tmp_path / "blobs" / str(number)).touch()
        (tmp_path / f"m-0000{number}-of-00002.gguf").symlink_to(tmp_path / "blobs" / str(number))
    (tmp_path / "m-00001-of-00003.gguf").touch()
    found = list(find_model_files(Config(), engine=f"llama_cpp:{tmp_path / 'm-00001-of-00002.gguf'}"))
    assert [(one.source.name, one.target.name) for one in found] == [("1", "m-00001-of-00002.gguf"), ("2", "m-00002-of-00002.gguf")]
    assert not any(one.writable for one in found)


def test_auto_has_every_model_of_its_folder(tmp_path: Path) -> None:
    for name in ("b.gguf", "a.gguf", "c.txt"):
        (tmp_path / name).touch()
    config = Config(llm=LlmConfig(models_dir=str(tmp_path)))
    assert [one.target.name for one in find_model_files(config, engine="auto")] == ["a.gguf", "b.gguf"]
    assert list(find_model_files(config, engine="none")) == []
