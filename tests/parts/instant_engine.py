"""An engine that asks and answers at once about invented code, and knows no more than the passage that it is shown."""

from __future__ import annotations

import json
import random
import re
import threading
from collections import Counter
from dataclasses import replace

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.llm.engines.llama.server import open_engine as open_llama
from notewright.llm.opening import ENGINES, Opening
from notewright.prompting.request import Identity, Message, Messages, Reply, Request

NAME = "instant"
NEEDED: Counter[str] = Counter()  # tokens that a server has to read at least, by the name of this engine
_SLOTS = 4
_WORDS = """
    buffer reader writer parser header footer record column branch commit trailer window button folder archive ledger invoice account
    balance payment voucher receipt traveller station platform engine turbine carriage wagon signal junction harbour vessel anchor beacon
    lantern compass voyage captain sailor cargo crane warehouse market merchant customer supplier catalogue product warranty factory
    machine bearing gearbox piston cylinder valve pump pipeline reservoir river bridge tunnel highway village district province country
    mountain glacier valley forest orchard garden flower petal blossom harvest farmer tractor barn stable meadow pasture shepherd
""".split()
_FUNCTION = '''
def {name}({argument}: str, limit: int = 10) -> list[str]:
    """Return {doc}."""
    lines_of_{argument} = {argument}.splitlines()
    found = []
    for line in lines_of_{argument}[:limit]:
        if line.startswith("{mark}") and line not in found:
            found.append(line.strip())
    return sorted(found, key=str.casefold)

'''
_DOC = "the {0} of every {1} whose {2} and {3} are kept beside the {4}, before the {5} of a {6} or {7} begins"
# Of each kind of question: how it is asked, and how it is answered.
_ASKED = (
    ("what", "What does the function `{name}` return?", "The function `{name}` returns {doc}."),
    ("how", "How does `{name}` come to its list of lines?", "It takes the lines of `{argument}`, of which it keeps {doc}, each one once."),
    ("why", "Why does `{name}` strip each line that it has found?", "Because it gives {doc}, and calls `line.strip()` for each."),
    (
        "usage",
        "Which argument is `{name}` called with to get fewer lines?",
        "Give `limit` to `{name}`: it looks for {doc} in so many lines.",
    ),
    ("edge_case", "What does `{name}` do where a line was found twice?", "A second one is left out, so that {doc} stand in `found` once."),
)
_DEFINED = re.compile(r'def (\w+)\((\w+): str.*?\n    """Return (.*?)\."""')


def invented_file(number: int, functions: int) -> str:
    """Return a file of so many functions, no two of which say the same; the same one for the same number."""
    chance = random.Random(number)
    return '"""Lines that were found."""\n' + "".join(_function(chance, number * functions + one) for one in range(functions))


def _function(chance: random.Random, number: int) -> str:
    verb, noun, argument, mark, *words = chance.sample(_WORDS, 12)
    return _FUNCTION.format(name=f"{verb}_{noun}_{number}", argument=argument, mark=mark, doc=_DOC.format(*words))


def open_engine(place: str, opening: Opening) -> Engine:
    """Return the engine. With the URL of a llama.cpp server as place, that reads each prompt first, so that its tokens are counted."""
    return Instant(open_llama(place, opening) if place else None)


class Instant:
    """Says what it finds in the passage."""

    def __init__(self, server: Engine | None) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._shared: dict[str, int] = {}
        self.slots = server.slots if server else _SLOTS

    def identity(self) -> Identity:
        """Say who answers."""
        return self._server.identity() if self._server else Identity(NAME, NAME, "", 0, "")

    def count(self, messages: Messages) -> int | None:
        """Count as the server does."""
        return self._server.count(messages) if self._server else None

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Ask or answer."""
        prompt = request.messages[-1].content
        passage, _, asked = prompt.rpartition("</passage>")
        text = json.dumps(_questions(passage, request.items) if request.task == "questions" else _answer(passage, asked))
        if self._server is None:
            return Reply(text, "stop", 0, 0, 0, 0.0)
        read = self._server.chat(replace(request, schema={"enum": ["read"]}, max_tokens=8), cancel)
        self._note(passage, request.messages, read.prompt_tokens)
        return replace(read, text=text, finish="stop")

    def _note(self, passage: str, messages: Messages, prompt_tokens: int) -> None:
        """Add to `NEEDED` what of a prompt had to be read: what stands around every passage not at all, each passage
        once, and the rest of each prompt."""
        with self._lock:
            if passage not in self._shared:
                around, begun = (self.count((*messages[:-1], Message("user", text))) for text in ("", f"{passage}</passage>\n\n"))
                assert around is not None
                assert begun is not None
                self._shared[passage] = begun
                NEEDED[NAME] += begun - around
            NEEDED[NAME] += prompt_tokens - self._shared[passage]

    def close(self) -> None:
        """Let the server go."""
        if self._server:
            self._server.close()


def _questions(passage: str, count: int) -> dict[str, object]:
    defined = _DEFINED.findall(passage) or [("main", "text", "")]
    asked = ((*_ASKED[number % len(_ASKED)], defined[number % len(defined)][0]) for number in range(count))
    return {"questions": [{"kind": kind, "question": question.format(name=name)} for kind, question, _, name in asked]}


def _answer(passage: str, asked: str) -> dict[str, str]:
    question = asked.partition("Question: ")[2].partition("\n")[0]
    for name, argument, doc in _DEFINED.findall(passage):
        for _, known, answer in _ASKED:
            if question == known.format(name=name):
                return {"answer": answer.format(name=name, argument=argument, doc=doc)}
    return {"answer": "I do not know."}


ENGINES[NAME] = __name__
