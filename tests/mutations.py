"""Bundles spoilt at random, and what two engines find in them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from conftest import BASE, EXAMPLE, ROOT
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, parse

from graph.oracle import shacl_results_by_pyshacl
from graph.report import Result
from graph.schema import ontology, shapes
from graph.shacl import name_of
from graph.shacl.literals import compare
from graph.validation import core_checker
from graph.vocab import ASC, RDF, RDFS, SH, XSD

CASES = ROOT / "tests" / "cases"
Term = NamedNode | BlankNode | Literal
Row = tuple[str, ...]


class Fault(NamedTuple):
    """One change: what is done, and three numbers that pick where and with what."""

    kind: int
    place: int
    other: int
    drawn: int


ODD: tuple[Term, ...] = (
    *(Literal(text) for text in ("", "x", "5", "\n", "2031-13-45", "“”", "en")),
    *(Literal("words", language=tag) for tag in ("en", "EN", "en-GB", "de")),
    *(
        Literal(text, datatype=XSD.term(kind))
        for kind in ("integer", "nonNegativeInteger", "decimal", "boolean", "dateTime", "double")
        for text in (
            *("5", "-5", "+5", " 5", "1_0", "0.5", "1e3", "NaN", "true", "TRUE", "", "x"),
            *("2031-05-04T10:00:00Z", "2031-05-04T10:00:00", "2031-05-04T25:00:00Z", "2031-05-04"),
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
    *(ASC.Statment, ASC.Agent, ASC.agent),
)


@cache
def bundles() -> tuple[tuple[Quad, ...], ...]:
    """What is spoilt: statements with all they lead to, each a small sound bundle."""
    files = sorted(CASES.glob("*/valid-*.ttl"))
    found = [quads_of(path) for path in files if path.parent.name != "ontology"]
    beside = quads_of(CASES / "store.ttl")
    small = {part for quads in found for part in _parts((*quads, *beside))}
    long = _parts(quads_of(EXAMPLE))[::9]
    return (*sorted(small, key=len), *long)


def quads_of(path: Path) -> tuple[Quad, ...]:
    """A file's triples in a fixed order."""
    quads = {Quad(q.subject, q.predicate, q.object) for q in parse(path=path, base_iri=BASE)}
    return tuple(sorted(quads, key=str))


def _parts(quads: Sequence[Quad]) -> list[tuple[Quad, ...]]:
    """For every third statement, what is said of it and of all it leads to."""
    about: dict[object, list[Quad]] = {}
    for quad in quads:
        about.setdefault(quad.subject, []).append(quad)
    roots = sorted({q.subject for q in quads if q.predicate == ASC.contentSpan}, key=str)
    return [_reached(about, root) for root in roots[::3]]


def _reached(about: dict[object, list[Quad]], root: object) -> tuple[Quad, ...]:
    reached: dict[object, None] = {}
    waiting = [root]
    while waiting:
        subject = waiting.pop()
        if subject in about and subject not in reached:
            reached[subject] = None
            waiting.extend(quad.object for quad in about[subject])
    return tuple(quad for subject in reached for quad in about[subject])


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


def spoil(quads: Iterable[Quad], faults: Iterable[Fault]) -> list[Quad]:
    """The quads with some faults planted, one after the other."""
    spoilt = list(quads)
    for fault in faults:
        if spoilt:
            KINDS[fault.kind % len(KINDS)](spoilt, fault)
    return spoilt


def _delete(quads: list[Quad], fault: Fault) -> None:
    del quads[fault.place % len(quads)]


def _replace(quads: list[Quad], fault: Fault, value: Term | None = None) -> None:
    at = fault.place % len(quads)
    quads[at] = Quad(quads[at].subject, quads[at].predicate, value or _drawn(quads, fault))


def _replace_by_odd(quads: list[Quad], fault: Fault) -> None:
    _replace(quads, fault, ODD[fault.drawn % len(ODD)])


def _add_value(quads: list[Quad], fault: Fault) -> None:
    quad = quads[fault.place % len(quads)]
    quads.append(Quad(quad.subject, quad.predicate, _drawn(quads, fault)))


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
        kind = classes()[fault.drawn % len(classes())]
        quads[at] = Quad(quads[at].subject, RDF.type, kind)


