"""What a bulk load asked of the store, remembered and kept in step with what it brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from pyoxigraph import NamedNode, Quad

from graph.bundle import Graphs
from graph.facts import Subject, Term
from graph.formats import NQUADS, dumps
from graph.overlay import Overlay
from graph.surroundings import Questions, classes, ours_in, said, types, upwards, wholes_in
from graph.vocab import ASC

_MOST_KNOWN = 50_000
"""As many things are remembered with what is said about them, some hundred bytes each."""

_PART_OF = str(ASC.partOfAgent).encode()

Look = Callable[[Overlay, Graphs, Subject], Iterator[Quad]]


class _Said(NamedTuple):
    """What shared graphs say about a thing, whose classes are told with it, what it is part of."""

    lines: bytes
    named: frozenset[NamedNode]
    wholes: frozenset[Term]

    def and_of(self, more: _Said) -> _Said:
        """What both say."""
        return _Said(self.lines + more.lines, self.named | more.named, self.wholes | more.wholes)


class Recall:
    """The answers to many bundles' questions, each thing looked up once.

    Shape: time is counted in steps; `step` is now.
    """

    def __init__(self, view: Overlay, graphs: Graphs) -> None:
        self.step = 0
        self._view = view
        self._graphs = graphs
        self._said: dict[Subject, _Said] = {}
        self._classes: dict[Subject, bytes] = {}
        self._types: dict[Subject, bytes] = {}
        self._changed: dict[Subject, int] = {}
        self._all_changed = 0

    def answers(self, asked: Questions) -> bytes:
        """As `graph.surroundings.answers`, as N-Quads in which a line may stand twice."""
        found = [self._about(node) for node in asked.described]
        named = {node for each in found for node in each.named}
        told = [each.lines for each in found]
        told += [self._known(self._classes, classes, node) for node in named]
        told += [self._known(self._types, types, node) for node in asked.named]
        wholes = asked.wholes.union(*(each.wholes for each in found))
        if wholes:
            told.append(dumps(upwards(self._view, wholes), NQUADS))
        return b"".join(told)

    def come(self, new: Mapping[bytes, Quad], version: NamedNode) -> None:
        """Lines that were not there come to shared graphs, with a version."""
        self.step += 1
        about: dict[Subject, dict[bytes, Quad]] = defaultdict(dict)
        for line, quad in new.items():
            about[quad.subject][line] = quad
        for node, lines in about.items():
            more = self._put(lines)
            if more.wholes:  # it may lengthen any chain
                self._all_changed = self.step
            if (known := self._said.get(node)) is not None:
                self._said[node] = known.and_of(more)
        for node in (*about, version):
            self._classes.pop(node, None)
            self._types.pop(node, None)
            self._changed[node] = self.step

    def come_to_the_store(self) -> None:
        """What came is stored now, and so is what `come` is not told of: classes of others."""
        self.step += 1
        self._all_changed = self.step
        self._changed.clear()
        self._classes.clear()
        self._types.clear()

    def come_from_elsewhere(self) -> None:
        """Anything may have changed."""
        self.come_to_the_store()
        self._said.clear()

    def has_changed(self, node: Subject, since: int) -> bool:
        """Whether what is known of a thing may be another than it was at some step."""
        return self._all_changed > since or self._changed.get(node, 0) > since

    def is_other(self, asked: Questions, since: int) -> bool:
        """Whether an answer may be another than it was at some step."""
        nodes = chain(asked.described, asked.named, asked.wholes)
        return self._all_changed > since or any(self.has_changed(each, since) for each in nodes)

    def _about(self, node: Subject) -> _Said:
        found = self._said.get(node)
        if found is None:
            quads = {*said(self._view, self._graphs, node)}
            lines = dumps(quads, NQUADS).splitlines(keepends=True)
            found = self._put(dict(zip(lines, quads, strict=True)))
            _make_room(self._said)
            self._said[node] = found
        return found

    def _put(self, lines: Mapping[bytes, Quad]) -> _Said:
        ours = f"<{self._graphs.base}".encode()  # to look at letters first takes a fifth
        named = (quad for line, quad in lines.items() if line.split(b" ", 2)[2].startswith(ours))
        wholes = (quad for line, quad in lines.items() if _PART_OF in line)
        return _Said(
            b"".join(lines), frozenset(ours_in(self._graphs, named)), frozenset(wholes_in(wholes))
        )

    def _known(self, known: dict[Subject, bytes], look: Look, node: Subject) -> bytes:
        found = known.get(node)
        if found is None:
            _make_room(known)
            found = known[node] = dumps({*look(self._view, self._graphs, node)}, NQUADS)
        return found


def first_said(new: Mapping[bytes, Quad], stored: Iterable[bytes]) -> set[Subject]:
    """What is described for the first time by some lines, as the store says nothing about it."""
    known = {line.partition(b" ")[0] for line in stored}
    subjects = {line.partition(b" ")[0]: quad.subject for line, quad in new.items()}
    return {subjects[word] for word in subjects.keys() - known}


def _make_room(known: dict[Subject, Any]) -> None:
    if len(known) >= _MOST_KNOWN:
        known.clear()
