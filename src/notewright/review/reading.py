"""Reading: notes that a person edited, read back into sentences and the entries that they cite."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from notewright.grounding.wording import words
from notewright.notes.document import Sentence

_MOST_JOINED = 8  # pieces that one sentence of ours may have been cut into
_ALIKE = 0.6  # share of words from which a sentence counts as another wording of one of ours
_MOST_COMPARED = 10_000  # pairs of sentences, each a tenth of a millisecond: of a file of another size, nothing is attributed
_MOST_PLACED = 4_000_000
_MOST_CHARACTERS = 4_000  # of a sentence, as `read_notes` takes them
_START = re.compile(r"\s*(?:#{1,6}\s+|[-*+]\s+|\d{1,9}[.)]\s+|>\s*)")
_LABEL = re.compile(r"\*\*[^*]+:\*\*\s+")
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]*)\)")
_GROUP = re.compile(r"\s*\(([^()]*)\)$")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
# After a full stop, or one that a quote or bold type closes, unless the next word goes on in lower case as after "e.g."
_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?]\*\*)|(?<=[.!?][\"')]))\s+(?![a-z])")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file of ours looks like: its `pieces` in their order; `sentences`, by how they are written there; all other pieces are its
    frame: titles, headings, counts. `targets` are the addresses of its links, `references` what stands in brackets after its sentences."""

    pieces: tuple[str, ...]
    sentences: Mapping[str, Sentence]
    targets: frozenset[str]
    references: frozenset[str]


def read_layout(markdown: str, sentences: Sequence[Sentence], references: Iterable[str]) -> Layout:
    """Learn how sentences are written in a file that was made of them."""
    layout = Layout((), {}, frozenset(target for _, target in _LINK.findall(markdown)), frozenset(references))
    by_words = {words(sentence.text): sentence for sentence in reversed(sentences)}
    written: dict[str, Sentence] = {}
    order: list[str] = []
    for pieces in _blocks(markdown, layout):
        for piece, said in _matched(pieces, lambda text: by_words.get(words(_LABEL.sub("", text, count=1)))):
            order.append(piece)
            if said is not None:
                written.setdefault(piece, said)
    plain = {sentence.text: sentence for sentence in reversed(sentences)}  # taken over without the label
    return replace(layout, pieces=tuple(order), sentences={**plain, **written})


def read_sentences(markdown: str, layout: Layout) -> tuple[Sentence, ...]:
    """Return the sentences of an edited file in their order. One that stands as it was is the same sentence; any other is a person's, and
    cites what the one cited that it words anew, if there is one. Every text yields sentences: nothing that was written is skipped."""
    found = [match for pieces in _blocks(markdown, layout) for match in _matched(pieces, layout.sentences.get)]
    there = [piece for piece, _ in found]
    frame = set(layout.pieces) - layout.sentences.keys()
    new = {piece: text for piece, said in found if said is None and piece not in frame and (text := _plain(piece))}
    cites = _in_place(layout, there)
    kept = {said for _, said in found}
    gone = [said for said in dict.fromkeys(layout.sentences.values()) if said not in kept and said.cites not in cites.values()]
    cites = {**_alike({piece: text for piece, text in new.items() if piece not in cites}, gone), **cites}
    read = (said or (Sentence(new[piece], cites.get(piece, ()), "human") if piece in new else None) for piece, said in found)
    return tuple(sentence for sentence in read if sentence)


def _blocks(markdown: str, layout: Layout) -> Iterator[list[str]]:
    """Yield the pieces of each heading, item and paragraph: sentences, as far as punctuation tells."""
    block: list[str] = []
    for line in (*markdown.replace("\r\n", "\n").split("\n"), ""):
        start = _START.match(line)
        if (start or not line.strip()) and block:
            yield _pieces(" ".join(block), layout)
            block = []
        text = line[start.end() if start else 0 :].strip()
        block += [text] if text else []
        if block and line.lstrip().startswith("#"):
            yield _pieces(" ".join(block), layout)
            block = []


def _pieces(block: str, layout: Layout) -> list[str]:
    """Cut a block into pieces, without links that we made ourselves and the references after it."""
    text = _LINK.sub(lambda link: link[1] if link[2] in layout.targets else link[0], block)
    group = _GROUP.search(text)
    if group and all(part.strip() in layout.references for part in group[1].split(",")):
        text = text[: group.start()]
    return [piece for piece in _END.split(text) if piece.strip()]


def _matched(pieces: Sequence[str], find: Callable[[str], Sentence | None]) -> Iterator[tuple[str, Sentence | None]]:
    """Yield the longest runs of pieces that are a known sentence, and the pieces between them."""
    start = 0
    while start < len(pieces):
        ends = range(min(len(pieces), start + _MOST_JOINED), start, -1)
        known = ((" ".join(pieces[start:end]), end) for end in ends)
        piece, said, end = next(
            ((text, sentence, end) for text, end in known if (sentence := find(text)) is not None), (pieces[start], None, start + 1)
        )
        yield piece, said
        start = end


def _plain(piece: str) -> str:
    """Return what a piece of Markdown says, its label and its escapes left out; links stay as they are, with their address."""
    text = _ESCAPED.sub(r"\1", _LABEL.sub("", piece, count=1).replace("**", ""))
    return html.unescape(text).strip()[:_MOST_CHARACTERS]


def _in_place(layout: Layout, pieces: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what pieces cite that stand where as many others stood: what those did."""
    if len(layout.pieces) * len(pieces) > _MOST_PLACED:
        return {}
    changes = difflib.SequenceMatcher(None, layout.pieces, pieces, autojunk=False).get_opcodes()
    swapped = [
        pair
        for change, start, end, new_start, new_end in changes
        if change == "replace" and end - start == new_end - new_start
        for pair in zip(layout.pieces[start:end], pieces[new_start:new_end], strict=True)
    ]
    return {new: layout.sentences[old].cites for old, new in swapped if old in layout.sentences and old not in pieces}


def _alike(texts: Mapping[str, str], gone: Sequence[Sentence]) -> dict[str, tuple[str, ...]]:
    """Return what new sentences cite, by their pieces: what the sentence cited that each resembles most of those that are gone."""
    cites: dict[str, tuple[str, ...]] = {}
    left = list(gone)
    for piece, text in texts.items() if len(texts) * len(gone) <= _MOST_COMPARED else ():
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(words(text))
        best, at = _ALIKE, -1
        for place, sentence in enumerate(left):
            matcher.set_seq1(words(sentence.text))
            if matcher.quick_ratio() >= best and (ratio := matcher.ratio()) >= best:
                best, at = ratio, place
        if at >= 0:
            cites[piece] = left.pop(at).cites
    return cites
