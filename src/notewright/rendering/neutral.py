"""Neutral text: words of commits, repositories and models made harmless before they are shown.

GitHub looks for mentions, references and closing keywords in the text that Markdown produced, so a backslash or an
entity does not stop it, while code spans do: what would notify, link or close something is shown as code. Zero-width
characters, the usual trick, are themselves hostile (they survive copy and paste), and are removed like all hidden ones.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable

# Anything that GitHub or a Markdown renderer would turn into a link, a notification or a cross-reference.
_LIVE = (
    r"(?:(?:[A-Za-z][A-Za-z0-9+.-]{0,30}://|(?i:www\.|mailto:))[^\s<>`]*[^\s<>`.,;:!?'\")\]}]"
    r"|(?:[\w.-]{1,100}/[\w.-]{1,100}|\b[\w.-]{1,100})?\#\d+"
    r"|(?<![A-Za-z])(?i:GH-\d+)"
    r"|[\w.+-]{0,100}@[A-Za-z0-9](?:[\w./-]*\w)?)"
)
_LIVE_RUN = re.compile(f"{_LIVE}+")
# What each of these has in it. It is quick to look for, while the whole expression tries every character as a beginning.
_LIVE_HINT = re.compile(r"[@#]|://|[wW]\.|[hH]-|[oO]:")
# Four subjects of five: a letter, and then nothing that is looked for below but `w.` and `h-`, as in "www." and "gh-1".
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9.,;'\"()/+=%!?$^{}|>\] -]*")
_TICKS = re.compile("`+")
# Each branch begins with a character of its own, which lets the search skip all others.
_TROUBLE = re.compile(r"[`<&\[\\*_~@#]|://|[wW][wW][wW]\.|[mM](?i:ailto:)|[gG][hH]-\d")
# GitHub strikes through with one tilde as well as with two (GFM 0.29 section 6.5). Number signs end a heading.
_EMPHASIS = re.compile(r"[*~]|_(?:(?<![A-Za-z0-9]_)|(?![A-Za-z0-9]))|\#(?<= \#)(?=\#*$)")
_ENTITY = re.compile(r"&(?=\#?\w{1,40};)")
_ESCAPABLE = re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)")
# What starts a block where a line begins: heading, quote, list, rule, fence, table, setext underline.
_BLOCK = re.compile(r"(?:[#>+*=|-]|~~~|\d{1,9}[.)](?=\s|$))")
_COMMAND = re.compile(r"/[A-Za-z][\w./-]*")
_LOG_COMMAND = re.compile(r"^(\s*)::", re.MULTILINE)
# Letters and marks that Unicode lets show as nothing (Default_Ignorable_Code_Point); variation selectors can carry whole
# messages. The two that choose between the forms of an emoji stay.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE0E), *range(0xE0000, 0xE1000)))
)


def visible(text: str) -> str:
    """Return `text` on one line: line ends and tabs become spaces, control, bidirectional, zero-width and tag
    characters and lone surrogates go (security case 14)."""
    if not _is_printed(text) and not _is_printed(text := text.replace("\n", " ")):
        text = "".join(map(_visible_character, text))
    return " ".join(text.split())


def visible_lines(text: str) -> str:
    """Return `text` with its line feeds and tabs, and without what `visible` takes away."""
    return "".join(character if character in "\n\t" else _visible_character(character) for character in text)


def neutral_text(text: str) -> str:
    """Return one line of Markdown that shows `text` and does nothing else: no HTML, link, image, mention, reference,
    closing keyword, block or command (security cases 7-14). Balanced code spans stay code."""
    if _PLAIN.fullmatch(text) and not ("  " in text or text[-1] == " " or "w." in text or "W." in text or "h-" in text or "H-" in text):
        return text
    text = visible(text)
    head = ""
    if command := _COMMAND.match(text):
        head, text = f"`{command[0]}`", text[command.end() :]
    elif _BLOCK.match(text) and not _LIVE_RUN.match(text):
        marker = re.match(r"\d*", text)
        assert marker
        head, text = f"{marker[0]}\\{text[marker.end()]}", text[marker.end() + 1 :]
    return _joined([head, *_inline(text, _harmless, "\\`")]) if head or _TROUBLE.search(text) else text


def neutral_words(text: str) -> str:
    """Return `neutral_text` that also reads well where no Markdown is rendered: nothing is escaped, a word that would do something is
    code as a whole."""
    if neutral_text(text) == text:
        return text
    text, head = visible(text), ""
    if _COMMAND.match(text) or _BLOCK.match(text):
        first, blank, rest = text.partition(" ")
        head, text = neutral_code(first), blank + rest
    return _joined([head, *_inline(text, _coded, "`` ` ``")])


def neutral_cell(text: str) -> str:
    """Return `neutral_text` for a cell of a Markdown table, where a bar ends the cell even inside code."""
    return neutral_text(text).replace("|", "\\|")


def neutral_code(text: str) -> str:
    """Return a code span that holds `text` whatever backticks it has (CommonMark 0.31 section 6.1)."""
    text = visible(text)
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence, pad = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def neutral_fence(text: str, language: str) -> str:
    """Return a fenced block that shows the lines of `text` whatever backticks they have (CommonMark 0.31 section 4.5)."""
    seen = visible_lines(text).strip("\n")
    fence = "`" * max(3, max((len(run) for run in _TICKS.findall(seen)), default=0) + 1)
    return f"{fence}{language}\n{seen}\n{fence}"


def neutral_html(text: str) -> str:
    """Return `text` for an HTML element or a quoted attribute."""
    return html.escape(visible(text))


def neutral_log(text: str) -> str:
    """Return `text` for a log or a terminal: `::` at the start of a line and `##[` anywhere are commands to the runner
    (case 6), and control characters would be commands to the terminal."""
    seen = visible_lines(text)
    return _LOG_COMMAND.sub(r"\1\\::", seen).replace("##[", "##\\[")


def _inline(text: str, harmless: Callable[[str], str], tick: str) -> list[str]:
    """Split into code spans, kept, and the text between, made harmless; `tick` is what shows a backtick that is left over. Linear in the
    number of backtick runs."""
    if "`" not in text:
        return [harmless(text)]
    runs = list(_TICKS.finditer(text))
    later: dict[int, list[int]] = {}  # length of a run → positions in `runs`, last first
    for position in range(len(runs) - 1, -1, -1):
        later.setdefault(len(runs[position][0]), []).append(position)
    pieces, start, position = [], 0, 0
    while position < len(runs):
        run = runs[position]
        same = later[len(run[0])]
        while same and same[-1] <= position:
            same.pop()
        pieces.append(harmless(text[start : run.start()]))
        if same:
            position = same.pop()
            start = runs[position].end()
            pieces.append(text[run.start() : start])
        else:
            pieces += [tick] * len(run[0])
            start = run.end()
        position += 1
    pieces.append(harmless(text[start:]))
    return pieces


def _coded(text: str) -> str:
    return " ".join(word if _harmless(word) == word and word.strip("#") else neutral_code(word) for word in text.split(" "))


def _harmless(text: str) -> str:
    hint = _LIVE_HINT.search(text)
    if not hint:
        return _escaped(text)
    pieces, start = [], 0
    for live in _LIVE_RUN.finditer(text, text.rfind(" ", 0, hint.start()) + 1):  # nothing live has a blank in it
        pieces += [_escaped(text[start : live.start()]), f"`{live[0]}`"]
        start = live.end()
    return _joined([*pieces, _escaped(text[start:])])


def _escaped(text: str) -> str:
    text = (_ESCAPABLE.sub(r"\\\\", text) if "\\" in text else text).replace("[", "\\[")
    text = (_ENTITY.sub("&amp;", text) if "&" in text else text).replace("<", "&lt;")
    return _EMPHASIS.sub(r"\\\g<0>", text) if any(map(text.__contains__, "_*~#")) else text


def _joined(pieces: list[str]) -> str:
    """Join so that two code spans side by side do not become one run of backticks."""
    text = ""
    for piece in filter(None, pieces):
        text += f" {piece}" if text.endswith("`") and piece.startswith("`") else piece
    return text


def _is_printed(text: str) -> bool:
    return text.isprintable() and (text.isascii() or _UNSEEN.isdisjoint(text))


def _visible_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Zl", "Zp") or character in "\n\r\t\v\f\x85":
        return " "
    return "" if category in ("Cc", "Cf", "Cs") or character in _UNSEEN else character
