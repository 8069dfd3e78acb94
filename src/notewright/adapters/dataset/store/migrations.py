"""The layout of a store of datasets, as the steps that lead to it."""

from __future__ import annotations

from typing import Final

from notewright.system.database import Migration

# States of a task. One set aside belongs to no passage in use, or not to the latest generation.
ASIDE: Final = 0
READY: Final = 1
LEASED: Final = 2
DONE: Final = 3
FAILED: Final = 4

# Four duties: what was seen of which file (files, units), the samples (results, pairs), what failed (failures), and where the work
# stands (state, counters, runs). Rows are found by a digest, but lie in the order of their coming: measured at 8 million tasks, a table
# that is ordered by digests does a fifth of the transactions.
MIGRATIONS: Final = (
    Migration(
        "m001_dataset",
        (
            "CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
            "INSERT INTO state VALUES ('epoch', 0), ('generation', 0)",
            # where content comes from: a snapshot is replaced as a whole, and one that is not its repository's counts for nothing yet
            "CREATE TABLE repositories (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, ref TEXT NOT NULL, commit_sha TEXT NOT NULL, "
            "license TEXT NOT NULL, state TEXT NOT NULL, error TEXT NOT NULL, snapshot INTEGER)",
            "CREATE TABLE snapshots (id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE, "
            "commit_sha TEXT NOT NULL, prepared_digest TEXT NOT NULL)",
            "CREATE INDEX snapshots_by_repository ON snapshots (repository)",
            "CREATE TABLE files (id INTEGER PRIMARY KEY, snapshot INTEGER NOT NULL REFERENCES snapshots ON DELETE CASCADE, "
            "path BLOB NOT NULL, oid TEXT NOT NULL, unit INTEGER REFERENCES units, dropped TEXT NOT NULL, language TEXT NOT NULL, "
            "license TEXT NOT NULL, UNIQUE (snapshot, path))",
            "CREATE INDEX files_by_unit ON files (unit) WHERE unit IS NOT NULL",
            # content: a blob in a language, cut once; and its passages, which other blobs may hold too
            "CREATE TABLE units (id INTEGER PRIMARY KEY, oid TEXT NOT NULL, language TEXT NOT NULL, cutter TEXT NOT NULL, "
            "dropped TEXT NOT NULL, in_use INTEGER NOT NULL, seeded INTEGER NOT NULL, UNIQUE (oid, language, cutter))",
            "CREATE INDEX units_to_seed ON units (id) WHERE in_use = 1 AND seeded = 0",
            # the text is compressed: 2.7 times less to write and to read, for 70 microseconds a passage
            "CREATE TABLE passages (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, language TEXT NOT NULL, path TEXT NOT NULL, "
            "header TEXT NOT NULL, text BLOB NOT NULL)",
            "CREATE TABLE cuts (unit INTEGER NOT NULL REFERENCES units, position INTEGER NOT NULL, start INTEGER NOT NULL, "
            "end INTEGER NOT NULL, line_start INTEGER NOT NULL, line_end INTEGER NOT NULL, tokens INTEGER NOT NULL, "
            "definition INTEGER NOT NULL, passage INTEGER REFERENCES passages, dropped TEXT NOT NULL, PRIMARY KEY (unit, position)) "
            "WITHOUT ROWID",
            "CREATE INDEX cuts_by_passage ON cuts (passage) WHERE passage IS NOT NULL",
            # how things are done
            "CREATE TABLE variants (id INTEGER PRIMARY KEY, stage TEXT NOT NULL, digest TEXT NOT NULL, prompt TEXT NOT NULL, "
            "model TEXT NOT NULL, UNIQUE (stage, digest))",
            "CREATE TABLE generations (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, cutter TEXT NOT NULL, "
            "started_at TEXT NOT NULL)",
            "CREATE TABLE generation_variants (generation INTEGER NOT NULL REFERENCES generations, stage TEXT NOT NULL, "
            "variant INTEGER NOT NULL REFERENCES variants, PRIMARY KEY (generation, stage)) WITHOUT ROWID",
            # what is done: `epoch` is that in which the task was reached last, `turn` puts what failed or was interrupted behind the rest
            "CREATE TABLE tasks (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, passage INTEGER NOT NULL REFERENCES passages, "
            "variant INTEGER NOT NULL REFERENCES variants, ordinal INTEGER NOT NULL, state INTEGER NOT NULL, epoch INTEGER NOT NULL, "
            "turn INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, interruptions INTEGER NOT NULL DEFAULT 0, "
            "failure TEXT NOT NULL DEFAULT '', given TEXT NOT NULL)",
            "CREATE INDEX tasks_by_passage ON tasks (passage)",
            "CREATE INDEX tasks_ready ON tasks (turn, passage) WHERE state = 1",
            "CREATE INDEX tasks_leased ON tasks (passage) WHERE state = 2",
            "CREATE INDEX tasks_failed ON tasks (failure) WHERE state = 4",
            "CREATE TABLE results (task INTEGER PRIMARY KEY REFERENCES tasks, calls INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, "
            "cached_tokens INTEGER NOT NULL, generated_tokens INTEGER NOT NULL, milliseconds INTEGER NOT NULL, children TEXT NOT NULL, "
            "result TEXT NOT NULL)",
            "CREATE TABLE pairs (id INTEGER PRIMARY KEY, task INTEGER NOT NULL REFERENCES tasks, ordinal INTEGER NOT NULL, "
            "kind TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, verdict TEXT NOT NULL, question TEXT NOT NULL, "
            "answer TEXT NOT NULL, signature BLOB NOT NULL)",
            "CREATE INDEX pairs_by_task ON pairs (task)",
            "CREATE TABLE failures (id INTEGER PRIMARY KEY, task INTEGER NOT NULL REFERENCES tasks, kind TEXT NOT NULL, "
            "message TEXT NOT NULL, failed_at TEXT NOT NULL)",
            "CREATE INDEX failures_by_task ON failures (task)",
            # kept up in the transaction that changes what they count: counting 8 million tasks takes 12 s
            "CREATE TABLE counters (generation INTEGER NOT NULL, stage TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL, "
            "count INTEGER NOT NULL, PRIMARY KEY (generation, stage, what, detail)) WITHOUT ROWID",
            "CREATE TABLE runs (id INTEGER PRIMARY KEY, generation INTEGER NOT NULL REFERENCES generations, started_at TEXT NOT NULL, "
            "ended_at TEXT, ended TEXT NOT NULL, tasks INTEGER NOT NULL, failures INTEGER NOT NULL, pairs INTEGER NOT NULL, "
            "calls INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, generated_tokens INTEGER NOT NULL, "
            "milliseconds INTEGER NOT NULL)",
        ),
    ),
)
