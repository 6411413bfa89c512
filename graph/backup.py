"""Backup and restore: a dataset's log is its history, so a copy of the log is enough.

A backup is a folder: `ascribe.json`, the log, the archived texts, the tokens, and
`backup.json`, which says how long each file is and what its SHA-256 is. The log is
only ever added to, so the next backup into the same folder adds the new part; what
counts is as much of it as `backup.json` names, which is put in place last.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from graph.dataset import DATASET, LOG, TOKENS
from graph.errors import BadInput, Conflict, NotFound, StoreFault
from graph.journal import Journal
from graph.proof import in_order
from graph.texts import UNFINISHED, TextArchive, write_durably

CATALOG = "backup.json"

_NAMES = re.compile(
    r"ascribe\.json|journal\.log|tokens-[0-9a-f]{12}\.json|texts/[0-9a-f]{64}", re.ASCII
)
_CHUNK = 1_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of a backup, as it has to be."""

    bytes: int = 0
    sha256: str = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: all writes up to a revision, and the files by name.

    Shape: tokens stand under a name with their digest, so that new ones do not
        overwrite what an earlier `backup.json` names.
    """

    dataset: str = ""
    made: str = ""
    revision: int = 0
    files: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def texts(self) -> set[str]:
        """The digests of the texts it holds."""
        return {name.partition("/")[2] for name in self.files if name.startswith("texts/")}


def back_up(folder: Path, target: Path) -> tuple[Backup, Backup]:
    """Copy a dataset to a folder, also while another process writes it.

    What is there of an earlier backup is kept, and only the new is copied. A
    backup that is interrupted leaves the earlier one as it was.

    Shape: the earlier backup, which may be an empty one, and the new.
    Raises: NotFound if the folder is no dataset; BadInput if the target holds
        something else; Conflict if it is a backup of another dataset; StoreFault
        if the dataset is damaged, or the disk is full.
    """
    if not (folder / DATASET).exists():
        raise NotFound(f"{folder} is no dataset: it has no {DATASET}. Name a dataset's folder.")
    with _as_before(target), _claimed(target) as earlier:
        log = _log_up_to_now(folder, target, earlier)
        files = {
            LOG: _extend(folder / LOG, target / LOG, earlier.files.get(LOG, Kept()), log.length),
            DATASET: _put(target, DATASET, (folder / DATASET).read_bytes()),
        }
        with suppress(FileNotFoundError):
            tokens = (folder / TOKENS).read_bytes()
            name = f"tokens-{hashlib.sha256(tokens).hexdigest()[:12]}.json"
            files[name] = _put(target, name, tokens)
        files |= _texts(TextArchive(folder / "texts"), target, earlier)
        latest = log.latest()
        made = datetime.now(UTC).isoformat(timespec="seconds")
        backup = Backup(
            str(folder.absolute()),
            made,
            latest.revision if latest else 0,
            dict(sorted(files.items())),
        )
        _write(target, backup)
        for name in earlier.files.keys() - files.keys():
            (target / name).unlink(missing_ok=True)
    return earlier, backup


def read_backup(source: Path) -> Backup:
    """What a backup says it holds.

    Raises: NotFound if the folder is no backup, or none was ever finished;
        StoreFault if its `backup.json` is damaged.
    """
    try:
        backup = _read(source)
    except FileNotFoundError:
        raise NotFound(f"{source} is no backup: it has no {CATALOG}.") from None
    if not backup.files:
        raise NotFound(f"No backup was ever finished in {source}: make it again.")
    return backup


def _log_up_to_now(folder: Path, target: Path, earlier: Backup) -> Journal:
    """The log as far as it is sound, if it goes on where the earlier backup ends.

    Raises: Conflict; StoreFault naming a damaged line.
    """
    log = Journal(folder / LOG, read_only=True)
    kept = earlier.files.get(LOG, Kept())
    if log.length < kept.bytes or _digest(folder / LOG, kept.bytes) != kept.sha256:
        raise Conflict(
            f"{target} is a backup of another dataset ({earlier.dataset}, {earlier.made}): its "
            f"log does not begin as that of {folder} does. Name a new folder."
        )
    for _ in in_order(log.writes(after=earlier.revision), earlier.revision):
        pass
    return log


def _extend(source: Path, target: Path, kept: Kept, length: int) -> Kept:
    """Add to a copy of a log what is new, and drop what an interrupted backup added."""
    digest = hashlib.sha256()
    with source.open("rb") as log, target.open("ab") as copy:
        os.fsync(log.fileno())  # what a power cut could still take must not be ahead here
        if os.fstat(copy.fileno()).st_size < kept.bytes:
            raise StoreFault(f"{target} is damaged: it is too short. Name a new folder.")
        copy.truncate(kept.bytes)
        try:
            for place, part in parts(log, length):
                digest.update(part)
                copy.write(part[max(0, kept.bytes - place) :])
            copy.flush()
            os.fsync(copy.fileno())
        except OSError:
            with suppress(OSError):
                os.truncate(target, kept.bytes)
            raise
    target.chmod(0o600)
    return Kept(length, digest.hexdigest())


def _texts(archive: TextArchive, target: Path, earlier: Backup) -> dict[str, Kept]:
    """Copy the texts that are not there yet; all of them, by name.

    Raises: StoreFault if one is damaged.
    """
    kept = {f"texts/{digest}": earlier.files[f"texts/{digest}"] for digest in earlier.texts}
    for digest in archive.digests():
        name = f"texts/{digest}"
        if name not in kept:
            kept[name] = _put(target, name, archive.get(digest) or b"")
            if kept[name].sha256 != digest:
                raise StoreFault(
                    f"The archived text {digest} is damaged: its SHA-256 is another. Put it "
                    "back from an earlier backup, or add its bundle again with the text."
                )
    return kept


def _put(target: Path, name: str, content: bytes) -> Kept:
    kept = Kept(len(content), hashlib.sha256(content).hexdigest())
    if not (target / name).exists() or _digest(target / name) != kept.sha256:
        write_durably(target / name, content)
    return kept


def _digest(path: Path, length: int | None = None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for _, part in parts(file, path.stat().st_size if length is None else length):
            digest.update(part)
    return digest.hexdigest()


def parts(file: IO[bytes], length: int) -> Iterator[tuple[int, bytes]]:
    """The first bytes of a file, in pieces with their places."""
    place = 0
    while place < length and (part := file.read(min(_CHUNK, length - place))):
        yield place, part
        place += len(part)


@contextmanager
def _claimed(target: Path) -> Iterator[Backup]:
    """A folder for one backup at a time, and what it holds of an earlier one.

    Raises: BadInput if it holds something else; StoreFault if another is under way.
    """
    if target.exists() and not target.is_dir():
        raise BadInput(f"{target} is a file: name a folder for the backup.")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for leftover in target.rglob(f"{UNFINISHED}*"):
            leftover.unlink()
        if not any(target.iterdir()):
            _write(target, Backup())
        if not (target / CATALOG).exists():
            raise BadInput(
                f"{target} holds something else than a backup. Name a new or empty folder."
            )
        yield _read(target)
    except BlockingIOError:
        raise StoreFault(f"Another backup to {target} is under way: let it end.") from None
    finally:
        os.close(descriptor)


@contextmanager
def _as_before(target: Path) -> Iterator[None]:
    """The disk's errors, in words."""
    try:
        yield
    except (OSError, StoreFault) as error:
        reason = str(error) if isinstance(error, StoreFault) else f"{error.strerror}."
        raise StoreFault(
            f"No backup was made, and {target} holds what it held before. {reason}"
        ) from None


def _read(folder: Path) -> Backup:
    facts: dict[str, Any] = {}
    try:
        facts = json.loads((folder / CATALOG).read_text("utf-8"))
        facts["files"] = {_known(name): Kept(**each) for name, each in facts["files"].items()}
        facts.pop("ascribe backup")
        return Backup(**facts)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StoreFault(
            f"{folder / CATALOG} is damaged: expected what `ascribe backup` writes."
        ) from None


def _known(name: str) -> str:
    """The name, if it is one that a backup has: none leads out of its folder."""
    if not _NAMES.fullmatch(name):
        raise ValueError(name)
    return name


def _write(folder: Path, backup: Backup) -> None:
    text = json.dumps({"ascribe backup": 1, **asdict(backup)}, indent=2) + "\n"
    write_durably(folder / CATALOG, text.encode())
