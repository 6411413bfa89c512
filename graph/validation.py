"""A bundle against the shapes: compiled for SHACL Core, sets for its SPARQL rules,
slices of the text for the quotes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from pyoxigraph import NamedNode, Quad

from graph.bundle import Bundle
from graph.quotes import QuoteCheck, check_quotes
from graph.report import Report, Result, ordered
from graph.rules import rule, rules
from graph.schema import shapes, vocabulary
from graph.shacl import Checker, View, compile_shapes, name_of
from graph.sparql_rules import sparql_results
from graph.vocab import ASC, SH


def validate(
    bundle: Bundle, source: bytes | None = None, context: Iterable[Quad] = ()
) -> tuple[Report, QuoteCheck]:
    """Every rule that a bundle breaks, with file and line.

    Shape: `source` holds the bytes of the text if they are at hand; `context`
        holds what the store says about things the bundle names.
    Source: SHACL, section 3 (validation).
    """
    beside = tuple(context)
    view = core_checker().view(beside, bundle.facts)
    quotes = check_quotes(bundle, source, view)
    found = (*_shacl_results(bundle, beside, view), *_from_elsewhere(bundle), *quotes.results)
    report = Report(
        ordered(found),
        quotes_checked=quotes.checked,
        quotes_unchecked=quotes.unchecked,
        rules=len(rules()),
    )
    return bundle.origin.place(report), quotes


def _shacl_results(bundle: Bundle, beside: tuple[Quad, ...], view: View) -> Iterator[Result]:
    """What SHACL finds wrong with the subjects of a bundle, what is beside it in view."""
    checker = core_checker()
    yield from checker.results_in(view, bundle.facts)
    others = [*sparql_results(view)]
    if checker.unsupported:
        from graph.oracle import results_of_shapes  # rdflib: 0.1 s, for shapes that few have

        others.extend(results_of_shapes(checker.unsupported, (*bundle.quads, *beside)))
    if others:
        names = {name_of(subject) for subject in bundle.facts}
        yield from (result for result in others if result.focus in names)


def fallback_shapes() -> tuple[str, ...]:
    """The shapes that could not be compiled and are checked by pySHACL, with the reason.

    Ours all compile; a shape added beside them may not.
    """
    return tuple(str(fault) for fault in core_checker().unsupported.values())


@cache
def core_checker() -> Checker:
    """The rules in SHACL Core, compiled, with the ontology's classes behind the data."""
    core = (quad for quad in shapes() if quad.predicate != SH.sparql)
    return compile_shapes(core, vocabulary(), leave_out=True)


def _from_elsewhere(bundle: Bundle) -> Iterator[Result]:
    """The statements that name another source than the bundle's own."""
    for subject, said in bundle.facts.items():
        for source in said.get(ASC.source, ()):
            if source != bundle.version:
                value = source if isinstance(source, NamedNode) else None
                focus = name_of(subject)
                yield rule("Statement-bundle").broken(focus, path=ASC.source, value=value)
