from __future__ import annotations

import ast
import dataclasses
import json
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from notewright.config.config import Config, as_values
from notewright.config.llm import TASKS, TaskConfig
from notewright.config.reading import load_config, parse_yaml
from notewright.config.validation import json_schema, validated
from notewright.errors import ConfigError
from notewright.flows.models import engine_settings

SOURCE = Path(__file__).parents[1] / "src" / "notewright"
SECTIONS = [field.name for field in dataclasses.fields(Config) if dataclasses.is_dataclass(getattr(Config(), field.name))]
KEYS = [
    *(f"{section}.{field.name}" for section in SECTIONS for field in dataclasses.fields(getattr(Config(), section))),
    *(field.name for field in dataclasses.fields(Config) if field.name not in SECTIONS),
]


@cache
def keys_read() -> frozenset[str]:
    """Every chain of attributes in the code that ends in a section's key, wherever it starts: "job.config.llm.seed" → "llm.seed".

    A section under a name of its own counts too: after `release = config.release`, `release.base` is `release.base`.
    """
    read: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        chains = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        read |= {part for chain in chains for part in (chain.split("config.")[-1], chain.removeprefix("self."))}
        for name, section in sections_by_name(tree).items():
            read |= {f"{section}.{chain.removeprefix(name + '.')}" for chain in chains if chain.startswith(name + ".")}
    return frozenset(read)


def sections_by_name(tree: ast.Module) -> dict[str, str]:
    """The names that a module gives to sections of the configuration."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute) and node.value.attr in SECTIONS:
            found |= {ast.unparse(target): node.value.attr for target in node.targets}
    return found


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_read_by_something(key: str) -> None:
    assert key in keys_read()


def write(folder: Path, text: str) -> Path:
    (folder / "notewright.yaml").write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_config(tmp_path, environ={}) == Config()


@pytest.mark.parametrize("text", ["", "# nothing\n", "llm:\n  seed: 42\n"], ids=["empty", "comment", "a default"])
def test_a_file_that_says_nothing_new_changes_nothing(tmp_path: Path, text: str) -> None:
    assert load_config(write(tmp_path, text), environ={}) == Config()


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_with_nothing_below_it_keeps_the_defaults(tmp_path: Path, section: str) -> None:
    """`init` comments every key out: whoever uncomments the section's line alone was told that null is no section."""
    write(tmp_path, f"{section}:\n  # a key: of it\n")
    assert load_config(tmp_path, environ={}) == Config()
    assert load_config(tmp_path, environ={"NOTEWRIGHT_LLM_SEED": "9"}).llm.seed == 9


def test_defaults_are_read_without_what_checks_values(tmp_path: Path) -> None:
    """pydantic costs .1-.3 CPU seconds, annotated_types a sixth of importing the configuration: without a file nothing is checked."""
    program = "import sys, pathlib; from notewright.config.reading import load_config; load_config(pathlib.Path()); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert {"pydantic", "annotated_types", "yaml"} & set(done.stdout.split()) == set()


def test_the_environment_goes_before_the_file_and_the_file_before_the_defaults(tmp_path: Path) -> None:
    write(tmp_path, "llm: {seed: 7, backend: none}\nnotes: {audiences: [customer]}\nstate_dir: /var/a\n")
    environ = {"NOTEWRIGHT_LLM_SEED": "9", "NOTEWRIGHT_NOTES_AUDIENCES": "[executive, developer]", "NOTEWRIGHT_STATE_DIR": "/var/b"}
    config = load_config(tmp_path, environ=environ)
    assert (config.llm.seed, config.llm.backend, config.llm.context_window) == (9, "none", 8192)
    assert config.notes.audiences == ("executive", "developer")
    assert config.state_dir == "/var/b"


