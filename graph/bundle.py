"""A bundle: one source and its statements, each triple in the graph it belongs to.

    {version}              statements, attributions, text spans, times, activities
    {version}/assessments  assessments, and the relations they back
    {version}/entailed     what is worked out on the way in
    graph/entities         agents, events, places, posts, concepts: shared
    graph/propositions     what statements express: shared
    graph/entailed         what is worked out about shared things

Oxigraph's union default graph gives a triple twice if two graphs hold it
(measured), so each triple has one graph only, found by its subject's class;
how the incoming file groups its triples makes no difference.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from graph.errors import BadInput
from graph.formats import TRIG, Format
from graph.report import Report
from graph.schema import relations, subclasses
from graph.vocab import ASC, ORG, PROV, RDF, SHAPES, SKOS

Subject = NamedNode | BlankNode | Triple


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a bundle was read from, kept for the line numbers of a report."""

    name: str = ""
    data: bytes = b""
    form: Format = TRIG
    base: str = ""

    def place(self, report: Report) -> Report:
        """The report with file and line on each result."""
        if not report.results:
            return report
        from graph.lines import LineIndex, index_lines  # rdflib: 70 ms, only where needed

        index = index_lines(self.data, self.form, self.base) if self.data else LineIndex()
        return report.at(self.name, index.lines_of(report.results))


class Graphs:
    """The named graphs of one dataset, under its base.

    Shape: `shared` are the graphs to which several bundles contribute.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self.entities = NamedNode(base + "graph/entities")
        self.propositions = NamedNode(base + "graph/propositions")
        self.entailed = NamedNode(base + "graph/entailed")
        self.catalog = NamedNode(base + "graph/catalog")
        self.ontology = NamedNode(base + "graph/ontology")
        self.shared = (self.entities, self.propositions, self.entailed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graphs) and self.base == other.base

    def __hash__(self) -> int:
        return hash(self.base)


def assessments_of(version: NamedNode) -> NamedNode:
    """The graph of a version's assessments."""
    return NamedNode(version.value + "/assessments")


def entailed_of(version: NamedNode) -> NamedNode:
    """The graph of what was worked out from a version's statements."""
    return NamedNode(version.value + "/entailed")


@dataclass(frozen=True, slots=True)
class Bundle:
    """One document version with all that its file says, routed to its graphs."""

    version: NamedNode
    graphs: Graphs
    quads: frozenset[Quad]
    origin: Origin = field(default=Origin(), compare=False)

    @property
    def own_graphs(self) -> tuple[NamedNode, ...]:
        """The graphs that belong to this bundle alone."""
        return (self.version, assessments_of(self.version), entailed_of(self.version))

    def subjects_of(self, root: NamedNode) -> set[Subject]:
        """The subjects typed with `root` or a class below it."""
        kinds = subclasses().get(root, frozenset({root}))
        return {
            quad.subject
            for quad in self.quads
            if quad.predicate == RDF.type and quad.object in kinds
        }

    def with_quads(self, extra: Iterable[Quad]) -> Bundle:
        """The same bundle with more quads."""
        return Bundle(self.version, self.graphs, self.quads.union(extra), self.origin)


def make_bundle(quads: Iterable[Quad], base: str, origin: Origin | None = None) -> Bundle:
    """The bundle that some quads make, whatever graphs they came in.

    Raises: BadInput if they describe no document version, or several, or
        redefine a term of the ontology.
    """
    triples = {quad.triple for quad in quads}
    types: dict[Subject, set[NamedNode]] = defaultdict(set)
    for triple in triples:
        if triple.predicate == RDF.type and isinstance(triple.object, NamedNode):
            types[triple.subject].add(triple.object)
        if isinstance(triple.subject, NamedNode):
            _refuse_own_term(triple.subject)
    version = _the_version(types)
    graphs = Graphs(base)
    home = {subject: graph_of(kinds, version, graphs) for subject, kinds in types.items()}
    assessments = assessments_of(version)
    routed = (
        Quad(
            triple.subject,
            triple.predicate,
            triple.object,
            assessments if triple.predicate in relations() else home.get(triple.subject, version),
        )
        for triple in triples
    )
    return Bundle(version, graphs, frozenset(routed), origin or Origin())


def content_digest(bundle: Bundle) -> str:
    """The SHA-256 of a bundle's sorted quads, record times left out.

    Record times are stamped on the way in, so the same file added on two days
    is the same bundle.
    """
    return digest_of_quads(q for q in bundle.quads if q.predicate != PROV.generatedAtTime)


def digest_of_quads(quads: Iterable[Quad]) -> str:
    """The SHA-256 of some quads, whatever their order."""
    return hashlib.sha256("\n".join(sorted(map(str, quads))).encode()).hexdigest()


def graph_of(kinds: Iterable[NamedNode], version: NamedNode, graphs: Graphs) -> NamedNode:
    """The graph where things of these classes are described."""
    stems = {_stem_of().get(kind) for kind in kinds}
    if "entity" in stems:
        return graphs.entities
    if "proposition" in stems:
        return graphs.propositions
    if "assessment" in stems:
        return assessments_of(version)
    return version


@cache
def _stem_of() -> dict[NamedNode, str]:
    roots = {
        ASC.Agent: "entity",
        ASC.Event: "entity",
        ASC.Place: "entity",
        ASC.Post: "entity",
        ORG.Membership: "entity",
        SKOS.Concept: "entity",
        ASC.Proposition: "proposition",
        ASC.Assessment: "assessment",
    }
    below = subclasses()
    return {kind: stem for root, stem in roots.items() for kind in below.get(root, {root})}


def _the_version(types: dict[Subject, set[NamedNode]]) -> NamedNode:
    found = sorted(str(s) for s, kinds in types.items() if ASC.DocumentVersion in kinds)
    if not found:
        raise BadInput(
            "it describes no asc:DocumentVersion, and a bundle is one source with its "
            "statements: add the document version that the statements name as asc:source"
        )
    if len(found) > 1:
        raise BadInput(
            f"it describes {len(found)} document versions ({', '.join(found[:3])}), and a "
            "bundle holds one: put each source with its statements in a file of its own"
        )
    if found[0].startswith("_:"):
        raise BadInput(
            "its asc:DocumentVersion is a blank node, and its IRI names the graph of the "
            "bundle: give it an IRI such as <doc/slug-00000000/v/0000000000000000>"
        )
    return NamedNode(found[0][1:-1])


def _refuse_own_term(subject: NamedNode) -> None:
    if subject.value.startswith((ASC, SHAPES)):
        raise BadInput(
            f"it says something about the term {subject.value}: bundles describe sources "
            "and statements, and the ontology and shapes are changed in their own files"
        )
