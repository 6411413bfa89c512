"""Several bundles at once: each gets its own verdict, the good ones are kept in groups."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from graph.bundle import Bundle
from graph.errors import BadInput, Conflict, Refused
from graph.ingest import Receipt, Writer
from graph.vocab import ASC

_GROUP_QUADS = 20_000
"""How much is logged with one sync."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one bundle of a file: its receipt, or why it was not kept."""

    version: str
    file: str
    outcome: Receipt | Refused | Conflict


def add_each(
    writer: Writer,
    bundles: Iterable[Bundle],
    texts: Mapping[NamedNode, bytes] | None = None,
    *,
    by: str = "",
) -> Iterator[Done]:
    """Check bundles in their order and keep those that pass, on disk when yielded.

    Each is judged as if it were added alone after those before it.

    Raises: StoreFault; what was yielded before is stored, and the same call
        passes over it.
    """
    for group in _groups(bundles):
        with writer.commits.grouped():
            outcomes = [_add(writer, each, (texts or {}).get(each.version), by) for each in group]
        yield from outcomes


def add_together(
    writer: Writer,
    bundles: Sequence[Bundle],
    texts: Mapping[NamedNode, bytes] | None = None,
    *,
    by: str = "",
) -> list[Receipt]:
    """Check bundles as they will stand together, and keep all of them or none.

    Shape: one receipt for each version, however often it is among them.
    Raises: Refused with the results of all in one report; Conflict if a version
        is stored, or among them, with other content.
    """
    once: dict[NamedNode, Bundle] = {}
    for bundle in bundles:
        if once.setdefault(bundle.version, bundle) != bundle:
            raise Conflict(
                f"{bundle.version.value} is described twice, with different content: "
                "send one description of each document version."
            )
    return writer.write([*once.values()], texts=texts, replace=False, by=by)


def texts_of(bundles: Sequence[Bundle], texts: Iterable[bytes]) -> dict[NamedNode, bytes]:
    """Each text with the version that states its SHA-256; one text of one bundle is its own.

    Raises: BadInput for a text whose digest no version states.
    """
    texts = list(texts)
    if len(bundles) == len(texts) == 1:
        return {bundles[0].version: texts[0]}
    stated: dict[str, list[NamedNode]] = defaultdict(list)
    for bundle in bundles if texts else ():
        for quad in bundle.quads:
            if quad.predicate == ASC.sha256 and isinstance(quad.object, Literal):
                stated[quad.object.value].append(bundle.version)
    found: dict[NamedNode, bytes] = {}
    for number, text in enumerate(texts, 1):
        digest = hashlib.sha256(text).hexdigest()
        if digest not in stated:
            raise BadInput(
                f"Text {number} belongs to none of the bundles: its SHA-256 is {digest}, and no "
                "document version states that as asc:sha256. Send the bytes that were read, "
                "or leave the text out."
            )
        found.update(dict.fromkeys(stated[digest], text))
    return found


def _add(writer: Writer, bundle: Bundle, text: bytes | None, by: str) -> Done:
    place = bundle.version.value, bundle.origin.name
    try:
        return Done(*place, writer.add(bundle, text, by=by))
    except (Refused, Conflict) as fault:
        return Done(*place, fault)


def _groups(bundles: Iterable[Bundle]) -> Iterator[list[Bundle]]:
    held: list[Bundle] = []
    size = 0
    for bundle in bundles:
        held.append(bundle)
        size += len(bundle.quads)
        if size >= _GROUP_QUADS:
            yield held
            held, size = [], 0
    if held:
        yield held
