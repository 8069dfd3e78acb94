"""The response cache: the same question to the same model is asked once."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import asdict

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.llm.layers.cache_file import CacheFile
from notewright.llm.layers.layer import Layer
from notewright.prompting.reply import InvalidReply, read_reply
from notewright.prompting.request import Identity, Reply, Request
from notewright.rendering.canonical import canonical_line
from notewright.system.database import transaction


class ResponseCache:
    """Replies by key, the least recently used leaving first when their texts take more than `most_bytes`. Thread-safe."""

    def __init__(self, file: CacheFile, *, most_bytes: int) -> None:
        self.hits = 0
        self._file = file
        self._most_bytes = most_bytes
        # written together with the next reply: a hit is a read and waits for no writer
        self._touched: dict[bytes, None] = {}

    def get(self, key: bytes) -> str | None:
        """Return the text kept under `key`."""

        def look(connection: sqlite3.Connection) -> str | None:
            row = connection.execute("SELECT text FROM replies WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            self.hits += 1
            self._touched[key] = None
            return str(row[0], "utf-8")

        return self._file.ask(look, None)

    def put(self, key: bytes, text: str) -> None:
        """Keep a text. The first one under a key stays."""
        content = text.encode()

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                now = self._touch(connection)
                connection.execute(
                    "INSERT INTO replies (key, text, used) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING", (key, content, now)
                )
                self._shrink(connection)

        if len(content) <= self._most_bytes:
            self._file.ask(write, None)

    def flush(self) -> None:
        """Write down which replies were used."""

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                self._touch(connection)

        if self._touched:
            self._file.ask(write, None)

    def _touch(self, connection: sqlite3.Connection) -> int:
        """Mark the replies used since the last time; return the mark of what is written now. Marks count up, and need no clock."""
        mark = int(connection.execute("SELECT coalesce(max(used), 0) + 1 FROM replies").fetchone()[0])
        keys = list(self._touched)
        connection.executemany("UPDATE replies SET used = ? WHERE key = ?", [(mark + place, key) for place, key in enumerate(keys)])
        self._touched.clear()
        return mark + len(keys)

    def _shrink(self, connection: sqlite3.Connection) -> None:
        (size,) = connection.execute("SELECT bytes FROM size").fetchone()
        excess, leaving = size - self._most_bytes, []
        oldest = connection.execute("SELECT id, length(text) FROM replies ORDER BY used, id")
        while excess > 0 and (row := oldest.fetchone()) is not None:
            leaving.append((row[0],))
            excess -= row[1]
        oldest.close()
        connection.executemany("DELETE FROM replies WHERE id = ?", leaving)


class Cached(Layer):
    """Replays valid replies. A reply that was cut off or breaks its schema is never kept."""

    def __init__(self, inner: Engine, cache: ResponseCache) -> None:
        super().__init__(inner)
        self._cache = cache

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer from the cache, else from the engine."""
        identity = self.inner.identity()
        if not identity.digest:  # who cannot say which model answers may be another one tomorrow
            return self.inner.chat(request, cancel)
        key = reply_key(request, identity)
        if (text := self._cache.get(key)) is not None:
            return Reply(text, "stop", 0, 0, 0, 0.0, replayed=True)
        reply = self.inner.chat(request, cancel)
        if _is_valid(reply, request):
            self._cache.put(key, reply.text)
        return reply

    def close(self) -> None:
        """Write down what was used, and close the engine inside."""
        self._cache.flush()
        super().close()


def reply_key(request: Request, identity: Identity) -> bytes:
    """Digest everything that a reply depends on: all of the request but its time limit, and who answers."""
    asked = {name: value for name, value in asdict(request).items() if name != "timeout_s"}
    return hashlib.sha256(canonical_line([asked, asdict(identity)])).digest()


def _is_valid(reply: Reply, request: Request) -> bool:
    try:
        read_reply(reply, request.schema)
    except InvalidReply:
        return False
    return True
