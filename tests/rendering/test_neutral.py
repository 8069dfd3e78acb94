"""Words of strangers show themselves and do nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from notewright.rendering.neutral import neutral_cell, neutral_code, neutral_html, neutral_log, neutral_text, neutral_words, visible
from tests.parts.cost import assert_in_proportion

# HTML is on and text stays apart from what a backslash or an entity made of it, which `text_join` would hide.
_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable(["text_join"])
# What GitHub looks for in the text of a rendered page, code left out: mentions, references, bare addresses.
_LIVE = re.compile(r"@[A-Za-z0-9]|#\d|\bGH-\d|[A-Za-z]://|www\.|mailto:|xmpp:", re.IGNORECASE)
_PIECES = st.sampled_from(
    [
        *(
            "@everyone",
            "@org/team",
            "a@b.example",
            "#12",
            "GH-7",
            "gh-7",
            "o/r#3",
            "Closes #1",
            "fixes: o/r#2",
            "resolves https://h/o/r/issues/3",
        ),
        *(
            "https://evil.example/x?y=1",
            "www.evil.example",
            "mailto:a@b.example",
            "<https://h/>",
            "ftp://h",
            "[a](javascript:1)",
            "![](http://h/x)",
        ),
        *(
            "[a]: http://h",
            "[a][b]",
            "[x]",
            "[^1]",
            "<img src=x>",
            "<!-- x -->",
            "<!--",
            "-->",
            "<details>",
            "</li>",
            "<b",
            "&amp;",
            "&#35;1",
            "&lt",
        ),
        *(
            "`",
            "``",
            "```",
            "~~~",
            "~",
            "~~",
            "`` ` ``",
            "`a`",
            "*",
            "**",
            "_",
            "__",
            "***",
            "a_b",
            "\\",
            "\\\\",
            "\\`",
            "|",
            "---",
            "===",
            "# h",
            "#",
        ),
        *(
            "- i",
            "+ i",
            "1. i",
            "1) i",
            "> q",
            "    c",
            "\t",
            "/merge",
            "::x::",
            "$x$",
            ":tada:",
            "\n",
            "\r\n",
            "\u2028",
            " ",
            "  ",
            "!",
            "(",
            ")",
            ":",
        ),
        *(
            "\u200b",
            "\u202e",
            "\U000e0041",
            "\ufeff",
            "\x00",
            "\x1b[31m",
            "\xad",
            "\ufe0f",
            "🎉",
            "é",
            "a",
            "B",
            "9",
            ".",
            ",",
            "-",
            "/",
            "'",
            '"',
        ),
    ]
)
HOSTILE = st.one_of(
    st.lists(_PIECES, max_size=8).map("".join),
    st.lists(_PIECES, max_size=6).map(" ".join),
    st.text("`*_~[]()<>&#@!\\|-+=.:/ \n0a1w", max_size=16),
    st.text(max_size=20),
)
# Where neutral text is put, the words it then stands among, and the blocks that this makes.
CONTEXTS = [
    pytest.param("{}", "{}", ["paragraph"], id="a line of its own"),
    pytest.param("- {}", "{}", ["bullet_list", "list_item", "paragraph"], id="an item"),
    pytest.param(
        "1. x\n   - {}", "{}", ["ordered_list", "list_item", "paragraph", "bullet_list", "list_item", "paragraph"], id="an item below"
    ),
    pytest.param("- a {} (b)", "a {} (b)", ["bullet_list", "list_item", "paragraph"], id="words on both sides"),
    pytest.param("## {} - 2026", "{} - 2026", ["heading"], id="a heading"),
    pytest.param("### {}", "{}", ["heading"], id="a whole heading"),
]


def plain(text: str) -> str:
    """Return text without white space and without the backticks that a code span loses when it is shown."""
    return "".join(text.replace("`", "").split())


def inline_tokens(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens if token.type == "inline" for child in token.children or ()]


def assert_harmless(tokens: list[Token]) -> None:
    """No link, image, HTML or emphasis, and no words that GitHub would make one of."""
    inner = inline_tokens(tokens)
    assert {token.type for token in inner} <= {"text", "text_special", "code_inline"}
    assert not _LIVE.search("".join("`" if token.type == "code_inline" else token.content for token in inner))
    assert not any("~" in token.content for token in inner if token.type == "text"), "GitHub strikes through with one tilde"


@pytest.mark.case(7, 8, 9, 10, 11, 12, 13)
@pytest.mark.parametrize("neutralise", [neutral_text, neutral_words])
@pytest.mark.parametrize(("context", "words", "blocks"), CONTEXTS)
@given(text=HOSTILE)
@example(text="~a~ and ~b~")
@example(text="C #")
@example(text="#12GH-7")  # after code, the rest was a reference
@example(text="\\")
@example(text="x\\`@y`")
def test_any_text_is_shown_as_it_is_and_does_nothing(
    neutralise: Callable[[str], str], context: str, words: str, blocks: list[str], text: str
) -> None:
    neutral = neutralise(text)
    if not neutral:
        assert not visible(text)
        return
    tokens = _PARSER.parse(context.format(neutral))
    assert [token.type.removesuffix("_open") for token in tokens if token.nesting == 1] == blocks
    last = [token for token in tokens if token.type == "inline"][-1:]
    assert_harmless(last)
    assert plain("".join(token.content for token in inline_tokens(last))) == plain(words.format(visible(text)))


@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_any_text_stays_in_its_cell(texts: list[str]) -> None:
    row = "| " + " | ".join(map(neutral_cell, texts)) + " |"
    head = "|" + " a |" * len(texts)
    tokens = _PARSER.parse(f"{head}\n{head.replace('a', '---')}\n{row}\n\nafter\n")
    cells = [tokens[place + 1] for place, token in enumerate(tokens) if token.type == "td_open"]
    assert [token.type for token in tokens].count("tr_open") == 2
    assert len(cells) == len(texts)
    for cell in cells:
        assert_harmless([cell])
    assert [plain("".join(token.content for token in cell.children or ())) for cell in cells] == [plain(visible(text)) for text in texts]


@given(HOSTILE)
def test_code_holds_any_text(text: str) -> None:
    tokens = inline_tokens(_PARSER.parse(f"a {neutral_code(text)} b"))
    if not visible(text):
        assert neutral_code(text) == ""
    else:
        assert [token.type for token in tokens] == ["text", "code_inline", "text"]
        assert tokens[1].content == visible(text)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words = ""

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert (tag, [name for name, _ in attrs]) == ("i", ["title"])
        self.words += attrs[0][1] or ""

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


@given(HOSTILE)
def test_html_holds_any_text_in_elements_and_attributes(text: str) -> None:
    parser = _Words()
    parser.feed(f'<i title="{neutral_html(text)}">{neutral_html(text)}</i>')
    parser.close()
    assert parser.words == visible(text) * 2


@given(HOSTILE)
def test_what_is_visible_is_one_line_without_hidden_characters(text: str) -> None:
    line = visible(text)
    assert line == " ".join(line.split())
    assert not {unicodedata.category(character) for character in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert visible(line) == line


@pytest.mark.case(14)
@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("a\u202eb\u2066c\u200f", "abc", id="directions"),
        pytest.param("a\u200bb\u200cc\u200dd\u2060e\ufefff", "abcdef", id="zero width"),
        pytest.param("a\U000e0041\U000e007fb", "ab", id="tag characters"),
        pytest.param("a\U000e0100b\ufe00c", "abc", id="variation selectors, which can carry bytes"),
        pytest.param("a\u3164b\u115fc\uffa0d\u034fe\u180be", "abcdee", id="fillers"),
        pytest.param("a\xadb", "ab", id="soft hyphens"),
        pytest.param("a\x00b\x1b[31mc\x7f\x9b", "ab[31mc", id="control characters"),
        pytest.param("a\ud800b", "ab", id="half a character"),
        pytest.param(" a\r\n\tb\u2028c\u2029d\x0be\x0cf\x85g\xa0h\u3000i ", "a b c d e f g h i", id="line ends and blanks"),
        pytest.param("Grüße, 日本語, עברית ❤\ufe0f", "Grüße, 日本語, עברית ❤\ufe0f", id="every script stays"),
    ],
)
def test_hidden_characters_go_and_words_stay(text: str, seen: str) -> None:
    assert visible(text) == seen
    assert neutral_text(text).replace("\\", "") == seen


@pytest.mark.parametrize(
    ("text", "neutral"),
    [
        pytest.param("add passkey login", "add passkey login", id="plain words"),
        pytest.param("read `a_b` and snake_case", "read `a_b` and snake_case", id="code and names"),
        pytest.param("use C#, a/b, 50 % & more (see 1.2)!", "use C#, a/b, 50 % & more (see 1.2)!", id="harmless signs"),
        pytest.param("thanks @ada", "thanks `@ada`", id="a person"),
        pytest.param("ping @org/team-a, @b", "ping `@org/team-a`, `@b`", id="a team"),
        pytest.param("closes #12.", "closes `#12`.", id="a closing keyword"),
        pytest.param("fixes: o/r#2", "fixes: `o/r#2`", id="another repository"),
        pytest.param("as in gh-7", "as in `gh-7`", id="GitHub's old form"),
        pytest.param("see https://h.example/a?b=c.", "see `https://h.example/a?b=c`.", id="an address"),
        pytest.param("support <tag> & &amp;", "support &lt;tag> & &amp;amp;", id="HTML"),
        pytest.param("![x](http://h/y)", "!\\[x](`http://h/y`)", id="an image"),
        pytest.param("*a* _b_ ~c~", "\\*a\\* \\_b\\_ \\~c\\~", id="emphasis"),
        pytest.param("/merge now", "`/merge` now", id="a command"),
        pytest.param("# a", "\\# a", id="a heading"),
        pytest.param("1. a", "1\\. a", id="a list"),
        pytest.param("a `b", "a \\`b", id="a lone backtick"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_neutral_text_reads_well(text: str, neutral: str) -> None:
    assert neutral_text(text) == neutral


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("add `a b` to snake_case, 50 % & C# (see 1.2)!", "add `a b` to snake_case, 50 % & C# (see 1.2)!", id="harmless words"),
        pytest.param("support Vec<T> and *.toml", "support `Vec<T>` and `*.toml`", id="signs of Markdown and HTML"),
        pytest.param("thanks @ada, closes #12.", "thanks `@ada,` closes `#12.`", id="a person and a reference"),
        pytest.param("[click](javascript:alert(1)) &amp;", "`[click](javascript:alert(1))` `&amp;`", id="a link and an entity"),
        pytest.param("1. _a_ # b #", "`1.` `_a_` `#` b `#`", id="blocks"),
        pytest.param("/merge `now", "`/merge` `` ` ``now", id="a command and a lone backtick"),
        pytest.param("a\u200b\n b", "a b", id="hidden characters"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_neutral_words_read_well_as_they_are(text: str, words: str) -> None:
    assert neutral_words(text) == words


@pytest.mark.case(6)
@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("::add-mask::x", "\\::add-mask::x", id="a command"),
        pytest.param("a\n  ::set-output name=x::y", "a\n  \\::set-output name=x::y", id="an indented command on a later line"),
        pytest.param("a ##[group]b", "a ##\\[group]b", id="the old form"),
        pytest.param("a\r::error::b", "a ::error::b", id="a carriage return starts no line"),
        pytest.param("a\x1b[2Jb\x1b]0;title\x07c\x9b1m", "a[2Jb]0;titlec1m", id="a terminal is not told what to do"),
        pytest.param("a\u202eb", "ab", id="words are not turned round"),
        pytest.param("a\n\tb", "a\n\tb", id="line ends and tabs stay"),
    ],
)
def test_a_log_line_commands_nobody(text: str, line: str) -> None:
    assert neutral_log(text) == line


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda size: "a" * size + " #1", id="a long word"),
        pytest.param(lambda size: "a/" * (size // 2) + " #1", id="a long path"),
        pytest.param(lambda size: "`a``" * (size // 4), id="backticks that never meet"),
        pytest.param(lambda size: "".join("`" * run + " " for run in range(1, int((2 * size) ** 0.5))), id="backticks of every length"),
        pytest.param(lambda size: "@a" + "/" * size, id="a team without end"),
        pytest.param(lambda size: "http://" + "." * size, id="an address of dots"),
        pytest.param(lambda size: "http://" * (size // 7), id="addresses in addresses"),
        pytest.param(lambda size: "*a_" * (size // 3), id="emphasis"),
        pytest.param(lambda size: "\u200b" * size + "#1", id="hidden characters"),
        pytest.param(lambda size: "x" + " " * size + "#", id="blanks"),
        pytest.param(lambda size: "#" * size, id="number signs"),
    ],
)
def test_a_hostile_subject_costs_in_proportion(make: Callable[[int], str]) -> None:
    assert_in_proportion(neutral_text, make, size=16_000)
    assert_in_proportion(neutral_words, make, size=16_000)
