"""Two engines on one case: what each finds, and where they differ."""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache, partial
from multiprocessing import get_context

from aims import aims
from conftest import BASE
from hypothesis import HealthCheck, Phase, given, seed, settings
from limits import SHAPES
from mutations import IN_STORE, spoilt_bundles, struck
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store, Variable
from pyshacl.errors import ReportableRuntimeError

from graph.bundle import Bundle, Graphs
from graph.facts import Term
from graph.oracle import Oracle, with_terms
from graph.report import VIOLATION, Result
from graph.schema import shapes
from graph.shacl import name_of
from graph.sparql_rules import sparql_results
from graph.validation import core_checker, validate
from graph.vocab import ASC, RDF, SH, XSD, shorten
from graph.vocab import SHAPES as RULES

Row = tuple[str, ...]
FOCUS, _, COMPONENT, RULE, SEVERITY, VALUE, _ = range(7)


def row_of(result: Result) -> Row:
    """What two engines have to agree on in a result."""
    return (
        *(result.focus, result.path or "", result.component, result.rule),
        *(result.severity, result.value or "", result.message),
    )


# What each finds.


def ours(quads: Sequence[Quad]) -> frozenset[Row]:
    """What the compiled checker and the rules in SPARQL find about all nodes."""
    checker = core_checker()
    return frozenset(map(row_of, (*checker.results(quads), *sparql_results(checker.view(quads)))))


def at_the_gate(quads: Sequence[Quad]) -> frozenset[Row]:
    """What `validate` finds about a bundle beside what the store holds, quotes left out."""
    inside = frozenset(quad for quad in quads if quad.graph_name != IN_STORE)
    beside = [quad for quad in quads if quad.graph_name == IN_STORE]
    report, _ = validate(Bundle(_version(inside), Graphs(BASE), inside), None, beside)
    by_comparison = RULES.SelectorConstraintComponent.value
    return frozenset(row_of(each) for each in report.results if each.component != by_comparison)


def _version(quads: Iterable[Quad]) -> NamedNode:
    kind = ASC.DocumentVersion
    found = [q.subject for q in quads if q.predicate == RDF.type and q.object == kind]
    return min((each for each in found if isinstance(each, NamedNode)), default=RULES.none, key=str)


def pyshacls(quads: Sequence[Quad]) -> frozenset[Row]:
    """What pySHACL finds, without the rules about order where it falls over.

    It does where a value that is compared is a blank node, or "NaN"^^xsd:decimal.
    """
    data = with_terms(quads)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib warns of weird booleans
        try:
            return frozenset(map(row_of, oracle().results(data)))
        except (ReportableRuntimeError, ArithmeticError, TypeError):
            return frozenset(map(row_of, oracle(ordering=False).results(data)))


HOLDS = {
    SH.lessThan: "SELECT ?value ?limit (?value < ?limit AS ?holds) { }",
    SH.lessThanOrEquals: "SELECT ?value ?limit (?value <= ?limit AS ?holds) { }",
    SH.maxInclusive: "SELECT ?value ?limit (?value <= ?limit AS ?holds) { }",
    SH.minInclusive: "SELECT ?value ?limit (?value >= ?limit AS ?holds) { }",
}
"""What SHACL has SPARQL ask of a value, by parameter."""


ILL_TYPED = {
    Literal("300", datatype=XSD.byte),  # bytes end at 127 (XSD 1.1, 3.4.19)
    Literal("-1", datatype=XSD.nonNegativeInteger),
}
"""What the cases have that is no value of its type, and that Oxigraph takes for a number."""


@cache
def oracle(*, ordering: bool = True) -> Oracle:
    """pySHACL with our shapes."""
    left_out = () if ordering else HOLDS.keys()
    return Oracle(quad for quad in shapes() if quad.predicate not in left_out)


# Where they differ.


@dataclass(slots=True)
class Tally:
    """What came of some cases.

    Shape: `violated` counts, by rule and component, the cases in which both
        engines found it; `excused` counts the results in which pySHACL is not
        right; each of the `differences` is a small case.
    """

    cases: int = 0
    refused: int = 0
    excused: int = 0
    violated: Counter[tuple[str, str]] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count another tally's cases too."""
        self.cases += other.cases
        self.refused += other.refused
        self.excused += other.excused
        self.violated += other.violated
        self.differences += other.differences


class Differ(AssertionError):
    """The engines find different things in a case, which this tells in full."""


def hold_together(quads: Sequence[Quad], tally: Tally) -> None:
    """Both engines on a case, counted.

    Raises: Differ.
    """
    try:
        theirs, everywhere, gated = pyshacls(quads), ours(quads), at_the_gate(quads)
    except Exception as fault:
        raise Differ(_told(quads, [(f"{type(fault).__name__}: {fault}", "")], [])) from fault
    every = {name_of(term) for quad in quads for term in (quad.subject, quad.object)}
    inside = {name_of(quad.subject) for quad in quads if quad.graph_name != IN_STORE}
    tally.cases += 1
    for found, concerned in ((everywhere, every), (gated, inside)):
        expected = {row for row in theirs if row[FOCUS] in concerned}
        more = {row for row in found - expected if not is_out_of_order(row, quads)}
        less = {row for row in expected - found if not is_circle_by_literal(row)}
        if more or less:
            raise Differ(_told(quads, more, less))
        tally.excused += len(found ^ expected)
    tally.refused += any(row[SEVERITY] == VIOLATION for row in theirs)
    tally.violated.update({(row[RULE], row[COMPONENT]) for row in theirs})