def test_another_file_is_named_by_a_flag_or_the_environment(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("llm: {seed: 1}\n")
    assert load_config(tmp_path, path=other, environ={}).llm.seed == 1
    assert load_config(tmp_path, environ={"NOTEWRIGHT_CONFIG": str(other)}).llm.seed == 1
    with pytest.raises(ConfigError, match="there is no configuration at"):
        load_config(tmp_path, path=tmp_path / "missing.yaml", environ={})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("changlog: {}", "unknown key changlog, did you mean changelog?", id="a section"),
        pytest.param("llm: {backned: none}", "unknown key llm.backned, did you mean llm.backend?", id="a key"),
        pytest.param("llm: {zzzzzz: 1}", "unknown key llm.zzzzzz", id="near nothing"),
        pytest.param("llm: {backend: gpt}", "llm.backend: input should be 'auto'", id="not a choice"),
        pytest.param("llm: {context_window: many}", "llm.context_window: input should be a valid integer", id="not a number"),
        pytest.param("llm: {temperature: 3}", "llm.temperature: input should be less than or equal to 2", id="out of range"),
        pytest.param("notes: {audiences: developer}", "notes.audiences: input should be a valid list", id="not a list"),
        pytest.param("llm: {tasks: {nots: small}}", "unknown key llm.tasks.nots, did you mean llm.tasks.notes?", id="a task"),
        pytest.param("llm: {tasks: {notes: {modle: small}}}", "llm.tasks.notes.modle, did you mean llm.tasks.notes.model?", id="of a task"),
        pytest.param("changelog: {components: [{nmae: x}]}", "did you mean changelog.components.0.name?", id="in a list"),
        pytest.param("llm: {tasks: {notes: {max_tokens: 100001}}}", "llm.tasks.notes.max_tokens: input should be", id="a task's bound"),
        pytest.param("llm: {default_max_tokens: 100001}", "less than or equal to 100000", id="a ceiling that no engine has"),
        pytest.param("llm: {request_timeout: .inf}", "llm.request_timeout: input should be a finite number", id="for ever"),
        pytest.param("llm: {lock_wait: 1.0e+9}", "llm.lock_wait: input should be less", id="for thirty years"),
        pytest.param("llm: {seed: -1}", "llm.seed: input should be greater", id="a seed that some engines take for chance"),
        pytest.param("resources: {max_ram_gb: 0}", "resources.max_ram_gb: input should be greater", id="no memory at all"),
        pytest.param("changelog: {trackers: [x]}", "changelog.trackers.0: input should be a mapping (it is 'x')", id="no mapping"),
        pytest.param("llm: [", "is not YAML", id="broken"),
        pytest.param("- a\n- b\n", "is not a mapping", id="a list"),
        pytest.param("llm: !!python/object/apply:os.system [id]", "is not YAML", id="an object"),
    ],
)
def test_what_no_key_understands_is_named_with_the_nearest_that_does(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text), environ={})
    assert told in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("llm: {tasks: {notes: smal}}", "llm.tasks.notes: input should be 'small' or 'large' (it is 'smal')", id="a word"),
        pytest.param("llm: {tasks: {notes: {seed: x}}}", "llm.tasks.notes.seed: input should be a valid integer", id="a mapping"),
        pytest.param("release: {version_files: [3]}", "release.version_files.0: input should be a valid string (it is 3)", id="neither"),
    ],
)
def test_what_may_be_a_word_or_a_mapping_is_told_of_what_was_meant(tmp_path: Path, text: str, told: str) -> None:
    """A misspelt key of a task ended the program, and a misspelt size was told twice, once as no instance of TaskConfig."""
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text), environ={})
    assert told in caught.value.message
    assert ";" not in caught.value.message
    assert "Config" not in caught.value.message


def test_a_task_that_is_not_named_keeps_what_it_has(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "llm: {tasks: {notes: small}}"), environ={})
    assert config.llm.tasks == {**Config().llm.tasks, "notes": "small"}
    assert [config.task(name).model for name in ("notes", "commit", "answers")] == ["small", "small", "large"]


def test_a_task_that_says_one_thing_keeps_its_model_and_the_rest_of_llm(tmp_path: Path) -> None:
    """`commit: {max_tokens: 200}` moved commit messages to the large model."""
    config = load_config(write(tmp_path, "llm: {seed: 7, tasks: {commit: {max_tokens: 200}}}"), environ={})
    assert config.task("commit") == TaskConfig(model="small", max_tokens=200)
    settings = engine_settings(config)
    assert (settings.seed, settings.task("commit").max_tokens, settings.task("commit").seed) == (7, 200, None)
    assert {name: task.model for name, task in settings.tasks.items()} == TASKS


def test_a_variable_sets_tasks_too(tmp_path: Path) -> None:
    config = load_config(tmp_path, environ={"NOTEWRIGHT_LLM_TASKS": "{notes: {model: small, seed: 3}}"})
    assert config.task("notes") == TaskConfig(model="small", seed=3)
    assert config.task("questions").model == "large"


def test_a_key_in_the_place_of_its_variable_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"llm\.api_key_env is no name of an environment variable") as caught:
        load_config(write(tmp_path, "llm: {api_key_env: sk-live-4711}"), environ={})
    assert "4711" not in f"{caught.value.message} {caught.value.hint}"


def test_every_wrong_key_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, "llm: {a1: 1, seed: x}\nb2: 2\n"), environ={})
    assert all(name in caught.value.message for name in ("llm.a1", "llm.seed", "b2"))


