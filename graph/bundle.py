"""A bundle: one source and its statements, each triple in the graph it belongs to.

    {version}              statements, attributions, text spans, times, activities
    {version}/assessments  assessments, and the relations they back
    {version}/entailed     what is worked out on the way in
    {version}/related      which of its statements are compared with others
    graph/entities         agents, events, places, posts, concepts: shared
    graph/propositions     what statements express: shared
    graph/entailed         what is worked out about shared things
    graph/relations        relations between statements of several sources, found by rule
    graph/judgements       what people say of assessments
    graph/merged           who stands for whom, and what was stated of them

Oxigraph's union default graph gives a triple twice if two graphs hold it
(measured), so each triple has one graph only, found by its subject's class;
how the incoming file groups its triples makes no difference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad

from graph.errors import BadInput
from graph.facts import Facts, Subject, Term, facts_of, joined
from graph.formats import TRIG, Format
from graph.report import Report
from graph.schema import relations, subclasses
from graph.vocab import ASC, ASCV, ORG, OWL, PROV, RDF, RDFS, SH, SHAPES, SKOS, shorten

if TYPE_CHECKING:
    from graph.lines import LineIndex


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a bundle was read from, kept for the line numbers of a report."""

    name: str = ""
    data: bytes = b""
    form: Format = TRIG
    base: str = ""
    _index: list[LineIndex] = field(default_factory=list, repr=False, compare=False)

    def place(self, report: Report) -> Report:
        """The report with file and line on each result; lines are counted once a file."""
        if not report.results:
            return report
        from graph.lines import LineIndex, index_lines

        if not self._index:
            self._index.append(
                index_lines(self.data, self.form, self.base) if self.data else LineIndex()
            )
        index = self._index[0]
        return report.at(self.name, {each: index.place_of(each) for each in report.results})


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
        self.relations = NamedNode(base + "graph/relations")
        self.judgements = NamedNode(base + "graph/judgements")
        self.merged = NamedNode(base + "graph/merged")
        self.shared = (self.entities, self.propositions, self.entailed)
        self.not_described = (ASC, ASCV, SHAPES, base + "graph/")

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


def related_of(version: NamedNode) -> NamedNode:
    """The graph of what a version's statements are compared on."""
    return NamedNode(version.value + "/related")


def is_derived(graph: NamedNode) -> bool:
    """Whether a graph holds what was worked out about one version."""
    return graph.value.endswith(("/entailed", "/related"))


@dataclass(frozen=True)
class Bundle:
    """One document version with all that its file says, routed to its graphs.

    Shape: `known` are the facts of its quads and `described` the subjects that
        shared graphs describe, where somebody has them already.
    """

    version: NamedNode
    graphs: Graphs
    quads: Set[Quad]
    origin: Origin = field(default=Origin(), compare=False)
    known: Facts | None = field(default=None, repr=False, compare=False)
    described: frozenset[Subject] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def facts(self) -> Facts:
        """What the bundle says, by subject and property."""
        return facts_of(self.quads) if self.known is None else self.known

    @cached_property
    def shared(self) -> frozenset[Subject]:
        """The subjects that shared graphs describe."""
        return self._shared_in(self.quads) if self.described is None else self.described

    @property
    def own_graphs(self) -> tuple[NamedNode, ...]:
        """The graphs that belong to this bundle alone."""
        return (self.version, assessments_of(self.version), entailed_of(self.version))

    def subjects_of(self, root: NamedNode) -> set[Subject]:
        """The subjects typed with `root` or a class below it."""
        typed = self._typed
        kinds = subclasses().get(root, frozenset({root}))
        return {subject for kind in typed.keys() & kinds for subject in typed[kind]}

    @cached_property
    def _typed(self) -> dict[Term, list[Subject]]:
        """The subjects of each class that is named."""
        found: dict[Term, list[Subject]] = {}
        for subject, said in self.facts.items():
            for kind in said.get(RDF.type, ()):
                found.setdefault(kind, []).append(subject)
        return found

    def with_quads(self, extra: Iterable[Quad]) -> Bundle:
        """The same bundle with more quads."""
        more = frozenset(extra)
        facts = joined(self.facts, facts_of(more))
        known = self.described
        shared = None if known is None else known | self._shared_in(more)
        return replace(self, quads=self.quads | more, known=facts, described=shared)

    def _shared_in(self, quads: Iterable[Quad]) -> frozenset[Subject]:
        shared = self.graphs.shared
        return frozenset(quad.subject for quad in quads if quad.graph_name in shared)


def make_bundle(quads: Iterable[Quad], base: str, origin: Origin | None = None) -> Bundle:
    """The bundle that some quads make, whatever graphs they came in.

    Raises: BadInput if they describe no document version, or several, or
        state what is not a bundle's to say: about terms, rules or the dataset.
    """
    graphs = Graphs(base)
    held = [*quads]
    facts = facts_of(held)
    version, homes = settled(facts, graphs)
    routed = frozenset(_routed(held, homes, assessments_of(version)))
    return Bundle(version, graphs, routed, origin or Origin(), facts)