def _told(quads: Sequence[Quad], only_ours: Iterable[Row], only_theirs: Iterable[Row]) -> str:
    rows = [*(("ours", row) for row in only_ours), *(("pySHACL's", row) for row in only_theirs)]
    notes = [f"# only {whose}: {' | '.join(row[:-1])!r}" for whose, row in sorted(rows)]
    return "\n".join((*notes, *(f"{quad} ." for quad in quads), ""))


def is_out_of_order(row: Row, quads: Iterable[Quad]) -> bool:
    """Whether SPARQL, asked of Oxigraph, finds the two values of a result in no such order.

    SHACL has SPARQL's operators say which value comes first, and wants a result
    where they cannot (sections 4.3, 4.5.3 and 4.5.4). pySHACL lets rdflib sort, which
    puts any two literals in some order, and refuses blank nodes.
    """
    rule = NamedNode(row[RULE])
    for parameter, question in HOLDS.items():
        name = parameter.value.removeprefix(SH)
        if row[COMPONENT] == SH.term(f"{name[0].upper()}{name[1:]}ConstraintComponent").value:
            [value] = {quad.object for quad in quads if str(quad.object) == row[VALUE]}
            limits = SHAPES.values(rule, parameter)
            if parameter in (SH.lessThan, SH.lessThanOrEquals):
                about = (q for q in quads if name_of(q.subject) == row[FOCUS])
                limits = [q.object for q in about if q.predicate in limits]
            return not all(_holds(question, value, limit) for limit in limits)
    return False


def is_circle_by_literal(row: Row) -> bool:
    """Whether a result says that a circle leads through a literal, from which nothing leads.

    In a property path rdflib takes a literal that is empty, 0 or false for a
    variable, and so finds that it leads anywhere (SPARQL 1.1, section 9.3).
    """
    return row[RULE] == RULES.term("Agent-acyclic").value and row[VALUE].startswith('"')


def _holds(question: str, value: Term, limit: Term) -> bool:
    if not (isinstance(value, Literal) and isinstance(limit, Literal)):
        return False
    if not {value, limit}.isdisjoint(ILL_TYPED):
        return False
    if value.language or limit.language:
        return False  # Oxigraph goes beyond SPARQL, whose `<` takes no language (1.1, 17.3)
    given = {Variable("value"): value, Variable("limit"): limit}
    found = Store().query(question, substitutions=given)
    assert isinstance(found, QuerySolutions)
    return next(found)["holds"] == Literal(True)


# Many cases.


@cache
def struck_bundles() -> tuple[frozenset[Quad], ...]:
    """The smallest bundle that each aim changes, changed; each once, though aims come to
    the same, as those at a property that several shapes speak of."""
    return tuple(dict.fromkeys(frozenset(struck(aim)) for aim in aims()))


def strike_all(first: int, last: int) -> Tally:
    """Each struck bundle from number `first` to before `last`."""
    tally = Tally()
    for bundle in struck_bundles()[first:last]:
        _note(partial(hold_together, sorted(bundle, key=str), tally), tally)
    return tally


def explore(number: int, cases: int) -> Tally:
    """As many cases as Hypothesis draws from a seed, the first difference made small."""
    tally = Tally()

    @seed(number)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(spoilt_bundles())
    def both_find_the_same(quads: list[Quad]) -> None:
        hold_together(quads, tally)

    _note(both_find_the_same, tally)
    return tally


def _note(case: Callable[[], None], tally: Tally) -> None:
    logging.disable(logging.CRITICAL)  # rdflib logs each ill-typed literal with a traceback
    try:
        case()
    except Differ as difference:
        tally.differences.append(str(difference))
    finally:
        logging.disable(logging.NOTSET)


A_TURN = 100


def tallies(cases: int, number: int, workers: int) -> Iterator[Tally]:
    """All struck bundles, then drawn cases until there are so many, a hundred at a time.

    Raises: BrokenProcessPool, if one of the processes is gone.
    """
    struck_ = len(struck_bundles())
    turns = [*(("struck", start) for start in range(0, struck_, A_TURN))]
    turns += [("drawn", turn) for turn in range(-(-(cases - struck_) // A_TURN))]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for done in as_completed([pool.submit(_turn, number, turn) for turn in turns]):
            yield done.result()


def _turn(number: int, turn: tuple[str, int]) -> Tally:
    kind, at = turn
    if kind == "struck":
        return strike_all(at, at + A_TURN)
    return explore(number * 1_000_000 + at, A_TURN)


def missing(tally: Tally) -> list[str]:
    """The rules and components that no case of a tally broke."""
    never = {aim.pair for aim in aims()} - tally.violated.keys()
    return sorted(f"{shorten(rule)} {kind.rpartition('#')[2]}" for rule, kind in never)
