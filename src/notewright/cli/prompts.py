"""`notewright prompts`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path

import click

from notewright.adapters.prompts.audience import NOTES
from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.place import find_root
from notewright.cli.streams import Progress, say, write_result
from notewright.config.reading import load_config
from notewright.errors import CheckFailed, ConfigError, UsageError
from notewright.flows.models import open_configured
from notewright.flows.prompt_check import ESTIMATE, CheckedPrompt, Tokens, check_prompt, count_tokens
from notewright.flows.prompts import Found, find_prompts, open_calls, render_call
from notewright.llm.engine import Engine
from notewright.prompting.prompt import Prompt
from notewright.prompting.request import Request
from notewright.rendering.canonical import canonical_json
from notewright.rendering.neutral import neutral_log
from notewright.system.files import read_bytes

_SHORT_DIGEST = len("sha256:") + 12


@click.group(short_help="List, show, fill in or check the prompts that models are asked by.")
def command() -> None:
    """List, show, fill in or check the prompts that models are asked by.

    A prompt is a folder TASK/NAME: prompt.yaml and templates. Your own folder goes before the repository's
    .notewright/prompts, and that before notewright's, as a whole.
    """


@command.command(name="list")
@repository_option
@format_option("text", "json")
def list_(directory: Path, output_format: str) -> None:
    """List every prompt with its version, its digest, whose it is and whose it replaces."""
    prompts = _prompts(directory)
    rows = [(found, *_opened(prompts, found)) for found in find_prompts(prompts)]
    if output_format == "json":
        write_result(canonical_json({"schema": 1, "prompts": [_value(found, prompt, problem) for found, prompt, problem in rows]}))
        return
    width = max((len(found.title) for found, _, _ in rows), default=0)
    for found, prompt, problem in rows:
        state = f"version {prompt.version}  {prompt.digest[:_SHORT_DIGEST]}" if prompt else neutral_log(f"unusable: {problem}")
        write_result(f"{found.title:<{width}}  {state}  {_whose(found)}\n")


@command.command()
@click.argument("title", metavar="TASK/NAME")
@repository_option
@format_option("text", "json")
def show(title: str, directory: Path, output_format: str) -> None:
    """Print a prompt: whose it is, its settings and every file of its folder."""
    prompts = _prompts(directory)
    (found,) = find_prompts(prompts, [title])
    prompt = open_calls(prompts, found).prompt
    folder = prompts.folder(found.task, found.name)
    files = {name: content.decode("utf-8", "replace") for name, content in folder.files.items()}
    if output_format == "json":
        write_result(canonical_json({"schema": 1, **_value(found, prompt), "settings": _settings(prompt), "files": files}))
        return
    settings = (f"{key} {value}" for key, value in _settings(prompt).items())
    head = (f"{found.title}, version {prompt.version}, {prompt.digest}", f"{_whose(found)}: {found.folder}", ", ".join(settings))
    write_result(neutral_log("".join(f"{line}\n" for line in head) + "".join(_file(name, text) for name, text in files.items())))


@command.command()
@click.argument("title", metavar="TASK/NAME")
@repository_option
@config_option
@click.option(
    "--section", "section_file", type=click.Path(path_type=Path), metavar="FILE", help="A section.json; without one a made-up section."
)
@click.option(
    "--passage", "passage_file", type=click.Path(path_type=Path), metavar="FILE", help="A source file, for the prompts of datasets."
)
@click.option("--batch", type=click.IntRange(min=1), default=1, show_default=True, help="Which of the calls that the input makes.")
@click.option("--language", default="en", show_default=True, help="Language of the notes.")
@click.option("--engine", metavar="E", help="Count the tokens in this model, as for `notewright notes`; without one they are estimated.")
@format_option("text", "json")
def render(
    title: str, directory: Path, config_file: Path | None, section_file: Path | None, passage_file: Path | None, batch: int, language: str,
    engine: str | None, output_format: str,
) -> None:  # fmt: skip
    """Print what a model would read: the messages of one call, with their tokens."""
    prompts = _prompts(directory)
    (found,) = find_prompts(prompts, [title])
    calls = open_calls(prompts, found)
    request, batches = render_call(calls, _input(found, section_file, passage_file), batch=batch, language=language)
    with ExitStack() as opened:
        tokens = count_tokens(request.messages, _engines(opened, directory, config_file, [engine] if engine else []))[0]
    if output_format == "json":
        write_result(canonical_json({**_value(found, calls.prompt), **_call(request), "batches": batches, "tokens": asdict(tokens)}))
        return
    write_result(neutral_log("".join(_file(message.role, message.content) for message in request.messages)))
    say(f"call {batch} of {batches}: {_counts(tokens)}")


@command.command()
@click.argument("titles", nargs=-1, metavar="[TASK/NAME]...")
@repository_option
@config_option
@click.option("--engine", "engines", multiple=True, metavar="E", help="Count the tokens in this model; may be given again.")
@format_option("text", "json")
def check(titles: Sequence[str], directory: Path, config_file: Path | None, engines: Sequence[str], output_format: str) -> None:
    """Check prompts, all of them by default. Exits with 1 where one cannot be used.

    Settings are understood, templates fill in, the system part has at most 250 tokens, a whole call fits its budget, and a
    sentence that a model copies from an example of notes would be refused.
    """
    prompts = _prompts(directory)
    found = find_prompts(prompts, titles)
    with ExitStack() as opened:
        counting = _engines(opened, directory, config_file, engines)
        checked = [check_prompt(prompts, one, engines=counting) for one in found]
    if output_format == "json":
        write_result(canonical_json({"schema": 1, "prompts": [_checked_value(one) for one in checked]}))
    else:
        write_result(neutral_log("".join(f"{line}\n" for one in checked for line in _told(one))))
    if failed := sum(one.failed for one in checked):
        raise CheckFailed(f"{failed} of {len(checked)} prompts cannot be used")


def _prompts(directory: Path) -> Prompts:
    return Prompts(prompt_places(find_root(directory)))


def _opened(prompts: Prompts, found: Found) -> tuple[Prompt | None, str]:
    try:
        return open_calls(prompts, found).prompt, ""
    except ConfigError as error:
        return None, error.message


def _engines(opened: ExitStack, directory: Path, config_file: Path | None, names: Sequence[str]) -> list[Engine]:
    """Open the engines that are to count."""
    config = load_config(find_root(directory), path=config_file)
    found = [open_configured(config, flag=name, report=Progress()) for name in names]
    engines = [opened.enter_context(closing(one.engine)) for one in found if one.engine]
    for one in found:
        say(f"engine: {one.reason}")
    return engines


def _input(found: Found, section: Path | None, passage: Path | None) -> bytes | None:
    """Return what the calls are to be about: notes tell a section, all others ask about a source file."""
    file, other = (section, passage) if found.task == NOTES.task else (passage, section)
    if other is not None:
        wanted = "--section" if found.task == NOTES.task else "--passage"
        raise UsageError(f"{found.title} is not about {other}", hint=f"give its input as {wanted} FILE, or none for a made-up one")
    if file is None:
        return None
    content = read_bytes(file)
    if content is None:
        made = "`notewright changelog --format json` writes one" if found.task == NOTES.task else "name a source file"
        raise UsageError(f"there is no file {file}", hint=made)
    return content


def _value(found: Found, prompt: Prompt | None, problem: str = "") -> dict[str, object]:
    read = {"version": prompt.version, "digest": prompt.digest} if prompt else {"problem": problem}
    place = {"from": found.origin, "folder": found.folder, "replaces": list(found.replaces)}
    return {"task": found.task, "name": found.name, **place, **read}


def _settings(prompt: Prompt) -> dict[str, object]:
    asked = {"replies": prompt.schema, "items_per_call": prompt.items_per_call, "text_characters": prompt.text_characters}
    return {**asked, **asdict(prompt.budget)}


def _call(request: Request) -> dict[str, object]:
    messages = [asdict(message) for message in request.messages]
    return {"schema": 1, "language": request.language, "messages": messages, "items": request.items, "reply": request.schema}


def _checked_value(checked: CheckedPrompt) -> dict[str, object]:
    tokens, problems = map(asdict, checked.tokens), map(asdict, checked.problems)
    return {**_value(checked.found, checked.prompt), "tokens": list(tokens), "problems": list(problems)}


def _whose(found: Found) -> str:
    instead = f", instead of that of {' and '.join(found.replaces)}" if found.replaces else ""
    return f"of {found.origin}{instead}"


def _file(name: str, text: str) -> str:
    return f"--- {name}\n{text.rstrip()}\n"


def _told(checked: CheckedPrompt) -> Iterator[str]:
    unasked = "unusable" if checked.failed else "no model is asked"
    yield f"{checked.found.title}: {'; '.join(map(_counts, checked.tokens)) or unasked}"
    for problem in checked.problems:
        yield f"  {problem.level}: {problem.message}" + (f" ({problem.hint})" if problem.hint else "")


def _counts(tokens: Tokens) -> str:
    by = "by estimate" if tokens.counter == ESTIMATE else f"in {tokens.counter}"
    return f"system {tokens.system:,} tokens, whole call {tokens.call:,}, {by}"
