"""What each kind of constraint allows, and what is just beyond it.

Everything is worked out from the shapes: a new constraint has its changes as
soon as it is written, and one of a kind that `LIMITS` does not know is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from edits import (
    ANOTHER,
    NAMELESS,
    ODD,
    Draft,
    Edit,
    Edits,
    Instance,
    Spot,
    Subject,
    also,
    exactly,
    following,
    in_a_row,
    instead,
    renamed,
    reworded,
    with_words,
)
from pyoxigraph import Literal, NamedNode

from graph.facts import Term
from graph.schema import shapes, subclasses
from graph.shacl import View
from graph.shacl.paths import members
from graph.vocab import ASC, RDF, RDFS, SH, XSD

SHAPES = View(shapes())

WELL_AND_ILL_TYPED: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "boolean": (("true", "0"), ("TRUE", "yes", "")),
    "date": (("2031-05-04", "2032-02-29"), ("2031-02-29", "2031-5-4")),
    "dateTime": (
        ("2031-05-04T10:00:00", "2031-05-04T10:00:00.123456-14:00"),
        ("2031-05-04", "2031-05-04T25:00:00Z", "2031-13-04T10:00:00Z"),
    ),
    "decimal": (("1", "+0.50", "-.5", "9" * 40), ("1e3", "NaN", "0,5", "")),
    "gYear": (("2031", "-0044"), ("31", "x")),
    "gYearMonth": (("2031-05",), ("2031-13", "x")),
    "integer": (("+5", "007", "-0", "9" * 40), ("5.0", "five", "1e3", "")),
    "nonNegativeInteger": (("0", "+5"), ("-1", "5.5")),
    "string": (("", "\n", "“”\U0001f600"), ()),
}
OTHERS = (
    *(Literal("words"), Literal("words", language="en"), Literal(True), Literal(5), Literal(0.5)),
    *(NAMELESS, ODD, NamedNode(ASC.Statment.value)),
)


def _datatype(spot: Spot, kind: Term) -> Edits:
    assert isinstance(kind, NamedNode)
    well, ill = WELL_AND_ILL_TYPED.get(kind.value.removeprefix(XSD), ((), ()))
    fine = [Literal(text, datatype=kind) for text in well]
    if kind == RDF.langString:
        fine = [Literal("words", language=tag) for tag in ("en", "de-Latn-CH")]
    wrong = [each for each in OTHERS if not isinstance(each, Literal) or each.datatype != kind]
    return Edits(
        [instead(spot, each) for each in (*(Literal(t, datatype=kind) for t in ill), *wrong)],
        [instead(spot, each) for each in fine],
    )


def _class(spot: Spot, kind: Term) -> Edits:
    assert isinstance(kind, NamedNode)
    below = sorted(subclasses().get(kind, {kind}), key=str)
    if spot.last is None:
        types = Spot(spot.walk, RDF.type)
        return Edits(
            [instead(types), instead(types, ASC.Place, ASC.Statment), instead(types, NAMELESS)],
            [also(types, each) for each in (kind, below[0], below[-1])],
        )
    strangers = (ANOTHER, NAMELESS, Literal("words"), Instance(ASC.Statment), Instance(RDFS.Class))
    return Edits(
        [also(spot, strangers[0]), *(instead(spot, each) for each in strangers)],
        [instead(spot, Instance(each)) for each in (kind, below[0], below[-1])],
    )


def _node_kind(spot: Spot, _: Term) -> Edits:
    if spot.last is None:
        return Edits([renamed(NAMELESS)], [renamed(ODD)])
    return Edits([instead(spot, NAMELESS), instead(spot, Literal("words"))], [instead(spot, ODD)])


def _minimum(spot: Spot, limit: Term) -> Edits:
    number = int(limit.value)
    return Edits([exactly(spot, number - 1)], [exactly(spot, number)])


def _maximum(spot: Spot, limit: Term) -> Edits:
    number = int(limit.value)
    return Edits([exactly(spot, number + 1), exactly(spot, number + 2)], [exactly(spot, number)])


def _lengths(wrong: Sequence[int], right: Sequence[int]) -> Callable[[Spot, Term], Edits]:
    def edits(spot: Spot, limit: Term) -> Edits:
        def long(difference: int) -> Edit:
            return reworded(spot, lambda _: "é" * (int(limit.value) + difference))

        return Edits(
            [*map(long, wrong), instead(spot, NAMELESS)], [*map(long, right), instead(spot, ODD)]
        )

    return edits


def _range(wrong: Sequence[str], right: Sequence[str]) -> Callable[[Spot, Term], Edits]:
    def edits(spot: Spot, limit: Term) -> Edits:
        def near(difference: str) -> Edit:
            kind = XSD.decimal if "." in difference else XSD.integer
            number = str(int(float(limit.value)) + int(float(difference)))
            rest = "." + difference.partition(".")[2] if "." in difference else ""
            return instead(spot, Literal(number + rest, datatype=kind))

        odd = (*OTHERS, Literal("NaN", datatype=XSD.double), Literal("x", datatype=XSD.integer))
        return Edits(
            [*map(near, wrong), *(instead(spot, each) for each in odd)], [*map(near, right)]
        )

    return edits


def _one_of(spot: Spot, allowed: Term) -> Edits:
    listed = members(SHAPES, allowed)
    changed = [with_words(each, lambda text: text[:-1]) for each in listed[:1]]
    words = [Literal(each.value) for each in listed[:1] if isinstance(each, NamedNode)]
    return Edits(
        [instead(spot, each) for each in (*changed, *words, ANOTHER)],
        [instead(spot, each) for each in (listed[0], listed[-1])],
    )


def _pattern(spot: Spot, _: Term) -> Edits:
    return Edits(
        [
            reworded(spot, change)
            for change in (
                *(lambda t: t + "x", lambda t: "x" + t, lambda t: t[:-1], lambda t: t + "\n"),
                *(lambda t: "\n" + t, lambda t: t.upper(), lambda t: "", lambda t: t + "1"),
            )
        ],
        [reworded(spot, lambda t: t + t), reworded(spot, lambda t: t + "/XXXX")],
    )


def _languages(spot: Spot, _: Term) -> Edits:
    return Edits(
        [instead(spot, each) for each in (Literal("words"), Literal("Wörter", language="de"))],
        [instead(spot, Literal("words", language=tag)) for tag in ("EN", "en-GB", "en-x-a")],
    )


def _one_a_language(spot: Spot, _: Term) -> Edits:
    def words(*tags: str) -> Edit:
        return instead(spot, *(Literal(f"words {n}", language=t) for n, t in enumerate(tags)))

    return Edits([words("en", "en"), words("en", "EN")], [words("en", "en-GB"), words("de", "en")])


def _shifted(by: int) -> Callable[[str], str]:
    return lambda text: str(int(text) + by) if text.isdigit() else text


def _below(wrong: Sequence[int], right: Sequence[int]) -> Callable[[Spot, Term], Edits]:
    def edits(spot: Spot, other: Term) -> Edits:
        assert isinstance(other, NamedNode)
        limit = Spot(spot.walk, other)
        odd = (*OTHERS, *(Literal(text, datatype=XSD.dateTime) for text in TIMES))
        return Edits(
            [
                *(following(spot, other, _shifted(by)) for by in wrong),
                *(instead(spot, each) for each in odd),
                *(instead(limit, each) for each in odd),
                *(in_a_row([instead(spot, each), instead(limit, each)]) for each in odd),
            ],
            [following(spot, other, _shifted(by)) for by in right],
        )

    return edits


TIMES = ("2031-05-04T10:00:00", "2031-05-04T10:00:00Z", "2031-05-04T10:00:00+14:00", "x")


def _apart(spot: Spot, other: Term) -> Edits:
    assert isinstance(other, NamedNode)
    return Edits(
        [following(spot, other, lambda text: text)],
        [following(spot, other, lambda text: "0" + text)],
    )


def _value(spot: Spot, wanted: Term) -> Edits:
    return Edits([instead(spot), instead(spot, ANOTHER)], [instead(spot, ANOTHER, wanted)])


def _closed(spot: Spot, _: Term) -> Edits:
    return Edits(
        [also(Spot(spot.walk, ANOTHER), each) for each in (ODD, NAMELESS, Literal(5))],
        [also(Spot(spot.walk, RDFS.seeAlso), ODD)],
    )


def _not(spot: Spot, shape: Term) -> Edits:
    breaking, sparing = edits_of(shape, spot)
    return Edits(sparing, breaking)


def _all(spot: Spot, listed: Term) -> Edits:
    return _every([edits_of(each, spot) for each in members(SHAPES, listed)])


def _any(spot: Spot, listed: Term) -> Edits:
    return _either([edits_of(each, spot) for each in members(SHAPES, listed)])


def _every(parts: Sequence[Edits]) -> Edits:
    return Edits([e for part in parts for e in part.breaking], _rows([p.sparing for p in parts]))


def _either(parts: Sequence[Edits]) -> Edits:
    return Edits(_rows([p.breaking for p in parts]), [e for part in parts for e in part.sparing])


def _rows(columns: Sequence[Sequence[Edit]]) -> list[Edit]:
    """One edit of each column, until each was taken."""
    filled = [column for column in columns if column]
    longest = max(map(len, filled), default=0)
    return [in_a_row([each[n % len(each)] for each in filled]) for n in range(longest)]


def circles(spot: Spot, _: Term | None = None) -> Edits:
    """A node that leads to itself, at once or by way of another."""

    def to_itself(quads: Draft, focus: Subject) -> None:
        instead(spot, focus)(quads, focus)

    def to_and_fro(quads: Draft, focus: Subject) -> None:
        instead(spot, ANOTHER)(quads, focus)
        instead(spot, focus)(quads, ANOTHER)

    return Edits([to_itself, to_and_fro], [instead(spot, ANOTHER), instead(spot)])


def _at_values(spot: Spot, shape: Term) -> Edits:
    return edits_of(shape, Spot((*spot.walk, (spot.last, False)) if spot.last else spot.walk))


LIMITS: dict[NamedNode, tuple[str, Callable[[Spot, Term], Edits]]] = {
    SH.term("and"): ("And", _all),
    SH.term("class"): ("Class", _class),
    SH.closed: ("Closed", _closed),
    SH.datatype: ("Datatype", _datatype),
    SH.disjoint: ("Disjoint", _apart),
    SH.hasValue: ("HasValue", _value),
    SH.term("in"): ("In", _one_of),
    SH.languageIn: ("LanguageIn", _languages),
    SH.lessThan: ("LessThan", _below(wrong=(0, 1), right=(-1,))),
    SH.lessThanOrEquals: ("LessThanOrEquals", _below(wrong=(1, 2), right=(0, -1))),
    SH.maxCount: ("MaxCount", _maximum),
    SH.maxInclusive: ("MaxInclusive", _range(wrong=("1", "0.1"), right=("0", "0.0"))),
    SH.maxLength: ("MaxLength", _lengths(wrong=(1,), right=(0, -1))),
    SH.minCount: ("MinCount", _minimum),
    SH.minInclusive: ("MinInclusive", _range(wrong=("-1", "-1.5"), right=("0", "0.0"))),
    SH.minLength: ("MinLength", _lengths(wrong=(-1,), right=(0, 1))),
    SH.node: ("Node", _at_values),
    SH.nodeKind: ("NodeKind", _node_kind),
    SH.term("not"): ("Not", _not),
    SH.term("or"): ("Or", _any),
    SH.pattern: ("Pattern", _pattern),
    SH.qualifiedValueShape: ("QualifiedMinCount", circles),
    SH.uniqueLang: ("UniqueLang", _one_a_language),
}
"""Each parameter with its component, and the changes around its limit."""

NO_LIMITS = frozenset(
    {
        *(RDF.type, RDFS.label, RDFS.comment, SH.path, SH.property, SH.sparql),
        *(SH.name, SH.order, SH.group, SH.severity, SH.message, SH.deactivated),
        *(SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf),
        *(SH.qualifiedMinCount, SH.ignoredProperties),
    }
)
"""What stands on our shapes and is no constraint by itself."""


def edits_of(shape: Term, at: Spot) -> Edits:
    """What breaks a shape as a whole at some spot, and what does not."""
    parts = [edits for _, edits in constraints_of(shape, at)]
    return _every([*parts, *(edits_of(each, at) for each in SHAPES.values(shape, SH.property))])


def constraints_of(shape: Term, at: Spot) -> Iterator[tuple[str, Edits]]:
    """The constraints of one shape, each with the changes around its limit.

    Raises: KeyError for a parameter that is not known here.
    """
    for spot in _spots_of(shape, at):
        for parameter, limits in SHAPES.properties(shape).items():
            if parameter not in NO_LIMITS:
                component, edits = LIMITS[parameter]
                yield from ((component, edits(spot, limit)) for limit in limits)


def _spots_of(shape: Term, at: Spot) -> Iterator[Spot]:
    for path in SHAPES.values(shape, SH.path):
        around = Spot((*at.walk, (at.last, False))) if at.last else at
        for steps in _routes(path):
            assert not steps[-1][1], "a path that ends backwards"
            yield Spot((*around.walk, *steps[:-1]), steps[-1][0])
    if not SHAPES.values(shape, SH.path):
        yield at


def _routes(path: Term, backwards: bool = False) -> list[tuple[tuple[NamedNode, bool], ...]]:
    """The ways along a path; what it may repeat is left out, or taken once if it is all."""
    said = SHAPES.properties(path)
    if RDF.first in said:
        parts = [each for each in members(SHAPES, path) if not _repeats(each)]
        ways = product(*(_routes(each, backwards) for each in parts))
        return [tuple(step for part in way for step in part) for way in ways]
    for predicate, value in ((p, v) for p, there in said.items() for v in there):
        if predicate == SH.alternativePath:
            return [way for each in members(SHAPES, value) for way in _routes(each, backwards)]
        return _routes(value, backwards != (predicate == SH.inversePath))
    assert isinstance(path, NamedNode), path
    return [((path, backwards),)]


def _repeats(path: Term) -> bool:
    return SH.zeroOrMorePath in SHAPES.properties(path)
