"""The check page: a text with its lines, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from graph.errors import BadInput, SyntaxFault
from graph.formats import JSON_LD, RDF_XML, TRIG, Format, from_path
from graph.importing import ROW, is_sheet
from graph.kg import KnowledgeGraph
from graph.listings import CSV
from graph.report import Fix, Place, Report, Result, Step
from graph.schema import labels
from graph.vocab import ASC, PREFIXES, SHAPES, shorten
from graph.web.reports import form_of, report_on

_MOST_LINES = 1_500
_AROUND = 3
_JSON = re.compile(r"\s*(\{\s*[\"}]|\[\s*\{)")
_UNDECLARED = re.compile(r"prefix (\w+): has not been declared")
_SAMPLES = Path(__file__).parent.parent / "samples"

SAMPLES = {"good": "good.ttl", "bad": "bad.ttl", "table": "table.csv"}
"""What can be tried, and the files of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text, with the numbers of the problems that stand there."""

    number: int
    text: str
    problems: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, as a card shows it.

    Shape: `rule` is the rule's short name, `term` the class whose page holds it.
    """

    number: int
    is_violation: bool
    subject: str
    value: str
    message: str
    place: Place
    rule: str
    term: str
    fix: Fix | None


@dataclass(frozen=True, slots=True)
class Check:
    """What the page shows.

    Shape: `report` is None before anything was checked, and where `fault` says why
        it could not be; None stands among `lines` where some are left out; what was
        checked `is_table` or else RDF.
    """

    bundle: str = ""
    text: str = ""
    report: Report | None = None
    fault: BadInput | None = None
    problems: tuple[Problem, ...] = ()
    lines: tuple[Line | None, ...] = ()
    mended: str = ""
    is_table: bool = False


def sample(name: str) -> Check:
    """The form with an example in it, one of `SAMPLES` or nothing."""
    return Check(_sample(SAMPLES[name]), _sample("source.txt")) if name else Check()


def check(kg: KnowledgeGraph, data: bytes, name: str, text: str, chosen: int | None) -> Check:
    """What is wrong with some RDF or a table, a chosen fix having been made before.

    Shape: `text` is the source's, empty if it is not at hand; `chosen` counts the
        problems from 1.
    """
    found = _check(kg, data, name, text)
    if chosen is None or not 1 <= chosen <= len(found.problems):
        return found
    fix = found.problems[chosen - 1].fix
    if fix is None or not fix.steps:
        return found
    again = _check(kg, fix.applied(found.bundle).encode(), name, text)
    return replace(again, text=text, mended=fix.words)


def _check(kg: KnowledgeGraph, data: bytes, name: str, text: str) -> Check:
    shown = data.decode("utf-8", "replace").replace("\r\n", "\n")
    report, problems = None, []
    fault: BadInput | None = None
    source = text.encode() if text.strip() else None
    form = None
    try:
        if not shown.strip():
            raise BadInput("There is nothing to check: paste a bundle, or choose a file.")
        sent = shown.encode() if "\ufffd" not in shown else data
        form = form_of(name, "", lambda: _form_of(name, shown))
        report = report_on(kg, sent, form, name, source)
        base = kg.settings.base
        problems = [_problem(n, each, base) for n, each in enumerate(report.results, 1)]
    except BadInput as caught:
        fault = caught
        problems = [_unread(caught)]
    lines = tuple(_lines(shown, problems))
    return Check(shown, text, report, fault, tuple(problems), lines, is_table=form == CSV)


def _form_of(name: str, text: str) -> Format:
    if name and "." in name:
        return from_path(Path(name))
    if text.lstrip().startswith(("<?xml", "<rdf:RDF")):
        return RDF_XML
    if is_sheet(text):
        return CSV
    return JSON_LD if _JSON.match(text) else TRIG  # every Turtle file is a TriG file


def _problem(number: int, result: Result, base: str) -> Problem:
    rule = result.rule.removeprefix(SHAPES) if result.rule != ROW else ""
    stem = rule.partition("-")[0]
    return Problem(
        number,
        result.is_violation,
        subject=result.focus.removeprefix(base),
        value=_plain(result.value or "", base),
        message=result.message,
        place=result.where,
        rule=rule,
        term=stem if ASC + stem in labels() else "",
        fix=result.fix,
    )


def _unread(fault: BadInput) -> Problem:
    place = Place()
    fix = None
    if isinstance(fault, SyntaxFault):
        place = Place(fault.line, fault.column)
    undeclared = _UNDECLARED.search(str(fault))
    if undeclared and undeclared[1] in PREFIXES:
        line = f"@prefix {undeclared[1]}: <{PREFIXES[undeclared[1]]}> ."
        fix = Fix("Declare the prefix.", (Step(1, 0, line),))
    return Problem(1, True, "", "", str(fault), place, "", "", fix)


def _plain(value: str, base: str) -> str:
    """A value as a reader knows it: without the brackets, base and datatype."""
    if value.startswith("<"):
        iri = value[1:-1]
        return shorten(iri) if shorten(iri) != iri else iri.removeprefix(base)
    return value.partition("^^")[0]


def _lines(text: str, problems: list[Problem]) -> Iterator[Line | None]:
    """The lines, all of them or, of a long text, those around problems."""
    at: dict[int, list[int]] = {}
    for each in problems:
        if each.place.line:
            at.setdefault(each.place.line, []).append(each.number)
    lines = text.splitlines()
    near = {line + step for line in at for step in range(-_AROUND, _AROUND + 1)}
    skipped = False
    for number, line in enumerate(lines, 1):
        if len(lines) > _MOST_LINES and number not in near:
            if not skipped:
                yield None
            skipped = True
            continue
        skipped = False
        yield Line(number, line, tuple(at.get(number, ())))


@cache
def _sample(name: str) -> str:
    return (_SAMPLES / name).read_text("utf-8")
