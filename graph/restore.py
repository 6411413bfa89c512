"""Restore: a dataset rebuilt from a backup, every byte of which is checked on the way."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from graph.backup import CATALOG, Backup, Kept, parts, read_backup
from graph.bundle import Graphs
from graph.dataset import LOG, TOKENS, made_whole, read_manifest
from graph.errors import NotFound, StoreFault
from graph.journal import Journal, Write
from graph.proof import Proof, in_order, prove, replay
from graph.store.oxigraph import OxigraphStore
from graph.texts import TextArchive


def restore(source: Path, folder: Path, to_revision: int | None = None) -> tuple[Backup, Proof]:
    """Rebuild a dataset from a backup in a new folder.

    The folder is there when all is done and proven, and not before. With
    `to_revision` later writes are left out; later texts and tokens are not.

    Shape: the backup, and the proof that what was made of it is whole.
    Raises: NotFound if there is no backup, or not that revision in it; BadInput
        if the folder holds something; StoreFault if the backup is damaged, or
        the disk is full, with nothing left behind.
    """
    backup = read_backup(source)
    with made_whole(folder, "restoring", "restored", "what is restored") as made:
        for name, kept in backup.files.items():
            _copy(source / name, made / _name_of(name), kept)
        proof = rebuilt(made, _sound_log(source, made, backup, to_revision))
    return backup, proof


def _name_of(name: str) -> str:
    return TOKENS if name.startswith("tokens-") else name


def _copy(source: Path, target: Path, kept: Kept) -> None:
    """Copy as much of a file as counts, if it is what it has to be.

    Raises: StoreFault if it is not.
    """
    digest, length = hashlib.sha256(), 0
    target.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with source.open("rb") as file, target.open("xb") as copy:
            target.chmod(0o600)
            for _, part in parts(file, kept.bytes):
                digest.update(part)
                length += copy.write(part)
            copy.flush()
            os.fsync(copy.fileno())
    except FileNotFoundError:
        raise _damaged(source, "it is not there") from None
    if length < kept.bytes:
        raise _damaged(source, f"it has {length:,} bytes of {kept.bytes:,}")
    if digest.hexdigest() != kept.sha256:
        raise _damaged(source, f"its SHA-256 is not the one that {CATALOG} names")


def _sound_log(source: Path, made: Path, backup: Backup, to_revision: int | None) -> Journal:
    """The copied log, each line of which is sound and follows the one before it.

    Raises: StoreFault if one does not; NotFound if it does not reach `to_revision`.
    """
    log = Journal(made / LOG, read_only=True)
    last: Write | None = None
    wanted: Write | None = None
    try:
        for last in in_order(log.writes()):
            wanted = last if last.revision == to_revision else wanted
    except StoreFault as fault:
        raise _damaged(source / LOG, str(fault)) from None
    revision = last.revision if last else 0
    if (log.length, revision) != (backup.files[LOG].bytes, backup.revision):
        raise _damaged(
            source / LOG, f"it ends at revision {revision}, and {CATALOG} says {backup.revision}"
        )
    if to_revision is not None:
        _cut(log, revision, wanted, to_revision)
    return log


def _cut(log: Journal, revision: int, wanted: Write | None, to_revision: int) -> None:
    if to_revision and wanted is None:
        raise NotFound(f"The backup has no revision {to_revision}: it ends at {revision}.")
    if wanted is not None and wanted.until > to_revision:
        raise NotFound(
            f"Revision {to_revision} is part of a request that was all or nothing: "
            f"name {wanted.until}, where it ends, or one before it."
        )
    log.cut_after(to_revision)


def rebuilt(made: Path, log: Journal) -> Proof:
    """The store from the log, and proof that it is whole once it is opened again.

    Raises: StoreFault if it is not.
    """
    graphs = Graphs(read_manifest(made)["base"])
    store = OxigraphStore.open(made / "store")
    try:
        replay(log, store, graphs)
    finally:
        store.close()
    store = OxigraphStore.open(made / "store")
    try:
        proof = prove(store, graphs, TextArchive(made / "texts"), log, made / "store")
    finally:
        store.close()
    if proof.found:
        raise StoreFault(
            f"Nothing is kept: what was rebuilt is not whole. {'; '.join(proof.faults)}"
        )
    return proof


def _damaged(path: Path, how: str) -> StoreFault:
    return StoreFault(
        f"{path} is damaged: {how.rstrip('.')}. Nothing was restored; take another backup."
    )
