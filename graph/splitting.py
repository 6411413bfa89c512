"""Files that hold several bundles, as an export does, taken apart in memory.

The quads may come in any order; for large files see `graph.bulk`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import NamedNode, Quad

from graph.bundle import Bundle, Origin, make_bundle
from graph.facts import Subject
from graph.vocab import ASC, RDF


def make_bundles(quads: Iterable[Quad], base: str, origin: Origin | None = None) -> list[Bundle]:
    """The bundles of a file that may hold several.

    Shape: each version's own graphs make a bundle, together with what shared
        graphs say about the things it names, however far that leads.
        What no version leads to goes with the first.
    Raises: BadInput as `make_bundle`, also for several versions in one graph.
    """
    held = [*dict.fromkeys(quads)]
    names = _version_names(held)
    own: dict[str, list[Quad]] = {name: [] for name in names}
    shared: dict[Subject, list[Quad]] = defaultdict(list)
    for quad in held:
        graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        version = graph.removesuffix("/assessments")
        if version in own:
            own[version].append(quad)
        else:
            shared[quad.subject].append(quad)
    if len(names) < 2 or not all(own.values()):
        return [make_bundle(held, base, origin)]
    holders = _holders_of_posts(shared)
    whole = {name: [*own[name], *_reached(own[name], shared, holders)] for name in sorted(names)}
    placed = {quad for each in whole.values() for quad in each}
    whole[min(names)] += [quad for quad in held if quad not in placed]
    return [make_bundle(each, base, origin) for each in whole.values()]


def _version_names(quads: list[Quad]) -> set[str]:
    return {
        quad.subject.value
        for quad in quads
        if quad.predicate == RDF.type
        and quad.object == ASC.DocumentVersion
        and isinstance(quad.subject, NamedNode)
    }


def _holders_of_posts(shared: dict[Subject, list[Quad]]) -> dict[object, set[Subject]]:
    """The memberships that join a post to its holder: they point, nothing points at them."""
    found: dict[object, set[Subject]] = defaultdict(set)
    for subject, quads in shared.items():
        for quad in quads:
            if quad.predicate == ASC.post:
                found[quad.object].add(subject)
    return found


def _reached(
    quads: list[Quad], shared: dict[Subject, list[Quad]], holders: dict[object, set[Subject]]
) -> Iterable[Quad]:
    """What is said about the things these quads name, and those name in turn."""
    waiting: set[object] = {quad.object for quad in quads}
    seen: set[object] = set()
    while waiting:
        node = waiting.pop()
        seen.add(node)
        about = shared.get(node, []) if isinstance(node, Subject) else []
        yield from about
        waiting |= {quad.object for quad in about} | holders.get(node, set())
        waiting -= seen
