"""What our door to a model costs beside a raw client: python -m bench.llm_overhead [--requests N] [--hits N] [--check].

One real llama.cpp server with a tiny model answers all, question by question in turns; CPU time is that of this process with
all its threads. The raw client is httpx, as most programs use it, and once more Python's own http.client, which our door is built on.
With --check it exits with 1 where a limit is passed, beside either.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import TypeVar

import httpx

from notewright.control import Cancel
from notewright.llm.door import open_engine
from notewright.llm.engine import Engine
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Message, Request
from notewright.prompting.schema import object_of, reply_tokens, text_of
from tests.parts.llama import serve_model
from tests.parts.tiny_model import write_gguf

Answer = TypeVar("Answer")

OVERHEAD_S, HIT_S, HITS_PER_S = 0.003, 0.001, 10_000
_ENTRIES = "- feat(api): accept tokens with a name and an end, and list those that are in use\n" * 12
_SCHEMA = object_of({"text": text_of(at_most=120)})
_WARM = 5  # the first ones load modules and fill caches


def question(number: int) -> Request:
    """Return a question of about 500 tokens, unlike all others in its last text."""
    messages = (Message("system", "You write one sentence about the entries."), Message("user", f"{_ENTRIES}Question {number}."))
    return Request("notes", messages, _SCHEMA, 4096)


class RawClient:
    """What a program would write that knows this model only: the prompt in its own template, no token counted, nothing checked."""

    name = "httpx"

    def __init__(self, url: str) -> None:
        # the server closes a kept connection after 100 requests, and the request of that moment fails
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))

    def ask(self, request: Request) -> str:
        """Return the text of the reply, read from the stream."""
        with self._client.stream("POST", "/completion", json=_body(request)) as response:
            events = (json.loads(line[5:]) for line in response.iter_lines() if line.startswith("data:"))
            return "".join(str(event["content"]) for event in events)

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()


class StandardClient:
    """The same with nothing but the standard library."""

    name = "http.client"

    def __init__(self, url: str) -> None:
        self._address = url.removeprefix("http://")

    def ask(self, request: Request) -> str:
        """Return the text of the reply, read from the stream."""
        with closing(HTTPConnection(self._address, timeout=60)) as connection:
            connection.request("POST", "/completion", json.dumps(_body(request)), {"Content-Type": "application/json"})
            events = (json.loads(line[5:]) for line in connection.getresponse() if line.startswith(b"data:"))
            return "".join(str(event["content"]) for event in events)


def _body(request: Request) -> Mapping[str, object]:
    prompt = "".join(f"<|im_start|>{message.role}\n{message.content}<|im_end|>\n" for message in request.messages)
    return {
        "prompt": f"{prompt}<|im_start|>assistant\n",
        "json_schema": {**request.schema, "x-guidance": {"whitespace_flexible": False}},
        "n_predict": reply_tokens(request.schema),
        "temperature": request.temperature,
        "seed": request.seed,
        "samplers": ["top_k", "top_p", "min_p", "temperature"],
        "cache_prompt": True,
        "stream": True,
    }


@dataclass(frozen=True, slots=True)
class Requests:
    """Medians of CPU seconds: of each raw client, of our door, and of its difference to each; and the tokens of a reply."""

    raw_s: Mapping[str, float]
    door_s: float
    ours_s: Mapping[str, float]
    tokens: float


@dataclass(frozen=True, slots=True)
class Hits:
    """Seconds until a reply from the cache is there, its CPU seconds, and how many one process gets in a second."""

    median_s: float
    slow_s: float
    cpu_s: float
    per_s: float


def measure_requests(url: str, engine: Engine, requests: int) -> Requests:
    """Ask every question of all, in turns: a busy minute of the machine hits them alike."""
    spent: dict[str, list[float]] = {}
    tokens: list[int] = []

    def clocked(name: str, ask: Callable[[], Answer]) -> Answer:
        started = time.process_time()
        answer = ask()
        spent.setdefault(name, []).append(time.process_time() - started)
        return answer

    with closing(RawClient(url)) as httpx_client:
        raws = (httpx_client, StandardClient(url))
        for number in range(requests + _WARM):
            asked = question(number)
            texts = {clocked(raw.name, partial(raw.ask, asked)) for raw in raws}
            reply = clocked("", partial(engine.chat, asked, Cancel()))
            assert (texts, reply.replayed) == ({reply.text}, False), "all were asked the same, and we for the first time"
            tokens.append(reply.generated_tokens)
    door = spent.pop("")[_WARM:]
    ours_s = {name: median(ours - raw for ours, raw in zip(door, taken[_WARM:], strict=True)) for name, taken in spent.items()}
    return Requests({name: median(taken[_WARM:]) for name, taken in spent.items()}, median(door), ours_s, median(tokens[_WARM:]))


def measure_hits(engine: Engine, *, kept: int, hits: int) -> Hits:
    """Ask again, round and round, what was asked before."""
    asked = [question(number) for number in range(kept)]
    taken_s = []
    started, cpu = time.perf_counter(), time.process_time()
    for number in range(hits):
        start = time.perf_counter()
        reply = engine.chat(asked[number % kept], Cancel())
        taken_s.append(time.perf_counter() - start)
        assert reply.replayed
    cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - started
    taken_s.sort()
    return Hits(median(taken_s), taken_s[hits * 99 // 100], cpu_s / hits, hits / wall_s)


def report(requests: Requests, hits: Hits) -> list[str]:
    """Print both tables, and return what is over its limit. How many hits fit into a second is judged by CPU seconds: a busy neighbour is
    no fault of ours."""
    print("| CPU time of a request | ms | limit |\n|---|---:|---:|")
    for name, raw_s in requests.raw_s.items():
        print(f"| {name} alone, a reply of {requests.tokens:.0f} tokens | {raw_s * 1e3:.2f} | |")
    print(f"| our door | {requests.door_s * 1e3:.2f} | |")
    for name, ours_s in requests.ours_s.items():
        print(f"| ours over {name}, median of the differences | {ours_s * 1e3:.2f} | {OVERHEAD_S * 1e3:g} |")
    print("\n| a reply from the cache | | limit |\n|---|---:|---:|")
    print(f"| median, ms | {hits.median_s * 1e3:.3f} | {HIT_S * 1e3:g} |")
    print(f"| one of a hundred takes longer than, ms | {hits.slow_s * 1e3:.3f} | |")
    print(f"| CPU time, ms | {hits.cpu_s * 1e3:.3f} | {1e3 / HITS_PER_S:g} |")
    print(f"| hits per second of one process | {hits.per_s:,.0f} | |")
    limits = (
        *((f"the door over {name}", ours_s, OVERHEAD_S) for name, ours_s in requests.ours_s.items()),
        ("a hit", hits.median_s, HIT_S),
        ("the CPU time of a hit", hits.cpu_s, 1 / HITS_PER_S),
    )
    return [f"{name} is over its limit of {limit_s * 1e3:g} ms" for name, spent_s, limit_s in limits if spent_s > limit_s]


def main() -> int:
    """Measure, print Markdown tables, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=150, help="questions asked of both (150)")
    parser.add_argument("--hits", type=int, default=20_000, help="replies taken from the cache (20,000)")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a limit is passed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serve_model(write_gguf(Path(folder) / "tiny.gguf")) as url:
        engine = open_engine(f"llama_server:{url}", settings=EngineSettings(cache_path=Path(folder) / "replies.sqlite")).engine
        assert engine
        with closing(engine):
            gc.set_threshold(100_000)  # as the command line does; this program has loaded much that no user does
            requests = measure_requests(url, engine, options.requests)
            over = report(requests, measure_hits(engine, kept=options.requests, hits=options.hits))
    for line in over:
        print(line, file=sys.stderr)
    return int(bool(over) and options.check)


if __name__ == "__main__":
    sys.exit(main())
