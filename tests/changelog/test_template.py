"""Templates lay a section out, say where they are wrong, and reach nothing beyond it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notewright.adapters.repository import open_repository
from notewright.changelog.layout.links import Links
from notewright.changelog.layout.markdown import render_section
from notewright.changelog.layout.presets import PRESETS
from notewright.changelog.layout.template import MOST_BYTES, SectionTemplate, compile_template
from notewright.changelog.rules import Rules
from notewright.changelog.section import Contributor, Section
from notewright.config.changelog import ChangelogConfig
from notewright.config.config import Config
from notewright.control import Cancel, ignore
from notewright.errors import ConfigError
from notewright.flows.changelog import Selection, read_releases
from notewright.flows.template import given_template, read_template, shipped_template
from tests.parts.histories import HISTORIES
from tests.parts.sections import entry, invented_release, section, sections

LINKS = Links("https://github.com/acme/app")
SHIPPED = {preset: compile_template(shipped_template(preset), preset) for preset in PRESETS}


def rendered(template: str, shown: Section | None = None, *, links: Links | None = LINKS, preset: str = "keepachangelog") -> str:
    compiled = compile_template(template.encode(), "x.md.j2")
    return render_section(shown or invented_release(), links=links, preset=preset, template=compiled)


def assert_same(shown: Section, preset: str, links: Links | None, limit: int | None) -> None:
    by_preset = render_section(shown, links=links, first_release_limit=limit, preset=preset)
    assert by_preset == render_section(shown, links=links, first_release_limit=limit, preset=preset, template=SHIPPED[preset])


@pytest.mark.parametrize("preset", PRESETS)
@settings(max_examples=60)
@given(
    shown=sections() | sections().map(lambda shown: replace(shown, previous=None)),
    people=st.lists(st.builds(Contributor, st.text(max_size=9), st.integers(0, 9), st.booleans()), max_size=3),
    links=st.sampled_from([None, LINKS]),
    limit=st.sampled_from([None, 1, 2, 50]),
)
def test_a_preset_and_its_template_give_the_same_bytes(
    preset: str, shown: Section, people: list[Contributor], links: Links | None, limit: int | None
) -> None:
    assert_same(replace(shown, contributors=tuple(people)), preset, links, limit)


@pytest.mark.parametrize("name", HISTORIES)
def test_presets_and_templates_give_the_same_bytes_for_real_histories(recorded: Callable[[str], Path], name: str) -> None:
    every = read_releases(open_repository(recorded(name)), Rules(), Selection(), report=ignore, cancel=Cancel())
    for shown in every[:: 1 + len(every) // 60]:
        for preset in PRESETS:
            assert_same(shown, preset, LINKS, 50)


def test_a_template_is_given_everything_that_a_section_says() -> None:
    said = entry("add x", scope="auth", breaking="Do y.", security=True, references=["#1", "JIRA-2"])
    one = said._replace(id="c-1", authors=("Ada",), commits=("a" * 40,))
    shown = section(one, contributors=[Contributor("Ada", 3, new=True)], commits=3)
    template = """## {{ version }} {{ tag }} {{ previous }} {{ date }} {{ compare_url }}
{% for group in groups %}{{ group.title }} {{ group.more }} {{ group.entries | length }}
{% for e in group.entries %}
{{ e.id }} {{ e.type }} {{ e.scope }} {{ e.summary }} {{ e.breaking }} {{ e.breaking_text }} {{ e.security }} {{ e.authors | join("+") }}
{% for reference in e.references %}
{{ reference.text }} <{{ reference.url }}>
{% endfor %}
{{ e.commit.sha }} {{ e.commit.short }} {{ e.commit.url }}
{{ e.item }}
{% endfor %}
{% endfor %}
{% for person in contributors %}{{ person.name }} {{ person.commits }} {{ person.new }}
{% endfor %}
{{ totals.commits }} {{ totals.shown }} {{ totals.folded }} {{ totals.hidden }}
"""
    page = "https://github.com/acme/app"
    link = f"([#1]({page}/issues/1), JIRA-2, [aaaaaaa]({page}/commit/{'a' * 40}))"
    assert rendered(template, shown).splitlines() == [
        f"## 1.4.0 v1.4.0 v1.3.2 2026-11-20 {page}/compare/v1.3.2...v1.4.0",
        "Breaking changes 0 1",
        "c-1 feat auth add x True Do y. True Ada",
        *(f"#1 <{page}/issues/1>", "JIRA-2 <>", f"{'a' * 40} aaaaaaa {page}/commit/{'a' * 40}"),
        f"**auth:** add x {link}",
        *("Ada 3 True", "3 3 0 0"),
    ]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        pytest.param(
            "{{ heading | upper }}\n\n\n", "[1.4.0](HTTPS://GITHUB.COM/ACME/APP/COMPARE/V1.3.2...V1.4.0) - 2026-11-20", id="upper case"
        ),
        pytest.param("{{ version ~ '-' ~ (totals.commits + 1 - 2) }}", "1.4.0-41", id="joining and counting"),
        pytest.param(
            "{% for g in groups[:2] %}{{ loop.index }}/{{ loop.length }}: {{ g.title }}; {% endfor %}",
            "1/2: Breaking changes; 2/2: Security; ",
            id="a slice",
        ),
        pytest.param("{% for n in range(3) if n != 1 %}{{ n }}{% else %}none{% endfor %}", "02", id="a range"),
        pytest.param("{{ groups[0].title if groups else 'none' }}", "Breaking changes", id="a condition"),
        pytest.param("{{ groups[0]['entries'][0].nope | default('no') }}", "no", id="what is not there"),
        pytest.param("{% set a = 'x' %}{{ 'y' if a in ['x', 'y'] and 'rc' not in version else 'n' }}", "y", id="membership"),
        pytest.param("{{ (groups | first).title == (groups | last).title }}", "False", id="first and last"),
        pytest.param("\ufeff{{ version }}\r\nx", "1.4.0\nx", id="a file of Windows"),
        pytest.param("{% raw %}{{ x }}{% endraw %}{# no #}", "{{ x }}", id="raw text and comments"),
    ],
)
def test_a_template_has_what_a_layout_needs(template: str, text: str) -> None:
    assert rendered(template) == f"{text}\n"


@pytest.mark.parametrize(
    "template",
    [
        *(
            "{{ version.__class__ }}",
            "{{ version['__class__'] }}",
            "{{ groups.__class__.__mro__ }}",
            "{{ self }}",
            "{{ self._x }}",
            "{{ _meter }}",
        ),
        *(
            "{% for g in groups %}{{ loop._iterable }}{% endfor %}",
            "{{ ''.format(version) }}",
            "{{ version.format() }}",
            "{{ groups[0].items() }}",
        ),
        *(
            "{% include 'LICENSE' %}",
            "{% import 'a' as b %}",
            "{% from 'a' import b %}",
            "{% extends 'a' %}",
            "{% block a %}{% endblock %}",
        ),
        *("{{ lipsum() }}", "{{ cycler }}", "{{ namespace() }}", "{{ dict() }}", "{{ version | format }}", "{{ version | attr('x') }}"),
        *("{{ groups | map('upper') }}", "{{ version | replace('1', '') }}", "{{ version | safe }}", "{{ version is filter }}"),
        *("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{% for g in groups recursive %}{{ loop(groups) }}{% endfor %}"),
        *(
            "{% call x() %}{% endcall %}",
            "{% filter upper %}x{% endfilter %}",
            "{% set x.y = 1 %}",
            "{% autoescape true %}{% endautoescape %}",
        ),
        *("{{ groups }}", "{{ groups[0] }}", "{{ totals }}", "{% for g in groups %}{{ loop }}{% endfor %}", "{{ none }}"),
    ],
)
def test_a_template_reaches_no_code_no_file_and_no_raw_value(template: str) -> None:
    with pytest.raises(ConfigError, match=r"x\.md\.j2:1: "):
        rendered(template)


@pytest.mark.parametrize(
    "template",
    ["{{ version[0] }}", "{{ version[1:] }}", "{% for c in version %}{{ c }}{% endfor %}", "{{ version | first }}", "{{ version | join }}"],
)
def test_a_text_cannot_be_cut_for_half_a_code_span_would_let_loose_what_it_holds(template: str) -> None:
    with pytest.raises(ConfigError):
        rendered(template)


def test_no_change_of_case_makes_a_link() -> None:
    shown = section(entry("http\u017f://evil.example"))
    assert rendered("{{ groups[0]['entries'][0].summary | upper }}", shown) == "HTTP\u017f://EVIL.EXAMPLE\n"


LOOPS = "".join(f"{{% for a{depth} in range(1000) %}}" for depth in range(8))
GROWTH = [
    pytest.param("{{ 'x' * 10**9 }}", id="a product"),
    pytest.param("{{ 10 ** 10 ** 9 }}", id="a power"),
    pytest.param("{{ '%9999999999d' % 1 }}", id="a format"),
    pytest.param("{{ range(10000000000) | length }}", id="a range"),
    pytest.param(LOOPS + "{% endfor %}" * 8, id="loops in loops"),
    pytest.param(LOOPS + "x" + "{% endfor %}" * 8, id="text in loops in loops"),
    pytest.param("{% for a in range(1000) %}" + "x" * 60_000 + "{% endfor %}", id="much text in a loop"),
    pytest.param("{% set x = 'xxxxxxxxxx' %}" + "{% set x = x ~ x %}" * 60 + "{{ x }}", id="doubling by ~"),
    pytest.param("{% set x = 'xxxxxxxxxx' %}" + "{% set x = x + x %}" * 60 + "{{ x }}", id="doubling by +"),
    pytest.param("{% set x = [version, version] | join(version) %}" + "{% set x = [x, x] | join(x) %}" * 60, id="tripling by join"),
    pytest.param(
        "{% for a in range(1000) %}{% for b in range(1000) %}{% if a in groups %}{% endif %}{% endfor %}{% endfor %}", id="searching"
    ),
    *(
        pytest.param(piece * (MOST_BYTES // len(piece)), id=f"nothing but {piece}")
        for piece in ("{", "{{", "{%", "{#", "{{(", "{{[", "{% if x %}", "{% for a in b %}", "{% raw %}", "{{ not ", "{{ -1", "{{ 1+")
    ),
    pytest.param("{{ " + "(" * 60_000, id="brackets"),
    pytest.param("{{ " + "1+" * 30_000 + "1 }}", id="a long sum"),
    pytest.param("{{ " + "9" * 5000 + " }}", id="a long number"),
    pytest.param(" " * (MOST_BYTES + 1), id="a long file"),
]


@pytest.mark.parametrize("template", GROWTH)
def test_a_hostile_template_ends_soon_and_small(template: str) -> None:
    with pytest.raises(ConfigError, match=r"x\.md\.j2") as caught:
        rendered(template)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param("a\n{{ nope }}", "x.md.j2:2: 'nope' is undefined", id="an unknown name"),
        pytest.param(
            "a\n\n{% for g in groups %}\n{{ g.name }}{% endfor %}", "x.md.j2:4: 'dict object' has no attribute 'name'", id="an unknown key"
        ),
        pytest.param("a\n{% if %}", "x.md.j2:2: Expected an expression", id="no expression"),
        pytest.param("{{ 'a' + 1 }}", "x.md.j2:1: only whole numbers have a sum", id="a sum of other things"),
        pytest.param("a\n{{ 2 * 2 }}", "x.md.j2:2: * has no place", id="arithmetic"),
        pytest.param("{{ version < 3 }}", "x.md.j2:1: '<' not supported", id="an order of other things"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(template: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rendered(template)
    assert str(caught.value).startswith(message)
    assert caught.value.hint


def test_bytes_that_are_no_text_are_no_template() -> None:
    with pytest.raises(ConfigError, match=r"x\.md\.j2: it cannot be read"):
        compile_template(b"\xff", "x.md.j2")


def test_a_text_of_commits_is_never_read_as_a_template() -> None:
    text = "{{ 7*7 }} {% include 'x' %} {# no #}"
    shown = section(entry(text, scope=text, breaking=text), contributors=[Contributor(text, 1, new=True)])
    for preset, template in SHIPPED.items():
        markdown = render_section(shown, preset=preset, template=template)
        assert "49" not in markdown
        assert markdown.count("{{") >= 3


def test_a_template_is_read_from_the_repository_only(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "own.md.j2").write_text("## {{ version }}\n", "utf-8")
    (tmp_path / "outside.j2").write_text("x", "utf-8")
    (root / "link.j2").symlink_to(tmp_path / "outside.j2")
    template = read_template(root, Config(changelog=ChangelogConfig(template="own.md.j2")))
    assert isinstance(template, SectionTemplate)
    assert render_section(invented_release(), template=template) == "## 1.4.0\n"
    assert read_template(root, Config()) is None
    for name in ("../outside.j2", str(tmp_path / "outside.j2"), "link.j2", "missing.j2"):
        with pytest.raises(ConfigError, match=r"changelog\.template: "):
            read_template(root, Config(changelog=ChangelogConfig(template=name)))
    with pytest.raises(ConfigError, match="there is no file gone"):
        given_template("gone", None)


def test_a_commit_with_endless_words_stops_no_template() -> None:
    """Words cost steps, so a section gets some for each of its characters: else one long subject would end every release."""
    long = entry("x" * 300_000)
    body = "{% for g in groups %}{% for e in g.entries %}{{ e.summary | upper }} {{ e.summary | lower }}{% endfor %}{% endfor %}"
    assert len(rendered(f"## {{{{ version }}}}\n\n{body}\n", section(long))) > 600_000
