"""A change of quads as a change of bundles, so that it goes through the one gate.

Whoever writes by SPARQL Update or to a graph changes bundles: those whose graphs
are written to, those that describe what is changed, and new ones. They are put
together as they would stand, and written as if they had been sent in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Quad

from graph.bundle import Bundle, Graphs, graph_of, is_derived, make_bundle
from graph.errors import BadInput, Conflict
from graph.facts import Subject
from graph.overlay import Overlay
from graph.schema import relations
from graph.splitting import make_bundles
from graph.surroundings import stated
from graph.updating import Effect, in_graph
from graph.vocab import ASC, RDF

Versions = dict[object, set[NamedNode]]

MOST_BUNDLES = 10_000
"""Bundles that one change may touch."""


@dataclass(frozen=True, slots=True)
class Change:
    """Bundles to be put in, in place of those of the same version, and versions to go."""

    bundles: tuple[Bundle, ...]
    retract: tuple[NamedNode, ...]


def placed(view: Overlay, graphs: Graphs, effect: Effect) -> Change:
    """The bundles as they would stand after a change.

    Shape: what is derived or kept by the server is left as it is, and follows.
    Raises: Conflict for graphs that only the server writes; BadInput for triples
        that belong to no bundle, and as `make_bundle`.
    """
    return _Placing(view, graphs, effect).change()


class _Placing:
    """The bundles that a change touches, while it is worked out."""

    def __init__(self, view: Overlay, graphs: Graphs, effect: Effect) -> None:
        self._view = view
        self._graphs = graphs
        self._effect = effect
        self._drafts: dict[NamedNode, set[Quad]] = {}
        self._left: dict[Subject, set[NamedNode]] = defaultdict(set)
        self._types: dict[Subject, set[NamedNode]] = defaultdict(set)
        for quad in effect.added:
            if quad.predicate == RDF.type and isinstance(quad.object, NamedNode):
                self._types[quad.subject].add(quad.object)

    def change(self) -> Change:
        """The bundles as they would stand, and the versions that would be gone."""
        for graph in self._effect.named:
            self._refuse_kept(graph)
        for quad in self._effect.removed:
            if not self._is_kept(quad.graph_name):
                for version in self._holders(quad):
                    self._draft(version).discard(quad)
                    self._left[quad.subject].add(version)
        self._place(self._effect.added)
        standing = {
            version: quads
            for version, quads in self._drafts.items()
            if any(quad.graph_name == version for quad in quads)
        }
        bundles = tuple(self._made(version, quads) for version, quads in standing.items())
        return Change(bundles, tuple(self._drafts.keys() - standing.keys()))

    def _place(self, added: Iterable[Quad]) -> None:
        """Give each triple to the bundles that it belongs to."""
        waiting: dict[Subject, list[Quad]] = defaultdict(list)
        for quad in added:
            version = self._version_of(quad.graph_name)
            if version is not None and not self._is_shared(quad.subject):
                self._draft(version).add(in_graph(quad, version))
            else:
                waiting[quad.subject].append(quad)
        loose = [quad for quads in waiting.values() for quad in quads]
        if any(_describes_version(quad) for quad in loose):
            for bundle in self._new(loose):
                self._draft(bundle.version).update(bundle.quads)
        else:
            shared = {subject for subject in waiting if self._is_shared(subject)}
            self._settle({subject: waiting[subject] for subject in waiting.keys() - shared})
            self._share({subject: waiting[subject] for subject in shared})

    def _settle(self, waiting: Mapping[Subject, list[Quad]]) -> None:
        """Give what is said of a bundle's own things to that bundle.

        Shape: what replaces something goes wherever that was.
        """
        homes = self._homes(waiting)
        for subject, quads in waiting.items():
            versions = self._left.get(subject) or {*filter(None, [homes.get(subject)])}
            if not versions:
                raise BadInput(
                    f"{subject} belongs to no bundle: name the graph it goes into, or the "
                    "source it is from (asc:source)."
                )
            for version in versions:
                self._draft(version).update(in_graph(quad, version) for quad in quads)

    def _homes(self, waiting: Mapping[Subject, list[Quad]]) -> dict[Subject, NamedNode]:
        """The bundle of each subject: the one it is linked with here, else the one it is in."""
        links: dict[Subject, set[Subject]] = {subject: set() for subject in waiting}
        for subject, quads in waiting.items():
            for quad in quads:
                node = quad.object
                if quad.predicate not in relations() and isinstance(node, NamedNode | BlankNode):
                    links[subject].add(node)
                    links.setdefault(node, set()).add(subject)
        homes: dict[Subject, NamedNode] = {
            node: node for node in links if isinstance(node, NamedNode) and self._is_version(node)
        }
        homes = self._spread(homes, links)
        stored = {node: self._home(node) for node in links.keys() - homes.keys()}
        return self._spread({**homes, **{n: h for n, h in stored.items() if h}}, links)

    def _spread(
        self, homes: dict[Subject, NamedNode], links: Mapping[Subject, set[Subject]]
    ) -> dict[Subject, NamedNode]:
        """The homes of all that is linked with what has one."""
        reached = [*homes]
        while reached:
            node = reached.pop()
            for other in links[node]:
                if other not in homes and not self._is_shared(other):
                    homes[other] = homes[node]
                    reached.append(other)
        return homes

    def _home(self, node: Subject) -> NamedNode | None:
        """The bundle that a node of its own is in."""
        if self._is_shared(node):
            return None
        for quad in self._view.find(node):
            version = self._version_of(quad.graph_name)
            if version is not None:
                return version
        return None

    def _share(self, waiting: dict[Subject, list[Quad]]) -> None:
        """Give what is said of shared things to bundles of the change that name them.

        Shape: where none does, to one that describes the thing. A membership is
            named by nothing: it goes with the post and the agent that it joins.
        """
        while waiting:
            named, known = self._named_in_drafts()
            found = {
                subject: named[subject]
                or set(sorted(self._describing(subject), key=str)[:1])
                or set().union(*(known[quad.object] for quad in quads))
                for subject, quads in waiting.items()
            }
            if not any(found.values()):
                raise BadInput(
                    f"{next(iter(waiting))} belongs to no bundle: agents, events and what "
                    "else is shared are kept with a bundle that names them. Add what names it."
                )
            for subject, versions in found.items():
                for version in versions:
                    shared = (in_graph(quad, self._graphs.entities) for quad in waiting[subject])
                    self._draft(version).update(shared)
            waiting = {subject: waiting[subject] for subject in waiting if not found[subject]}

    def _named_in_drafts(self) -> tuple[Versions, Versions]:
        """Which drafts name a node as an object, and which name it at all."""
        named: Versions = defaultdict(set)
        known: Versions = defaultdict(set)
        for version, quads in self._drafts.items():
            for quad in quads:
                named[quad.object].add(version)
                known[quad.object].add(version)
                known[quad.subject].add(version)
        return named, known

    def _holders(self, quad: Quad) -> set[NamedNode]:
        """The bundles that a stored quad belongs to."""
        version = self._version_of(quad.graph_name)
        return self._describing(quad.subject) if version is None else {version}

    def _describing(self, subject: Subject) -> set[NamedNode]:
        """The stored bundles that describe a shared thing."""
        entries = self._view.find(None, ASC.describes, subject, self._graphs.catalog)
        return {quad.subject for quad in entries if isinstance(quad.subject, NamedNode)}

    def _draft(self, version: NamedNode) -> set[Quad]:
        """The quads of a bundle, as far as the change is worked out."""
        if version not in self._drafts:
            if len(self._drafts) == MOST_BUNDLES:
                raise BadInput(
                    f"The change touches more than {MOST_BUNDLES:,} bundles: do it in parts."
                )
            self._drafts[version] = {*stated(self._view, version, self._graphs).quads}
        return self._drafts[version]

    def _new(self, quads: Iterable[Quad]) -> list[Bundle]:
        try:
            return make_bundles(quads, self._graphs.base)
        except BadInput as fault:
            raise BadInput(f"{fault}.") from None

    def _made(self, version: NamedNode, quads: set[Quad]) -> Bundle:
        try:
            return make_bundle(quads, self._graphs.base)
        except BadInput as fault:
            raise BadInput(f"<{version.value}> cannot stand as it would be: {fault}.") from None

    def _version_of(self, graph: object) -> NamedNode | None:
        """The bundle whose own graph this is.

        Raises: BadInput for a graph that is no bundle's and not shared.
        """
        if not isinstance(graph, NamedNode) or graph in self._graphs.shared or self._is_kept(graph):
            return None
        version = NamedNode(graph.value.removesuffix("/assessments"))
        if self._is_version(version):
            return version
        raise BadInput(
            f"<{graph.value}> is the graph of no bundle: name the version of a source, "
            "describe it in the same step, or leave GRAPH out."
        )

    def _is_version(self, node: NamedNode) -> bool:
        entry = (node, ASC.bundleDigest, None, self._graphs.catalog)
        return ASC.DocumentVersion in self._types.get(node, ()) or (
            any(self._view.find(*entry)) and not self._is_kept(node)
        )

    def _is_shared(self, subject: Subject) -> bool:
        """Whether a thing is described in a graph to which several bundles contribute."""
        types = self._types.get(subject, set()) | {
            quad.object
            for quad in self._view.find(subject, RDF.type)
            if isinstance(quad.object, NamedNode)
        }
        version = NamedNode(self._graphs.base)
        return graph_of(types, version, self._graphs) in self._graphs.shared

    def _is_kept(self, graph: object) -> bool:
        """Whether only the server writes to a graph: what it derives, and its bookkeeping."""
        graphs = self._graphs
        ours = (
            *(graphs.entailed, graphs.catalog, graphs.ontology),
            *(graphs.relations, graphs.judgements, graphs.merged),
        )
        return graph in ours or (isinstance(graph, NamedNode) and is_derived(graph))

    def _refuse_kept(self, graph: NamedNode) -> None:
        if self._is_kept(graph):
            raise Conflict(
                f"<{graph.value}> is written by the server alone: it follows from what bundles "
                "state. Change the bundle that it follows from."
            )


def _describes_version(quad: Quad) -> bool:
    return quad.predicate == RDF.type and quad.object == ASC.DocumentVersion
