"""The response cache: the same question to the same model is asked once."""

from __future__ import annotations

import hashlib
import sqlite3
import time
import zlib
from collections.abc import Callable

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.llm.layers.cache_database import charged_bytes
from notewright.llm.layers.cache_file import CacheFile
from notewright.llm.layers.layer import Layer
from notewright.prompting.request import Identity, Messages, Reply, Request
from notewright.rendering.canonical import canonical_line
from notewright.system.database import transaction

_DAY_S = 86_400
_ANY_AGE = (float("-inf"), float("inf"))


class ResponseCache:
    """Replies by key, the least recently used leaving first when they take more than `most_bytes`; older than `ttl_days` none is
    given. Thread-safe. `clock` gives seconds since 1970."""

    def __init__(self, file: CacheFile, *, most_bytes: int, ttl_days: float | None = None, clock: Callable[[], float] = time.time) -> None:
        self.hits = 0
        self._file = file
        self._most_bytes = most_bytes
        self._ttl_s = None if ttl_days is None else ttl_days * _DAY_S
        self._clock = clock
        # how often each was used, last used last; written together with the next reply: a hit is a read and waits for no writer
        self._used: dict[bytes, int] = {}

    def get(self, key: bytes) -> Reply | None:
        """Return the reply kept under `key`, as one that cost nothing."""

        def look(connection: sqlite3.Connection) -> Reply | None:
            row = connection.execute(
                "SELECT text, confidence, checksum FROM replies WHERE key = ? AND kept_at BETWEEN ? AND ?", (key, *self._ages())
            ).fetchone()
            if row is None or row[2] != _checksum(key, row[0]):  # SQLite itself would not see a byte that changed on the disk
                return None
            self.hits += 1
            self._used[key] = self._used.pop(key, 0) + 1
            return Reply(str(row[0], "utf-8"), "stop", 0, 0, 0, 0.0, replayed=True, confidence=row[1])

        return self._file.ask(look, None)

    def put(self, key: bytes, reply: Reply) -> None:
        """Keep a reply, in the place of one that lies there."""
        text = reply.text.encode()

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                now = self._mark_used(connection)
                connection.execute("DELETE FROM replies WHERE key = ?", (key,))
                connection.execute(
                    "INSERT INTO replies (key, text, confidence, checksum, kept_at, used) VALUES (?, ?, ?, ?, ?, ?)",
                    (key, text, reply.confidence, _checksum(key, text), self._clock(), now),
                )
                self._shrink(connection)

        if charged_bytes(len(text)) <= self._most_bytes:
            self._file.ask(write, None)

    def flush(self) -> None:
        """Write down which replies were used."""

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                self._mark_used(connection)

        if self._used:
            self._file.ask(write, None)

    def _ages(self) -> tuple[float, float]:
        """Return between which moments a reply that counts was kept: one from the future has no age that could be believed."""
        if self._ttl_s is None:
            return _ANY_AGE
        now = self._clock()
        return now - self._ttl_s, now

    def _mark_used(self, connection: sqlite3.Connection) -> int:
        """Mark the replies used since the last time; return the mark of what is written now. Marks count up, and need no clock."""
        mark = int(connection.execute("SELECT coalesce(max(used), 0) + 1 FROM replies").fetchone()[0])
        if self._used:
            marks = [(mark + place, key) for place, key in enumerate(self._used)]
            connection.executemany("UPDATE replies SET used = ? WHERE key = ?", marks)
            connection.execute("UPDATE totals SET hits = hits + ?", (sum(self._used.values()),))
            mark += len(self._used)
            self._used.clear()
        return mark

    def _shrink(self, connection: sqlite3.Connection) -> None:
        replies, text_bytes = connection.execute("SELECT replies, text_bytes FROM totals").fetchone()
        excess, leaving = charged_bytes(text_bytes, replies=replies) - self._most_bytes, []
        if excess <= 0:
            return
        oldest = connection.execute("SELECT id, length(text) FROM replies ORDER BY used, id")
        while excess > 0 and (row := oldest.fetchone()) is not None:
            leaving.append((row[0],))
            excess -= charged_bytes(row[1])
        oldest.close()
        connection.executemany("DELETE FROM replies WHERE id = ?", leaving)


class Cached(Layer):
    """Replays replies. What was cut off or breaks its schema never comes so far: the layer of validation lies below."""

    def __init__(self, inner: Engine, cache: ResponseCache) -> None:
        super().__init__(inner)
        self._cache = cache
        self._identity: Identity | None = None

    def identity(self) -> Identity:
        """Say who answers. Asked once, as an engine keeps its answer anyway: all the layers below would cost more than a hit."""
        if self._identity is None:
            self._identity = self.inner.identity()
        return self._identity

    def count(self, messages: Messages) -> int | None:
        """Count prompt tokens, from the cache where they were counted before: the choice of a model starts none."""
        identity = self.identity()
        if not identity.digest:
            return self.inner.count(messages)
        key = _key(messages, ["count", identity.digest, identity.engine, identity.runtime])
        if (kept := self._cache.get(key)) is not None:
            return int(kept.text)
        tokens = self.inner.count(messages)
        if tokens is not None:
            self._cache.put(key, Reply(str(tokens), "stop", 0, 0, 0, 0.0))
        return tokens

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer from the cache, else from the engine."""
        identity = self.identity()
        if not identity.digest:  # who cannot say which model answers may be another one tomorrow
            return self.inner.chat(request, cancel)
        key = reply_key(request, identity)
        if (kept := self._cache.get(key)) is not None:
            return kept
        reply = self.inner.chat(request, cancel)
        self._cache.put(key, reply)
        return reply

    def close(self) -> None:
        """Write down what was used, and close the engine inside."""
        self._cache.flush()
        super().close()


def reply_key(request: Request, identity: Identity) -> bytes:
    """Digest what a reply depends on: task, schema, prompt and its version, language, settings, model digest and engine.

    Time limits, the slot and the measure of hardness change no reply; nor does the context's length, because a prompt is never cut
    and a reply that was cut is never kept; and a model that was renamed is the same model.
    """
    return _key(
        request.messages,
        [
            [request.task, request.schema, request.prompt, request.language],
            [request.max_tokens, request.temperature, request.seed, request.weigh],
            [identity.digest, identity.engine, identity.runtime],
        ],
    )


def _key(messages: Messages, about: list[object]) -> bytes:
    texts = [message.content.encode("utf-8", "surrogatepass") for message in messages]
    # with their sizes, so that no text can be taken for two
    sizes = [[message.role, len(text)] for message, text in zip(messages, texts, strict=True)]
    key = hashlib.sha256(canonical_line([*about, sizes]))
    for text in texts:
        key.update(text)
    return key.digest()


def _checksum(key: bytes, text: bytes) -> int:
    return zlib.crc32(text, zlib.crc32(key))