def settled(facts: Facts, graphs: Graphs) -> tuple[NamedNode, dict[Subject, NamedNode]]:
    """The one version that is described, and the graph of each subject.

    Raises: BadInput as `make_bundle`.
    """
    for subject in facts:
        _refuse_subject(subject, graphs)
    for term in _terms_used(facts):
        if isinstance(term, NamedNode) and _is_reserved(term):
            _refuse_reserved(term)
    version = _the_version(facts)
    place_of: dict[Sequence[Term], NamedNode] = {}
    homes: dict[Subject, NamedNode] = {}
    for subject, said in facts.items():
        kinds = said.get(RDF.type, ())
        home = place_of.get(kinds)
        if home is None:
            home = place_of[kinds] = graph_of(kinds, version, graphs)
        homes[subject] = home
    return version, homes


def _routed(
    quads: Iterable[Quad], homes: Mapping[Subject, NamedNode], assessments: NamedNode
) -> Iterator[Quad]:
    """The quads, each in the graph of its subject; those that are there already as they are."""
    related = relations()
    for quad in quads:
        subject, predicate = quad.subject, quad.predicate
        home = assessments if predicate in related else homes[subject]
        yield quad if quad.graph_name == home else Quad(subject, predicate, quad.object, home)


def content_digest(bundle: Bundle) -> str:
    """The SHA-256 of a bundle's sorted quads, record times and judgements left out.

    Record times are stamped on the way in, so the same file added on two days
    is the same bundle; what people judge of it later does not make it another.
    """
    recorded, judgements = PROV.generatedAtTime, bundle.graphs.judgements
    return digest_of_quads(
        q for q in bundle.quads if q.predicate != recorded and q.graph_name != judgements
    )


def digest_of_quads(quads: Iterable[Quad]) -> str:
    """The SHA-256 of some quads, whatever their order."""
    return hashlib.sha256("\n".join(sorted(map(str, quads))).encode()).hexdigest()


def graph_of(kinds: Iterable[Term], version: NamedNode, graphs: Graphs) -> NamedNode:
    """The graph where things of these classes are described."""
    stems = {_stem_of().get(kind) for kind in kinds}
    if "entity" in stems:
        return graphs.entities
    if "proposition" in stems:
        return graphs.propositions
    if "judgement" in stems:
        return graphs.judgements
    if "assessment" in stems:
        return assessments_of(version)
    return version


@cache
def _stem_of() -> dict[Term, str]:
    roots = {
        ASC.Agent: "entity",
        ASC.Event: "entity",
        ASC.Place: "entity",
        ASC.Post: "entity",
        ORG.Membership: "entity",
        SKOS.Concept: "entity",
        ASC.Proposition: "proposition",
        ASC.Assessment: "assessment",
        ASC.JudgementActivity: "judgement",
    }
    below = subclasses()
    return {kind: stem for root, stem in roots.items() for kind in below.get(root, {root})}


def _the_version(facts: Facts) -> NamedNode:
    found = sorted(
        str(subject)
        for subject, said in facts.items()
        if ASC.DocumentVersion in said.get(RDF.type, ())
    )
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


def _terms_used(facts: Facts) -> set[Term]:
    """The properties and classes of a bundle."""
    kinds = (kind for said in facts.values() for kind in said.get(RDF.type, ()))
    return set[Term]().union(*facts.values(), kinds)


def _refuse_subject(subject: Subject, graphs: Graphs) -> None:
    name = subject.value if isinstance(subject, NamedNode) else ""
    if not name.startswith(graphs.not_described):
        return
    if name.startswith((ASC, ASCV, SHAPES)):
        raise BadInput(
            f"it says something about the term {name}: bundles describe sources "
            "and statements, and the ontology and shapes are changed in their own files"
        )
    if name.startswith(graphs.base + "graph/"):
        raise BadInput(
            f"it says something about {name}, which is a graph of the dataset's own: "
            "leave that out, for the dataset keeps its books itself"
        )


@lru_cache(maxsize=4096)
def _is_reserved(term: NamedNode) -> bool:
    """Whether a property or class is not for bundles to use."""
    return term in _BOOKKEEPING or term in _SCHEMA or term.value.startswith((OWL, SH))


def _refuse_reserved(term: NamedNode) -> None:
    if term in _BOOKKEEPING:
        raise BadInput(
            f"it states {shorten(term.value)}, which is kept by the dataset: leave it out"
        )
    raise BadInput(
        f"it uses {shorten(term.value)}, and a bundle defines no classes, properties, rules "
        "or equal things: leave it out. That two IRIs may stand for one is said with an "
        "asc:IdentityAssessment"
    )


_BOOKKEEPING = frozenset(
    {
        *(ASC.bundleDigest, ASC.describes, ASC.revision, ASC.statementCount),
        *(ASC.crowdedAt, ASC.question, ASC.rule, ASC.statedAs, ASC.voice),
    }
)
_SCHEMA = frozenset(
    {
        *(RDF.Property, RDFS.Class, RDFS.Datatype),
        *(RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range),
    }
)
