"""Small real bundles, and the ways to spoil them at random or with an aim."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from aims import Aim, Targets, aims
from conftest import BASE, EXAMPLE, ROOT
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, parse

from graph.schema import ontology, shapes
from graph.vocab import ASC, RDF, RDFS, SH, XSD

CASES = ROOT / "tests" / "cases"
IN_STORE = NamedNode("http://example.org/store")
"""The graph of what the store says already: beside a bundle, not in it."""

Term = NamedNode | BlankNode | Literal


class Fault(NamedTuple):
    """One change: what is done, and three numbers that pick where and with what."""

    kind: int
    place: int
    other: int
    drawn: int


ODD: tuple[Term, ...] = (
    *(Literal(text) for text in ("", "x", "5", "\n", "2031-13-45", "“”", "en", "x" * 33)),
    *(Literal("words", language=tag) for tag in ("en", "EN", "en-GB", "de")),
    *(
        Literal(text, datatype=XSD.term(kind))
        for kind in ("integer", "nonNegativeInteger", "decimal", "boolean", "dateTime", "double")
        for text in (
            *("5", "-5", "+5", " 5", "1_0", "0.5", "1e3", "NaN", "INF", "true", "TRUE", "", "x"),
            *("2031-05-04T10:00:00Z", "2031-05-04T10:00:00", "2031-05-04T25:00:00Z", "2031-05-04"),
            "9" * 40,
        )
    ),
    *(
        Literal(text, datatype=XSD.term(kind))
        for kind, text in (
            *(("date", "2031-05-04"), ("date", "2031-5-4"), ("gYear", "2031"), ("gYear", "x")),
            *(("gYearMonth", "2031-05"), ("string", "x"), ("anyURI", "x"), ("byte", "300")),
        )
    ),
    *(BlankNode("one"), BlankNode("two"), NamedNode("http://example.org/odd")),
    *(
        NamedNode(f"http://example.org/{path}")
        for path in ("é%20(x)'~", "?a=1&b=2#c", "\U0001f600")
    ),
    *(ASC.Statment, ASC.Agent, ASC.agent),
)


@cache
def bundles() -> tuple[tuple[Quad, ...], ...]:
    """What is spoilt: whatever nothing points at, with all it leads to, each a sound bundle."""
    beside = quads_of(CASES / "store.ttl")
    files = [*sorted(CASES.glob("*/valid-*.ttl")), EXAMPLE]
    found = (_parts((*quads_of(path), *beside)) for path in files if path.parent.name != "ontology")
    parts = {part for parts in found for part in parts}
    return tuple(_small_or_new(sorted(parts, key=lambda part: (len(part), str(part)))))


def _small_or_new(parts: Iterable[tuple[Quad, ...]]) -> Iterator[tuple[Quad, ...]]:
    """The parts of up to 60 triples, and larger ones for a class or property of their own."""
    known: set[object] = set()
    for part in parts:
        words = {q.predicate for q in part} | {q.object for q in part if q.predicate == RDF.type}
        if len(part) <= 60 or words - known:
            known |= words
            yield part


def quads_of(path: Path) -> tuple[Quad, ...]:
    """A file's triples in a fixed order."""
    quads = {Quad(q.subject, q.predicate, q.object) for q in parse(path=path, base_iri=BASE)}
    return tuple(sorted(quads, key=str))


def _parts(quads: Sequence[Quad]) -> list[tuple[Quad, ...]]:
    about = _about(quads)
    statements = {quad.subject for quad in quads if quad.predicate == ASC.contentSpan}
    roots = (about.keys() - {quad.object for quad in quads}) | statements
    return [_reached(about, [root]) for root in sorted(roots, key=str)]


def _about(quads: Sequence[Quad]) -> dict[object, list[Quad]]:
    about: dict[object, list[Quad]] = {}
    for quad in quads:
        about.setdefault(quad.subject, []).append(quad)
    return about


def reached(quads: Sequence[Quad], names: Iterable[object]) -> tuple[Quad, ...]:
    """What quads say of some things, and of what these lead to."""
    return _reached(_about(quads), names)


def _reached(about: dict[object, list[Quad]], names: Iterable[object]) -> tuple[Quad, ...]:
    found: dict[object, None] = {}
    waiting = [*names]
    while waiting:
        subject = waiting.pop()
        if subject in about and subject not in found:
            found[subject] = None
            waiting.extend(quad.object for quad in about[subject])
    return tuple(quad for subject in found for quad in about[subject])


@cache
def classes() -> tuple[NamedNode, ...]:
    """The classes of the ontology that data may have."""
    found = {q.subject for q in ontology() if q.predicate in (RDFS.subClassOf, RDFS.label)}
    named = {each for each in found if isinstance(each, NamedNode)}
    return tuple(sorted((each for each in named if each.value.startswith(ASC)), key=str))


@cache
def predicates() -> tuple[NamedNode, ...]:
    """The properties that shapes speak of."""
    spoken = (SH.path, SH.targetSubjectsOf, SH.lessThan, SH.disjoint)
    found = {q.object for q in shapes() if q.predicate in spoken}
    return tuple(sorted((each for each in found if isinstance(each, NamedNode)), key=str))


# Spoilt with an aim.


def struck(aim: Aim) -> list[Quad]:
    """The smallest bundle that an aim changes, changed; as it is if it stands at the edge."""
    for number in _places(aim.targets):
        for focus in aim.targets.nodes(bundles()[number]):
            draft = [*bundles()[number]]
            aim.edit(draft, focus)
            if {*draft} != {*bundles()[number]}:
                return draft
    return [*bundles()[_places(aim.targets)[0]]]


def strike(quads: list[Quad], aim: Aim, place: int) -> None:
    """Change quads at one of the nodes that an aim is for, if there are any."""
    if foci := aim.targets.nodes(quads):
        aim.edit(quads, foci[place % len(foci)])


