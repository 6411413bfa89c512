"""The log of writes: synced before they are acknowledged, and the history afterwards.

Each write is one line: a CRC-32, then JSON with the revision, the time, the act,
the bundle, who asked, and the quads added and removed. A line costs one fsync
(0.3 ms where a flush of the store costs 13 ms), so an acknowledged write is on
disk; Oxigraph's own log need not be. Where the store is behind at the next
start, the lines it lacks are applied again: applying one twice changes nothing.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, parse

from graph.errors import StoreFault

_CONTROL = bytes({*range(32)} - {*b"\n"})


@dataclass(frozen=True, slots=True)
class Write:
    """One write: what changed, when, on whose word.

    Shape: what came and what left stand as N-Quads, as they do in the log, and
        are read only where they are looked into; `until` is the revision of the
        last write of a request that was all or nothing; of an `exact` one nothing
        came that was there, so that it can be taken back.
    """

    revision: int
    at: str
    act: str
    bundle: str
    by: str
    coming: bytes = b""
    leaving: bytes = b""
    until: int = 0
    exact: bool = False

    @property
    def added(self) -> tuple[Quad, ...]:
        """The quads that came."""
        return tuple(parse(self.coming, RdfFormat.N_QUADS))

    @property
    def removed(self) -> tuple[Quad, ...]:
        """The quads that left."""
        return tuple(parse(self.leaving, RdfFormat.N_QUADS))


class Journal:
    """The log of one dataset folder. One process writes it, the one with the store."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open a log, made where there is none; a torn last line is cut off.

        A torn line is a write that was never acknowledged. Opened read-only, as
        beside a server, nothing is made or cut.

        Raises: StoreFault if the disk refuses.
        """
        self._path = path
        try:
            if not read_only:
                path.touch(mode=0o600)
                _sync_folder(path.parent)
            self._end = _sound_length(path)
            if not read_only:
                os.truncate(path, self._end)
        except OSError as error:
            raise StoreFault(f"{path} cannot be opened: {error.strerror}.") from None

    @property
    def length(self) -> int:
        """How many bytes of whole lines there are."""
        return self._end

    def is_writable(self) -> bool:
        """Whether the disk lets the log be opened for writing."""
        try:
            with self._path.open("ab"):
                return True
        except OSError:
            return False

    def append(self, writes: Iterable[Write]) -> None:
        """Log some writes with one sync: once this returns they are durable.

        Interrupted, all of them are logged or none, and `length` tells which.

        Raises: StoreFault with nothing logged if the disk is full or read-only.
        """
        lines = b"".join(map(_as_line, writes))
        try:
            with self._path.open("ab") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
                self._end += len(lines)
        except BaseException as error:
            self._cut()
            if not isinstance(error, OSError):
                raise
            raise StoreFault(
                f"The write was not logged, so nothing was stored: {self._path}: "
                f"{(error.strerror or str(error)).lower()}."
            ) from None

    def writes(self, after: int = 0) -> Iterator[Write]:
        """The writes after a revision, oldest first.

        Raises: StoreFault naming a damaged line.
        """
        with self._path.open("rb") as file:
            file.seek(self._start_of(after))
            while file.tell() < self._end:
                line = file.readline()
                write = _as_write(line)
                if write is None:
                    raise StoreFault(f"{self._path} has a damaged line: {line[:60]!r}.")
                if write.revision > after:
                    yield write

    def size_after(self, revision: int) -> int:
        """How many bytes the writes after a revision take."""
        return self._end - self._start_of(revision)

    def latest(self) -> Write | None:
        """The last write, if there is one."""
        if self._end == 0:
            return None
        with self._path.open("rb") as file, _mapped(file.fileno()) as lines:
            return _as_write(lines[lines.rfind(b"\n", 0, self._end - 1) + 1 : self._end])

    def cut_after(self, revision: int) -> None:
        """Forget the writes after a revision, as a restored copy may.

        Raises: StoreFault if the disk refuses.
        """
        self._end = self._start_of(revision)
        try:
            os.truncate(self._path, self._end)
        except OSError as error:
            raise StoreFault(f"{self._path} cannot be cut: {error.strerror}.") from None

    def _start_of(self, after: int) -> int:
        """Where the writes that are newer than `after` begin: halving, for they are in order.

        A damaged line counts as newer: whoever reads from there meets it.
        """
        if after == 0 or self._end == 0:
            return 0
        with self._path.open("rb") as file, _mapped(file.fileno()) as lines:
            start, end = 0, self._end
            while start < end:
                before = _line_start(lines, (start + end) // 2 + 1)
                behind = lines.find(b"\n", before) + 1
                write = _as_write(lines[before:behind])
                if write is not None and write.revision <= after:
                    start = behind
                else:
                    end = before
            return start

    def _cut(self) -> None:
        with suppress(OSError):  # read-only by now: the torn line is cut at the next start
            os.truncate(self._path, self._end)


def _sound_length(path: Path) -> int:
    """The length of a log without a torn last line, and the request it belonged to."""
    if path.stat().st_size == 0:
        return 0
    with path.open("rb") as file, _mapped(file.fileno()) as lines:
        end = lines.rfind(b"\n") + 1
        start = _line_start(lines, end)
        last = _as_write(lines[start:end])
        if last is None:
            end, start = start, _line_start(lines, start)
            last = _as_write(lines[start:end])
        if last is None or last.until <= last.revision:
            return end
        while start > 0:
            before = _line_start(lines, start)
            earlier = _as_write(lines[before:start])
            if earlier is None or earlier.until != last.until:
                break
            start = before
        return start


def _line_start(lines: mmap.mmap, end: int) -> int:
    return lines.rfind(b"\n", 0, max(end - 1, 0)) + 1


def _mapped(descriptor: int) -> mmap.mmap:
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _as_line(write: Write) -> bytes:
    facts = {
        "revision": write.revision,
        "at": write.at,
        "act": write.act,
        "bundle": write.bundle,
        "by": write.by,
        **({"until": write.until} if write.until else {}),
        **({"exact": True} if write.exact else {}),
    }
    head = json.dumps(facts, ensure_ascii=False).encode().removesuffix(b"}")
    changes = _as_json(write.coming), _as_json(write.leaving)
    text = b'%b, "added": %b, "removed": %b}' % (head, *changes)
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _as_json(nquads: bytes) -> bytes:
    """N-Quads as a string in JSON.

    Line ends are the only control characters in them, and `json.dumps`, which looks
    at each character, took a tenth as long as the whole load of a bundle; a regular
    expression that looks for others took a twentieth.
    """
    if len(nquads.translate(None, _CONTROL)) < len(nquads):
        return json.dumps(nquads.decode(), ensure_ascii=False).encode()
    escaped = nquads.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"%b"' % escaped


def _as_write(line: bytes) -> Write | None:
    """The write that a line holds, or None if the line is torn or damaged."""
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
        return None
    facts = json.loads(text)
    coming, leaving = facts.pop("added").encode(), facts.pop("removed").encode()
    return Write(**facts, coming=coming, leaving=leaving)