def _swap_subjects(quads: list[Quad], fault: Fault) -> None:
    one, two = fault.place % len(quads), fault.other % len(quads)
    this, that = quads[one], quads[two]
    quads[one] = Quad(that.subject, this.predicate, this.object)
    quads[two] = Quad(this.subject, that.predicate, that.object)


def _rename_subject(quads: list[Quad], fault: Fault) -> None:
    old = quads[fault.place % len(quads)].subject
    new = quads[fault.other % len(quads)].subject if fault.drawn % 2 else BlankNode("renamed")
    quads[:] = [Quad(new if q.subject == old else q.subject, q.predicate, q.object) for q in quads]


def _shift(quads: list[Quad], fault: Fault) -> None:
    numbers = [at for at, q in enumerate(quads) if str(q.object).endswith("integer>")]
    if numbers:
        at = numbers[fault.place % len(numbers)]
        text = str(fault.drawn % 7 * 100 - 200)
        value = Literal(text, datatype=XSD.integer)
        quads[at] = Quad(quads[at].subject, quads[at].predicate, value)


def _relabel(quads: list[Quad], fault: Fault) -> None:
    words = [at for at, q in enumerate(quads) if isinstance(q.object, Literal)]
    if words:
        at = words[fault.place % len(words)]
        text, choice = quads[at].object.value, fault.drawn % 5
        if choice < 3:
            value = Literal(text, language=("en", "fr", "en-GB")[choice])
        else:
            value = Literal(text, datatype=(XSD.string, XSD.decimal)[choice - 3])
        quads[at] = Quad(quads[at].subject, quads[at].predicate, value)


def _drawn(quads: Sequence[Quad], fault: Fault) -> Term:
    """A term to put somewhere: one that stands elsewhere in the data, or an odd one."""
    if fault.drawn % 2:
        return ODD[fault.drawn // 2 % len(ODD)]
    value = quads[fault.other % len(quads)].object
    assert isinstance(value, NamedNode | BlankNode | Literal)
    return value


KINDS: tuple[Callable[[list[Quad], Fault], None], ...] = (
    *(_delete, _replace, _replace_by_odd, _add_value, _add_property, _add_type),
    *(_retype, _swap_subjects, _rename_subject, _shift, _relabel),
)


def row_of(result: Result) -> Row:
    """What two engines have to agree on in a result."""
    return (
        *(result.focus, result.path or "", result.component, result.rule),
        *(result.severity, result.value or "", result.message),
    )


ORDERING = ("Inclusive", "Exclusive", "LessThan")
ABOVE = {q.subject: q.object for q in shapes() if q.predicate in (SH.lessThan, SH.lessThanOrEquals)}


def is_excused(row: Row, quads: Iterable[Quad]) -> bool:
    """Whether a result that only we give is about values that have no order.

    rdflib orders any two literals, ill-typed ones too, by their datatypes' IRIs
    if by nothing else; to SHACL a comparison that SPARQL cannot make is a fault.
    """
    if not any(name in row[2] for name in ORDERING):
        return False
    above = ABOVE.get(NamedNode(row[3]))
    there = [q.object for q in quads if above == q.predicate and name_of(q.subject) == row[0]]
    limits = there if above else [Literal(0)]
    value = next(q.object for q in quads if str(q.object) == row[5])
    return any(
        not (isinstance(value, Literal) and isinstance(limit, Literal))
        or compare(value, limit) is None
        for limit in limits
    )


def ours(quads: Sequence[Quad]) -> frozenset[Row]:
    """What the compiled checker finds."""
    return frozenset(map(row_of, core_checker().results(quads)))


def pyshacls(quads: Sequence[Quad]) -> frozenset[Row] | None:
    """What pySHACL finds about these quads' nodes, or None if it falls over."""
    concerned = _concerned(quads)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib warns of weird booleans
        try:
            found = [*shacl_results_by_pyshacl(quads)]
        except Exception:  # pySHACL refuses blank nodes under sh:lessThan, and says so so
            return None
    return frozenset(row_of(result) for result in found if result.focus in concerned)


def _concerned(quads: Sequence[Quad]) -> frozenset[str]:
    """Every node of the data; the ontology's own nodes keep their rules elsewhere."""
    return frozenset(name_of(term) for quad in quads for term in (quad.subject, quad.object))