def test_an_unknown_variable_of_a_section_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown key llm\.sed, did you mean llm\.seed\?"):
        load_config(tmp_path, environ={"NOTEWRIGHT_LLM_SED": "1"})


def test_the_schema_takes_what_show_prints_and_refuses_what_load_refuses(tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    shown: Any = yaml.safe_load(yaml.safe_dump(as_values(Config())))
    validator.validate(shown)
    validator.validate(json.loads(json.dumps({"llm": {"seed": 1}})))
    assert load_config(write(tmp_path, yaml.safe_dump(shown)), environ={}) == Config()
    assert not validator.is_valid({"llm": {"backned": "none"}})
    assert not validator.is_valid({"changlog": {}})
    assert not validator.is_valid({"llm": {"context_window": 1}})


@pytest.mark.parametrize(
    ("llm", "flag", "spec"),
    [
        pytest.param({}, None, "auto", id="default"),
        pytest.param({"backend": "none", "model_name": "x.gguf"}, None, "none", id="none"),
        pytest.param({"backend": "llama_server", "model_name": "x.gguf"}, None, "llama_server:x.gguf", id="with a model"),
        pytest.param({"backend": "llama_server"}, None, "llama_server", id="without"),
        pytest.param({"backend": "llama_server", "model_name": "x.gguf"}, "none", "none", id="a flag goes first"),
    ],
)
def test_the_flag_replaces_backend_and_model_together(llm: dict[str, Any], flag: str | None, spec: str) -> None:
    config = dataclasses.replace(Config(), llm=dataclasses.replace(Config().llm, **llm))
    assert config.engine_spec(flag) == spec


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        pytest.param("CHANGELOG_INITIAL_VERSION", "1.0", "1.0", id="a version that looks like a number"),
        pytest.param("CHANGELOG_SINCE", "1234567", "1234567", id="an object name of digits"),
        pytest.param("CHANGELOG_TAG", "{version}", "{version}", id="a form that looks like a mapping"),
        pytest.param("RELEASE_BASE", "true", "true", id="a branch that looks like a switch"),
        pytest.param("LLM_MODEL_NAME", "[x].gguf: y", "[x].gguf: y", id="a path that looks like a list"),
        pytest.param("LLM_SEED", "7", 7, id="a number"),
        pytest.param("LLM_TEMPERATURE", "0.5", 0.5, id="a fraction"),
        pytest.param("RELEASE_DRAFT", "yes", True, id="a switch"),
        pytest.param("CHANGELOG_DEPENDENCIES", "null", None, id="null where a key may be"),
        pytest.param("RELEASE_BASE", "", None, id="nothing where a key may be null"),
        pytest.param("CHANGELOG_FILE", "null", "null", id="a file named null"),
        pytest.param("RELEASE_LABELS", "[a, 'b c']", ("a", "b c"), id="a list"),
        pytest.param("CHANGELOG_TYPES", "{feat: New}", {"feat": "New"}, id="a mapping"),
    ],
)
def test_a_variable_is_read_as_its_key_is_typed(tmp_path: Path, variable: str, text: str, value: object) -> None:
    """A version 1.0, a tag {version} and an object name of digits were refused as no text."""
    config = load_config(tmp_path, environ={f"NOTEWRIGHT_{variable}": text})
    section, _, key = variable.lower().partition("_")
    assert getattr(getattr(config, section), key) == value


def test_a_wrong_variable_is_named_and_not_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^NOTEWRIGHT_LLM_SEED: llm\.seed: input should be a valid integer"):
        load_config(tmp_path, environ={"NOTEWRIGHT_LLM_SEED": "x"})
    with pytest.raises(ConfigError, match=r"notewright\.yaml, NOTEWRIGHT_LLM_SEED: llm\.seed: "):
        load_config(write(tmp_path, "llm: {backend: none}"), environ={"NOTEWRIGHT_LLM_SEED": "x"})
    with pytest.raises(ConfigError, match=r"^NOTEWRIGHT_NOTES_AUDIENCES is not YAML"):
        load_config(tmp_path / "none", environ={"NOTEWRIGHT_NOTES_AUDIENCES": "[a"})


