"""The base of every page: one file that asks nobody for anything, readable in light and dark, usable with a keyboard."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from notewright.rendering.neutral import neutral_html


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of finished HTML, the first of them the row's header. `kind` is what the table's filter goes by."""

    cells: tuple[str, ...]
    kind: str = ""


def build_page(title: str, main: str, *, style: str = "") -> str:
    """Wrap finished HTML in a page, with a style of its own after that of every page. Its policy lets nothing run or load but the style
    and the script that stand in it."""
    style = _STYLE + style
    policy = f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(_SCRIPT)}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{neutral_html(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n{main}\n</main>\n"
        f"<script>{_SCRIPT}</script>\n</body>\n</html>\n"
    )


def table(caption: str, heads: tuple[str, ...], rows: Iterable[Row], *, filter_label: str = "") -> str:
    """Return a table with headers for columns and rows. With a `filter_label`, a choice above it shows one kind alone where scripts run."""
    rows = tuple(rows)
    head = "".join(f'<th scope="col">{neutral_html(text)}</th>' for text in heads)
    body = "\n".join(_row(row) for row in rows)
    choice = _choice(filter_label, rows) if filter_label else ""
    return (
        f'<figure>\n{choice}<div class="scroll" tabindex="0" role="group" aria-label="{neutral_html(caption)}">\n'
        f"<table>\n<caption>{neutral_html(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"
        f"</div>\n</figure>"
    )


def facts(*pairs: tuple[str, str]) -> str:
    """Return a list of names and what belongs to each, as plain text."""
    return "<dl>" + "".join(f"<dt>{neutral_html(name)}</dt><dd>{prose(text)}</dd>" for name, text in pairs) + "</dl>"


def source(markdown: str) -> str:
    """Show Markdown as it is written, line by line."""
    return "<pre>" + "\n".join(neutral_html(line) for line in markdown.rstrip("\n").split("\n")) + "</pre>"


def link(text: str, url: str | None) -> str:
    """Return an https link that tells the target nothing about this page; plain text where there is no such address."""
    shown = neutral_html(text)
    safe = url is not None and url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]"))
    return f'<a href="{neutral_html(url)}" rel="noreferrer">{shown}</a>' if url is not None and safe else shown


def prose(text: str) -> str:
    """Return one line of text as HTML, its code spans as code."""
    return re.sub("(?<!`)`([^`]+)`(?!`)", r"<code>\1</code>", neutral_html(text))


def _row(row: Row) -> str:
    first, *rest = row.cells
    kind = f' data-kind="{neutral_html(row.kind)}"' if row.kind else ""
    return f'<tr{kind}><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>"


def _choice(label: str, rows: tuple[Row, ...]) -> str:
    kinds = sorted({row.kind for row in rows})
    counts = {kind: sum(row.kind == kind for row in rows) for kind in kinds}
    options = "".join(f'<option value="{neutral_html(kind)}">{neutral_html(kind)} ({counts[kind]})</option>' for kind in kinds)
    return (
        f'<p class="choice" hidden><label>{neutral_html(label)} <select data-filter>'
        f'<option value="">all ({len(rows)})</option>{options}</select></label> <output aria-live="polite"></output></p>\n'
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


_STYLE = """
:root{color-scheme:light dark;
--ink:#1f2328;--soft:#59636e;--paper:#fff;--line:#d1d9e0;--tint:#f6f8fa;--link:#0550ae;--warn:#8a4600;--good:#1a6b32}
@media(prefers-color-scheme:dark){:root{
--ink:#f0f6fc;--soft:#a9b4c0;--paper:#0d1117;--line:#3d444d;--tint:#151b23;--link:#79b8ff;--warn:#f0b35f;--good:#6bd08a}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.8rem;line-height:1.2;margin:0 0 .5rem}
h2{font-size:1.3rem;margin:2.5rem 0 .75rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.5rem 0 .5rem}
a{color:var(--link)}
a:focus-visible,select:focus-visible,.scroll:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:.75rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.25rem;margin:1rem 0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
figure{margin:.5rem 0 1.5rem}
.scroll{overflow-x:auto}
.choice{margin:.25rem 0 .5rem}
.choice[hidden]{display:none}
table{border-collapse:collapse;width:100%;font-size:.925rem}
table:has(th:nth-child(4)){min-width:40rem}
caption{text-align:left;color:var(--soft);padding-bottom:.35rem}
th,td{border:1px solid var(--line);padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:break-word}
thead th{background:var(--tint);white-space:nowrap}
td a,th a{white-space:nowrap}
tbody th{font-weight:400}
tr[hidden]{display:none}
td ul,td ol{margin:0;padding-left:1.1rem}
details{margin:.35rem 0}
td details{margin-bottom:0}
summary{cursor:pointer}
.mark{display:inline-block;border:1px solid currentColor;border-radius:1em;padding:0 .55em;font-size:.85em;white-space:nowrap}
code,pre{font:.9em/1.45 ui-monospace,monospace}
code{background:var(--tint);padding:.1em .3em;border-radius:4px;overflow-wrap:anywhere}
pre{background:var(--tint);padding:.75rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line)}
select{font:inherit;color:inherit;background:var(--tint);border:1px solid var(--soft);border-radius:4px;padding:.15rem .35rem}
.good{color:var(--good)}.warn{color:var(--warn)}.soft{color:var(--soft)}
@media(max-width:40rem){dl{grid-template-columns:1fr;gap:0}dt{margin-top:.5rem}}
@media print{.choice,nav{display:none}}
"""
_SCRIPT = """
for (const select of document.querySelectorAll("[data-filter]")) {
  const figure = select.closest("figure"), rows = [...figure.querySelectorAll("tbody tr")];
  select.closest(".choice").hidden = false; // without a script there is no choice, and everything is shown
  select.addEventListener("change", () => {
    for (const row of rows) row.hidden = select.value !== "" && row.dataset.kind !== select.value;
    figure.querySelector("output").textContent = rows.filter(row => !row.hidden).length + " shown";
  });
}
"""