@cache
def _places(targets: Targets) -> tuple[int, ...]:
    """The bundles with a focus node, by number, the smallest first."""
    return tuple(number for number, quads in enumerate(bundles()) if targets.nodes(quads))


# Spoilt at random.


def spoil(quads: list[Quad], fault: Fault) -> None:
    """Plant one fault in some quads."""
    if quads:
        KINDS[fault.kind % len(KINDS)](quads, fault)


def _to(quad: Quad, value: Term) -> Quad:
    return Quad(quad.subject, quad.predicate, value, quad.graph_name)


def _delete(quads: list[Quad], fault: Fault) -> None:
    del quads[fault.place % len(quads)]


def _replace(quads: list[Quad], fault: Fault) -> None:
    at = fault.place % len(quads)
    quads[at] = _to(quads[at], _drawn(quads, fault))


def _replace_by_odd(quads: list[Quad], fault: Fault) -> None:
    at = fault.place % len(quads)
    quads[at] = _to(quads[at], ODD[fault.drawn % len(ODD)])


def _add_value(quads: list[Quad], fault: Fault) -> None:
    quads.append(_to(quads[fault.place % len(quads)], _drawn(quads, fault)))


def _add_property(quads: list[Quad], fault: Fault) -> None:
    known = predicates()
    predicate = known[fault.other % len(known)]
    quads.append(Quad(quads[fault.place % len(quads)].subject, predicate, _drawn(quads, fault)))


def _add_type(quads: list[Quad], fault: Fault) -> None:
    kind = classes()[fault.drawn % len(classes())]
    quads.append(Quad(quads[fault.place % len(quads)].subject, RDF.type, kind))


def _retype(quads: list[Quad], fault: Fault) -> None:
    typed = [at for at, quad in enumerate(quads) if quad.predicate == RDF.type]
    if typed:
        at = typed[fault.place % len(typed)]
        quads[at] = _to(quads[at], classes()[fault.drawn % len(classes())])


def _swap_subjects(quads: list[Quad], fault: Fault) -> None:
    one, two = fault.place % len(quads), fault.other % len(quads)
    this, that = quads[one], quads[two]
    quads[one] = Quad(that.subject, this.predicate, this.object)
    quads[two] = Quad(this.subject, that.predicate, that.object)


def _rename_subject(quads: list[Quad], fault: Fault) -> None:
    old = quads[fault.place % len(quads)].subject
    new = quads[fault.other % len(quads)].subject if fault.drawn % 2 else BlankNode("renamed")
    quads[:] = [Quad(new if q.subject == old else q.subject, *list(q)[1:]) for q in quads]


def _shift(quads: list[Quad], fault: Fault) -> None:
    numbers = [at for at, q in enumerate(quads) if str(q.object).endswith("integer>")]
    if numbers:
        at = numbers[fault.place % len(numbers)]
        quads[at] = _to(quads[at], Literal(fault.drawn % 7 * 100 - 200))


def _relabel(quads: list[Quad], fault: Fault) -> None:
    words = [at for at, q in enumerate(quads) if isinstance(q.object, Literal)]
    if words:
        at = words[fault.place % len(words)]
        text, choice = quads[at].object.value, fault.drawn % 5
        if choice < 3:
            value = Literal(text, language=("en", "fr", "en-GB")[choice])
        else:
            value = Literal(text, datatype=(XSD.string, XSD.decimal)[choice - 3])
        quads[at] = _to(quads[at], value)


def _to_the_store(quads: list[Quad], fault: Fault) -> None:
    """One triple, or all of one subject, stands in the store and not in the bundle."""
    at = fault.place % len(quads)
    for each, quad in enumerate(quads):
        if each == at or (fault.drawn % 2 and quad.subject == quads[at].subject):
            quads[each] = Quad(quad.subject, quad.predicate, quad.object, IN_STORE)


def _in_two_graphs(quads: list[Quad], fault: Fault) -> None:
    quad = quads[fault.place % len(quads)]
    other = (IN_STORE, NamedNode("http://example.org/graph"))[fault.drawn % 2]
    quads.append(Quad(quad.subject, quad.predicate, quad.object, other))


def _drawn(quads: Sequence[Quad], fault: Fault) -> Term:
    """A term to put somewhere: one that stands elsewhere in the data, or an odd one."""
    if fault.drawn % 2:
        return ODD[fault.drawn // 2 % len(ODD)]
    value = quads[fault.other % len(quads)].object
    assert isinstance(value, NamedNode | BlankNode | Literal)
    return value


KINDS: tuple[Callable[[list[Quad], Fault], None], ...] = (
    *(_delete, _replace, _replace_by_odd, _add_value, _add_property, _add_type, _retype),
    *(_swap_subjects, _rename_subject, _shift, _relabel, _to_the_store, _in_two_graphs),
)

# Spoilt as Hypothesis draws.

NUMBERS = st.integers(0, 9_999)
FAULTS = st.builds(Fault, NUMBERS, NUMBERS, NUMBERS, NUMBERS)


@st.composite
def spoilt_bundles(draw: st.DrawFn) -> list[Quad]:
    """A bundle struck by up to two aims and spoilt by up to four faults."""
    place = draw(NUMBERS)
    striking = [aims()[n] for n in draw(st.lists(st.integers(0, len(aims()) - 1), max_size=2))]
    chosen = _places(striking[0].targets) if striking else range(len(bundles()))
    quads = [*bundles()[chosen[place % len(chosen)]]]
    for aim in striking:
        strike(quads, aim, place)
    for fault in draw(st.lists(FAULTS, min_size=0 if striking else 1, max_size=4)):
        spoil(quads, fault)
    return quads