def test_variables_of_others_are_nobody_s_key(tmp_path: Path) -> None:
    environ = {"NOTEWRIGHT_TOKEN": "x", "NOTEWRIGHT_WORK_DIR": "x", "NOTEWRIGHT_LLM": "x", "GITHUB_LLM_SEED": "1", "NOTEWRIGHT_CONFIG": ""}
    assert load_config(tmp_path, environ=environ) == Config()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("changelog: {tag: release}", "changelog.tag: 'release' has no place for a version", id="a tag without version"),
        pytest.param("changelog: {tag: '{version}{version}'}", "has no place for a version", id="a tag with two"),
        pytest.param("changelog: {initial_version: first}", "changelog.initial_version: 'first' is not a version", id="no version"),
        pytest.param("changelog: {channel: '1'}", "notewright.yaml: changelog.channel: '1' names no pre-release", id="no channel"),
        pytest.param("changelog: {channel: next, scheme: pep440}", "'next' names no pre-release", id="a channel that the scheme lacks"),
        pytest.param("changelog: {types: {feat: ''}}", "changelog.types.feat: a title has to say something", id="a type without title"),
        pytest.param("changelog: {other: ' '}", "changelog.other: a title has to say something", id="a title of spaces"),
        pytest.param("changelog: {dependencies: ''}", "changelog.dependencies: a title has to say something", id="no dependencies"),
        pytest.param(f"changelog: {{tag: '{'v' * 192}{{version}}'}}", "changelog.tag: it has 201 characters", id="an endless tag"),
        pytest.param(
            "changelog: {components: [{name: a, path: a, tag: 'b-v{version}'}, {name: b, path: b}]}",
            "changelog.components[1].tag: 'b-v{version}' is the form of 'a' as well",
            id="one tag form for two",
        ),
        pytest.param(
            "changelog: {components: [{name: a, path: a, depends: [a]}]}",
            "changelog.components[0].depends: 'a' is the component itself",
            id="a component that needs itself",
        ),
        pytest.param(
            f"changelog: {{components: [{{name: {'a' * 200}, path: a}}]}}", "components[0].tag: it has 211 characters", id="an endless name"
        ),
        pytest.param("changelog: {since: 2024-13-45}", "is not YAML: month must be in 1..12", id="a day that no month has"),
        pytest.param("llm: " + "[" * 5000, "more than 100 deep", id="nested without end"),
        pytest.param("\x00", "is not YAML", id="NUL"),
    ],
)
def test_what_would_fail_later_is_refused_at_once(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text), environ={})
    assert told in caught.value.message
    assert caught.value.hint


def test_a_few_aliases_do_not_fill_the_memory(tmp_path: Path) -> None:
    """Ten lines of YAML, ten billion words in the message about them."""
    lines = ["a: &a0 [x]"] + [f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)] + ["llm: {seed: *a9}"]
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, "\n".join(lines)), environ={})
    assert len(caught.value.message) < 3000


_YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*SECTIONS, *(key.rpartition(".")[2] for key in KEYS), "x", "1"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(_YAML)
def test_no_file_breaks_the_reader_and_what_is_taken_is_shown_and_taken_again(value: object) -> None:
    try:
        config = validated(parse_yaml(yaml.safe_dump(value, allow_unicode=True).encode(), "x.yaml"), "x.yaml")
    except ConfigError:
        return
    shown = yaml.safe_load(yaml.safe_dump(as_values(config)))
    jsonschema.validate(shown, json_schema())
    assert validated(shown, "shown") == config


@given(st.dictionaries(st.sampled_from([f"NOTEWRIGHT_{key.replace('.', '_').upper()}" for key in KEYS]), st.text(max_size=8), max_size=3))
def test_no_variable_breaks_the_reader(environ: dict[str, str]) -> None:
    with suppress(ConfigError):
        load_config(Path("/nowhere"), environ=environ)


@given(st.binary(max_size=40))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    with suppress(ConfigError):
        parse_yaml(content, "x.yaml")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_a_file_of_endless_nesting_is_refused_before_it_fills_the_stack(opening: str, tmp_path: Path) -> None:
    (tmp_path / "notewright.yaml").write_text(opening * 300_000)
    with pytest.raises(ConfigError, match="lists or mappings more than 100 deep"):
        load_config(tmp_path, environ={})


def test_a_tracker_that_is_no_expression_is_told_when_the_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "notewright.yaml").write_text("changelog: {trackers: [{pattern: '(a', url: 'https://h.example/{0}'}]}")
    with pytest.raises(ConfigError, match=r"changelog\.trackers\[0\]\.pattern: '\(a' is not a regular expression"):
        load_config(tmp_path, environ={})


@pytest.mark.parametrize(("name", "told"), [("nope", ""), ("cor", ", did you mean core?"), ("kore", ", did you mean core?")])
def test_only_a_component_of_nearly_that_name_is_suggested(tmp_path: Path, name: str, told: str) -> None:
    """For nope, core was suggested."""
    write(tmp_path, "changelog: {components: [{name: core, path: core}, {name: app, path: app}]}")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, environ={}, component=name)
    assert (caught.value.message, caught.value.hint) == (f"there is no component {name!r}{told}", "changelog.components has core, app")
