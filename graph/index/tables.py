"""The file that the index is kept in: SQLite, with FTS5 for the words."""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from graph.errors import StoreFault

_FORM = "7"
"""Goes up when the tables or what stands in them change; an older file is made anew."""

_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE merged (gone TEXT PRIMARY KEY, kept TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE source (
  id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, title TEXT NOT NULL, language TEXT NOT NULL,
  statements INTEGER NOT NULL, recorded TEXT NOT NULL, told BLOB NOT NULL
);
CREATE INDEX source_by_time ON source (recorded DESC, iri);
CREATE TABLE statement (
  id INTEGER PRIMARY KEY, iri TEXT NOT NULL, source INTEGER NOT NULL, quote TEXT NOT NULL,
  marks TEXT NOT NULL, language TEXT NOT NULL, kind TEXT NOT NULL,
  place INTEGER NOT NULL, depth INTEGER NOT NULL,
  recorded TEXT NOT NULL, is_latest INTEGER NOT NULL, is_part INTEGER NOT NULL
);
CREATE TABLE told (statement INTEGER PRIMARY KEY, facts BLOB NOT NULL);
CREATE TABLE shared (iri TEXT PRIMARY KEY, facts BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX statement_by_iri ON statement (iri);
CREATE INDEX statement_by_source ON statement (source);
CREATE INDEX statement_by_time
  ON statement (recorded DESC, depth DESC, place, iri) WHERE is_latest;
CREATE TABLE thing (
  id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, label TEXT NOT NULL, language TEXT NOT NULL,
  folded TEXT NOT NULL, narrates INTEGER NOT NULL
);
CREATE INDEX thing_by_label ON thing (folded);
CREATE TABLE link (
  statement INTEGER, role INTEGER, thing INTEGER, PRIMARY KEY (statement, role, thing)
) WITHOUT ROWID;
CREATE UNIQUE INDEX link_by_thing ON link (role, thing, statement);
CREATE TABLE tally (
  role INTEGER, thing INTEGER, number INTEGER NOT NULL, PRIMARY KEY (role, thing)
) WITHOUT ROWID;
CREATE INDEX tally_of_none ON tally (number) WHERE number = 0;
CREATE INDEX tally_of_thing ON tally (thing, number);
CREATE INDEX tally_by_number ON tally (role, number DESC, thing);
CREATE TABLE related (
  assessment TEXT PRIMARY KEY, subject TEXT NOT NULL, relation TEXT NOT NULL, object TEXT NOT NULL,
  rank INTEGER NOT NULL, candidate INTEGER NOT NULL, confidence REAL NOT NULL,
  source TEXT NOT NULL, finder TEXT NOT NULL, verdict TEXT NOT NULL, stands INTEGER NOT NULL,
  counts INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE found (
  finder TEXT, verdict TEXT, number INTEGER NOT NULL, PRIMARY KEY (finder, verdict)
) WITHOUT ROWID;
CREATE TRIGGER found_comes AFTER INSERT ON related WHEN new.stands BEGIN
  INSERT INTO found VALUES (new.finder, new.verdict, 1)
  ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER found_goes AFTER DELETE ON related WHEN old.stands BEGIN
  UPDATE found SET number = number - 1 WHERE finder = old.finder AND verdict = old.verdict;
  DELETE FROM found WHERE number = 0;
END;
CREATE INDEX dispute_by_rank ON related (rank, candidate, confidence DESC, assessment)
  WHERE counts;
INSERT INTO tally VALUES (0, 0, 0);  -- how many disputes count
CREATE TRIGGER dispute_comes AFTER INSERT ON related WHEN new.counts
  BEGIN UPDATE tally SET number = number + 1 WHERE role = 0; END;
CREATE TRIGGER dispute_goes AFTER DELETE ON related WHEN old.counts
  BEGIN UPDATE tally SET number = number - 1 WHERE role = 0; END;
CREATE INDEX dispute_by_subject ON related (subject) WHERE counts;
CREATE INDEX dispute_by_object ON related (object) WHERE counts;
CREATE INDEX related_by_source ON related (source);
CREATE INDEX related_by_finder ON related (finder, verdict, confidence DESC, assessment)
  WHERE stands;
CREATE VIRTUAL TABLE words USING fts5 (
  quote, meaning, things, prefix = '2 3',
  tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);
CREATE VIRTUAL TABLE names USING fts5 (
  text, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);
CREATE VIRTUAL TABLE titles USING fts5 (
  text, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);
"""

_READING_KB, _WRITING_KB = 500, 32_000
"""As much of the file a connection holds in memory; each of a hundred threads has one, so
what only reads leaves that to the system, which holds it once for all."""

_BUSY_S = 30
"""How long to wait while another process writes to the file."""


class Tables:
    """The file, with a connection for each thread that reads and one lock to write."""

    def __init__(self, path: Path, base: str) -> None:
        """Open the file, made where there is none or where it is of no use.

        Raises: StoreFault if the disk refuses.
        """
        self._path = path
        self._base = base
        self._form = f"{_FORM} {base}"
        self._own = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._age = 0
        self.lock = threading.RLock()
        with self.faults():
            try:
                sound = self.get("form") == self._form
            except sqlite3.DatabaseError:
                sound = False
            if not sound:
                self.make_anew()

    def connection(self) -> sqlite3.Connection:
        """The connection of this thread."""
        if getattr(self._own, "age", None) != self._age:
            made = sqlite3.connect(
                self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            # After a power cut the last changes may be missing, never torn: they are made again.
            for line in (
                "journal_mode = WAL",
                "synchronous = NORMAL",
                "temp_store = MEMORY",
                "recursive_triggers = ON",
            ):
                made.execute(f"PRAGMA {line}")
            _hold(made, _READING_KB)
            made.create_function("unpacked", 1, zlib.decompress, deterministic=True)
            self._own.connection, self._own.age = made, self._age
            self._open.append(made)
        connection: sqlite3.Connection = self._own.connection
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One change, all of it or none."""
        with self.lock, self.faults():
            connection = self.connection()
            _hold(connection, _WRITING_KB)
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
            finally:
                _hold(connection, _READING_KB)

    @contextmanager
    def faults(self) -> Iterator[None]:
        """What SQLite says went wrong, as a fault of ours."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreFault(
                f"The index {self._path} cannot be used: {error}. No statement is lost: make room "
                "on the disk, delete the file, and give `ascribe index`."
            ) from None

    def make_anew(self) -> None:
        """Begin with an empty file."""
        with self.lock, self.faults():
            self.close()
            for end in ("", "-wal", "-shm"):
                Path(f"{self._path}{end}").unlink(missing_ok=True)
            connection = self.connection()
            connection.executescript(f"BEGIN; {_TABLES} COMMIT;")
            self._path.chmod(0o600)
            self.set("form", self._form)

    def get(self, name: str) -> str:
        """What the file says about itself; empty if nothing."""
        connection = self.connection()
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'about'").fetchone():
            return ""
        row = connection.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set(self, name: str, value: object) -> None:
        """Have the file say something about itself."""
        self.connection().execute("REPLACE INTO about VALUES (?, ?)", (name, str(value)))

    def close(self) -> None:
        """Let go of the file."""
        self._age += 1
        while self._open:
            with suppress(sqlite3.Error):
                self._open.pop().close()


def _hold(connection: sqlite3.Connection, kilobytes: int) -> None:
    connection.execute(f"PRAGMA cache_size = -{kilobytes}")
