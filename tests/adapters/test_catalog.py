"""The table of models and the evaluation set as people may replace them: what is wrong is named with its file and key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from notewright.adapters.catalog import read_catalog
from notewright.adapters.evaluation import read_evaluation
from notewright.adapters.prompts.places import prompt_places
from notewright.errors import ConfigError

_MODEL = f"{{name: mine, parameters: 1, quantization: Q4_K_M, license: MIT, file: a/b/c.gguf, sha256: {'ab' * 32}}}"
_CLASS = "{cpu: {memory: 4, large: mine, small: mine}}"


def _table(*, version: str = "1", classes: str = _CLASS, models: str = f"[{_MODEL}]") -> str:
    return f"version: {version}\nclasses: {classes}\nmodels: {models}\n"


def _refused(folder: Path, name: str, content: str, read: Callable[[list[Path]], object]) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    with pytest.raises(ConfigError) as raised:
        read([folder])
    assert str(path) in raised.value.message
    return raised.value.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(_table(version="2"), "version: ", id="version"),
        pytest.param(_table(classes="{gpu: {memory: 4, large: mine, small: mine}}"), "classes has no cpu", id="no-cpu"),
        pytest.param(_table(classes="{cpu: {memory: 4, large: other, small: mine}}"), "a class names other", id="unknown-model"),
        pytest.param(_table(models=f"[{_MODEL}, {_MODEL}]"), "models has mine twice", id="twice"),
        pytest.param(_table(models=f"[{_MODEL.replace('MIT', '5')}]"), "models.0.license", id="type"),
        pytest.param(_table(models=f"[{_MODEL.replace('ab' * 32, 'ab')}]"), "models.0.sha256", id="digest"),
        pytest.param(_table(models=f"[{_MODEL.replace('a/b/c.gguf', 'c.gguf')}]"), "models.0.file", id="place"),
        pytest.param(_table(models=f"[{_MODEL.replace('name: mine', 'name: mine, size: 3')}]"), "models.0.size", id="unknown-key"),
        pytest.param("version: &a 1\nclasses: *a\nmodels: []\n", "has an alias", id="alias"),
        pytest.param("version: [1\n", "is not YAML", id="no-yaml"),
        pytest.param("[" * 5_000, "more than 20 deep", id="nested"),
        pytest.param("", "the file: ", id="empty"),
        pytest.param("x" * (2 << 20), "2,097,152 bytes", id="large"),
    ],
)
def test_a_wrong_table_is_refused_with_its_file_and_key(content: str, said: str, tmp_path: Path) -> None:
    assert said in _refused(tmp_path, "models.yaml", content, read_catalog)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("version: 1\nsections: []\n", "sections: ", id="none"),
        pytest.param("version: 1\nsections: [{project: p, release: 1.0, entries: [{summary: s}]}]\n", "sections.0.release", id="type"),
        pytest.param("version: 1\nsections: [{project: p, release: '1', entries: [{sumary: s}]}]\n", "sections.0.entries.0", id="key"),
    ],
)
def test_a_wrong_set_is_refused_with_its_file_and_key(content: str, said: str, tmp_path: Path) -> None:
    assert said in _refused(tmp_path, "eval/sections.yaml", content, read_evaluation)


def test_the_first_place_that_has_a_file_wins_and_each_file_of_the_set_by_itself(tmp_path: Path) -> None:
    (tmp_path / "models.yaml").write_text(_table())
    (tmp_path / "eval").mkdir()
    (tmp_path / "eval" / "passages.yaml").write_text("version: 1\npassages: [{language: c, question: q, needs: [x], text: t}]\n")
    places = [tmp_path, *prompt_places(None)]
    assert [one.name for one in read_catalog(places).models] == ["mine"]
    ours, theirs = read_evaluation(prompt_places(None)), read_evaluation(places)
    assert (len(theirs.passages), theirs.sections) == (1, ours.sections)
    assert theirs.digest != ours.digest
