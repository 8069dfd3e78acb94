"""Keys of `dataset`: which repositories are mined, what is asked about them, and what the artifact looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from notewright.config.keys import STRICT, key

if TYPE_CHECKING:  # `config.validation` brings them: they cost more than all keys together, and defaults need none
    from annotated_types import Ge, Le, MinLen

QuestionType = Literal["what", "why", "how", "usage", "edge_case", "comparison"]
Format = Literal["jsonl", "csv", "parquet"]
SplitName = Literal["train", "validation", "test"]


@dataclass(frozen=True, slots=True)
class DatasetConfig:
    """Question-answer datasets."""

    __pydantic_config__: ClassVar = STRICT
    repositories: str | tuple[str, ...] = key(
        "repos.txt", "a file with a URL a line, or the URLs themselves; URL@REF names a branch or tag"
    )
    repos_dir: str | None = key(None, "folder of clones; null: under state_dir")
    database: str | None = key(None, "file of the store; null: under state_dir")
    allowed_extensions: Annotated[tuple[str, ...], MinLen(1)] = key(
        (".py", ".js", ".ts", ".go", ".rs", ".java", ".cpp", ".c"), "files of other kinds are left out"
    )
    ignore_patterns: tuple[str, ...] = key(
        ("*.test.*", "*.spec.*", "node_modules/", "target/", "build/"), "left out too, as .gitignore writes patterns"
    )
    gitignore: bool = key(default=True, description="leave out what a repository's own .gitignore names")
    keep_generated: bool = key(default=False, description="true: files that a program wrote are taken too")
    keep_vendored: bool = key(default=False, description="true: files that were copied from elsewhere are taken too")
    max_file_kb: Annotated[int, Ge(1), Le(1_000_000)] = key(1_000, "larger files are left out")
    licenses: tuple[str, ...] = key(
        ("MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC"), "SPDX names that a file's license must be among; []: any"
    )
    unknown_license: Literal["drop", "keep"] = key("drop", "what becomes of files whose license nobody says")
    personal_data: Literal["redact", "drop", "keep"] = key("redact", "what becomes of e-mail addresses and public IP addresses")
    tokenizer: str | None = key(None, "a tokenizer.json or a GGUF file that passages are measured with; null: the model's own")
    passage_tokens: Annotated[int, Ge(64), Le(100_000)] = key(1_500, "the most that a passage has")
    questions_per_passage: Annotated[int, Ge(1), Le(12)] = key(5, "questions, each with one answer")
    question_types: Annotated[tuple[QuestionType, ...], MinLen(1)] = key(
        ("what", "why", "how", "usage", "edge_case", "comparison"), "what may be asked"
    )
    theme: str = key("default", "default | standards | your own folder under prompts/questions and prompts/answers")
    judge: bool = key(default=False, description="true: the model judges each pair beside its passage, and what it refuses is dropped")
    max_concurrent_files: Annotated[int, Ge(1), Le(64)] = key(4, "passages in work at once, as far as the engine has slots")
    batch_size: Annotated[int, Ge(1), Le(1_000)] = key(16, "results written in one transaction, where so many have arrived")
    max_attempts: Annotated[int, Ge(1), Le(100)] = key(3, "failures after which a task is left alone, over all runs")
    max_minutes: Annotated[float, Ge(0.1)] | None = key(
        None, "stop cleanly then, export what is finished, and go on next time; null: no limit"
    )
    min_pairs: Annotated[int, Ge(0)] = key(0, "fewer than this fails, naming the top drop reasons")
    takedown: str | None = key(None, "a file of repositories, paths or blobs to leave out")
    decontamination: str | None = key(None, "a file of texts, one a line, that no pair may share 13 words in a row with")
    near_duplicates: Annotated[float, Ge(0.5), Le(1)] = key(0.8, "pairs as alike as this are one; 1 keeps all but equal ones")
    formats: Annotated[tuple[Format, ...], MinLen(1)] = key(("jsonl",), "jsonl | csv | parquet")
    template: Literal["alpaca", "chatml", "sharegpt", "openai", "raw"] = key("alpaca", "the form of a row")
    splits: Mapping[SplitName, Annotated[float, Ge(0)]] = key({"train": 90, "validation": 5, "test": 5}, "shares of the splits")
