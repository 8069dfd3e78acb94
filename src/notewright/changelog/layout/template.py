"""Templates: the layout of a section in jinja2, by whoever may change the repository's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from notewright.errors import ConfigError

if TYPE_CHECKING:  # importing jinja2 costs .06 CPU seconds, and few projects have a template
    from jinja2 import Template

MOST_BYTES = 65_536

_HINT = "start from a preset's template and see docs/changelog.md; it is a small part of jinja2, without calls and other files"
_STEPS = 100_000
_STEPS_AN_ENTRY = 2000
_CHARACTERS = 100_000
_LAYOUT_FACTOR = 10  # an entry's words may be shown about this often


@dataclass(frozen=True, slots=True)
class SectionTemplate:
    """A template, checked and compiled. `name` is how messages call it."""

    name: str
    compiled: Template

    def render(self, values: Mapping[str, Any], *, entries: int, characters: int) -> str:
        """Render a section of that many entries and characters, ending in one newline. Raises `ConfigError` naming the line."""
        from jinja2 import TemplateError

        from notewright.changelog.layout.sandbox import METER, Meter

        most, pieces = _CHARACTERS + _LAYOUT_FACTOR * characters, []
        try:
            for piece in self.compiled.generate({**values, METER: Meter(_STEPS + _STEPS_AN_ENTRY * entries + _LAYOUT_FACTOR * characters)}):
                pieces.append(piece)
                most -= len(piece)
                if most < 0:
                    break
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError, MemoryError) as error:
            raise self._failed(error, _line_of(error, self.name)) from error
        if most < 0:
            raise ConfigError(f"{self.name}: the section grows without end", hint=_HINT)
        return "".join(pieces).strip("\n") + "\n"

    def _failed(self, error: Exception, line: int | None) -> ConfigError:
        return ConfigError(f"{self.name}{f':{line}' if line else ''}: {str(error)[:200]}", hint=_HINT)


def compile_template(content: bytes, name: str) -> SectionTemplate:
    """Check and compile a template; `name` is its path. Raises `ConfigError` naming the line that is wrong or goes too far."""
    from jinja2 import Template, TemplateSyntaxError

    from notewright.changelog.layout.sandbox import Sandbox

    if len(content) > MOST_BYTES:
        raise ConfigError(f"{name}: a template has at most {MOST_BYTES:,} bytes, this has {len(content):,}", hint=_HINT)
    environment = Sandbox()
    try:
        tree = environment.parse_checked(content.decode("utf-8-sig"), name)
        code = environment.compile(tree, name, name)
    except TemplateSyntaxError as error:
        raise ConfigError(f"{name}:{error.lineno}: {str(error.message)[:200]}", hint=_HINT) from error
    except (ValueError, ArithmeticError, SyntaxError, RecursionError, MemoryError) as error:
        raise ConfigError(f"{name}: it cannot be read: {str(error)[:200] or type(error).__name__}", hint=_HINT) from error
    return SectionTemplate(name, Template.from_code(environment, code, environment.globals))


def _line_of(error: BaseException, name: str) -> int | None:
    """Return the line of the template in which an error came up: jinja2 puts templates into the traceback as if they were Python."""
    line, trace = None, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == name:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
