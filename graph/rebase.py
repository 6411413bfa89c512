"""Rebase: a dataset under another address, with all its history.

Every IRI under the old base is written anew, in each line of the log; the store is
rebuilt from that, and proven, before the new folder is there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Graphs, content_digest
from graph.dataset import LOG, TOKENS, made_whole, write_manifest
from graph.formats import NQUADS, dumps
from graph.journal import Journal, Write
from graph.kg import KnowledgeGraph, open_dataset
from graph.overlay import Overlay
from graph.proof import Proof
from graph.restore import rebuilt
from graph.settings import Settings
from graph.store import Term
from graph.surroundings import stated
from graph.vocab import ASC

_GROUP = 100


def rebase(source: Path, folder: Path, base: str) -> Proof:
    """Copy a dataset to a new folder, in which its IRIs begin with another base.

    Texts and tokens come along. The old folder stays as it is.

    Raises: BadInput if the base is none, or the folder holds something; StoreFault if
        the disk is full or the dataset damaged, with nothing left behind.
    """
    base = Settings.from_environment().but(base=base).base
    with (
        made_whole(folder, "rebasing", "moved", "the moved dataset") as made,
        open_dataset(source, read_only=True) as kg,
    ):
        write_manifest(made, base)
        for name in ("texts", TOKENS):
            _copy(source / name, made / name)
        log = Journal(made / LOG)
        writes = _moved_writes(kg, base)
        while group := [*islice(writes, _GROUP)]:
            log.append(group)
        proof = rebuilt(made, log)
    return proof


def moved(quads: Iterable[Quad], old: str, new: str) -> Iterator[Quad]:
    """Quads whose IRIs under one base are under another."""

    def move(term: Term) -> Term:
        if isinstance(term, NamedNode) and term.value.startswith(old):
            return NamedNode(new + term.value[len(old) :])
        return term

    for quad in quads:
        yield Quad(*map(move, quad))  # type: ignore[arg-type]


def _moved_writes(kg: KnowledgeGraph, base: str) -> Iterator[Write]:
    old, digests = kg.settings.base, _digests(kg, base)
    for write in kg.history():
        yield replace(
            write,
            bundle=base + write.bundle.removeprefix(old),
            coming=_moved_lines(write.added, old, base, digests),
            leaving=_moved_lines(write.removed, old, base, digests),
        )


def _moved_lines(
    quads: Iterable[Quad], old: str, new: str, digests: Mapping[str, Literal]
) -> bytes:
    return dumps(
        (
            Quad(quad.subject, quad.predicate, _new(quad, digests), quad.graph_name)
            for quad in moved(quads, old, new)
        ),
        NQUADS,
    )


def _new(quad: Quad, digests: Mapping[str, Literal]) -> Term:
    value = quad.object
    if quad.predicate == ASC.bundleDigest and isinstance(value, Literal):
        return digests.get(value.value, value)
    return value


def _digests(kg: KnowledgeGraph, base: str) -> dict[str, Literal]:
    """What the digests of bundles become, where they follow from what is stored.

    One that does not, as several sources describe the same thing in different ways,
    stays: it names a state all the same, and the file it was made from is another.
    """
    view, there = Overlay(kg.store, []), Graphs(base)
    found = {}
    for entry in kg.store.match(None, ASC.bundleDigest, None, kg.graphs.catalog):
        version, digest = entry.subject, entry.object
        if not isinstance(version, NamedNode) or not isinstance(digest, Literal):
            continue
        bundle = stated(view, version, kg.graphs)
        if content_digest(bundle) == digest.value:
            quads = frozenset(moved(bundle.quads, kg.settings.base, base))
            found[digest.value] = Literal(
                content_digest(replace(bundle, graphs=there, quads=quads))
            )
    return found


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        shutil.copy2(source, target)
