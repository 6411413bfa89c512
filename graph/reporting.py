"""Reports written down: text, JSON, SARIF, GitHub annotations, SHACL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from textwrap import indent
from typing import Any
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from graph.errors import BadInput, SyntaxFault
from graph.export import as_document
from graph.formats import JSON_LD, TURTLE
from graph.report import VIOLATION, Fix, Place, Report, Result
from graph.rules import rules
from graph.vocab import RDF, SH, XSD

UNREAD = "unread"
"""The rule that a file which cannot be read breaks, in forms that want one."""

SHOWN_IN_PLACE = ("github", "sarif")
"""Forms that other programs show on the lines of a file, unreadable ones included."""


def as_text(report: Report, base: str = "") -> str:
    """One line a result with its fix below it, then a line that counts."""
    lines = []
    for result in report.results:
        lines.append(result.sentence(base))
        if result.fix:
            lines.append(indent(f"Fix: {result.fix}", "    "))
    return "\n".join([*lines, _closing(report)])


def as_json(report: Report) -> dict[str, Any]:
    """The report as plain JSON values."""
    return {
        "conforms": report.conforms,
        "summary": report.summary(),
        "rules": report.rules,
        "quotesChecked": report.quotes_checked,
        "quotesUnchecked": report.quotes_unchecked,
        "results": [_result_as_json(result) for result in report.results],
    }


def as_sarif(report: Report) -> dict[str, Any]:
    """The report for code-scanning tools.

    Source: OASIS SARIF 2.1.0.
    """
    broken = sorted({result.rule for result in report.results})
    known = rules()
    driver = {
        "name": "ascribe",
        "informationUri": "https://w3id.org/ascribe/",
        "rules": [
            {"id": iri, "name": known[iri].name, "shortDescription": {"text": known[iri].message}}
            for iri in broken
            if iri in known
        ],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result_as_sarif(result) for result in report.results],
            }
        ],
    }


def as_github(report: Report, base: str = "") -> str:
    """The report as GitHub Actions workflow commands."""
    lines = []
    for result in report.results:
        kind = "error" if result.is_violation else "warning"
        numbers = {"line": result.line, "col": result.where.column}
        line = "".join(f",{name}={number}" for name, number in numbers.items() if number)
        text = _said(result, base)
        text += f"\n{result.fix}" if result.fix else ""
        file = _escaped(result.source).replace(":", "%3A").replace(",", "%2C")
        lines.append(f"::{kind} file={file}{line}::{_escaped(text)}")
    return "\n".join([*lines, _closing(report)])


def _said(result: Result, base: str = "") -> str:
    focus = result.focus.removeprefix(base)
    return result.message if result.rule == UNREAD else f"{focus}: {result.message}"


def _escaped(text: str) -> str:
    """Text that a workflow command may hold.

    Source: GitHub Actions toolkit, `escapeData` and `escapeProperty`.
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def as_shacl(report: Report) -> list[Quad]:
    """The report as a sh:ValidationReport.

    Source: SHACL, section 3.6.
    """
    return list(_shacl(report))


def unread(fault: BadInput, path: str) -> Report:
    """The report on a file that cannot be read, for forms that show what is wrong in place."""
    at = fault if isinstance(fault, SyntaxFault) else SyntaxFault("")
    place = Place(at.line, at.column)
    found = Result(at.line, UNREAD, path, None, None, UNREAD, VIOLATION, str(fault), path, place)
    return Report((found,))


def write_report(report: Report, form: str, base: str = "") -> str:
    """The report in one of `REPORT_FORMS`."""
    return REPORT_FORMS[form](report, base)


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


REPORT_FORMS: dict[str, Callable[[Report, str], str]] = {
    "text": as_text,
    "json": lambda report, _: _pretty(as_json(report)),
    "turtle": lambda report, _: as_document(as_shacl(report), TURTLE).decode(),
    "jsonld": lambda report, _: as_document(as_shacl(report), JSON_LD).decode(),
    "github": as_github,
    "sarif": lambda report, _: _pretty(as_sarif(report)),
}
"""How a report can be written down, by name."""


def _closing(report: Report) -> str:
    quotes = [
        f"{report.quotes_checked} quotes checked against the text" if report.quotes_checked else "",
        f"{report.quotes_unchecked} quotes unchecked: the text is not at hand"
        if report.quotes_unchecked
        else "",
    ]
    verdict = "" if report.results else f" All {report.rules} rules passed."
    return f"{report.summary()}{verdict} {' '.join(f'{each}.' for each in quotes if each)}".strip()


def _result_as_json(result: Result) -> dict[str, Any]:
    return {
        "severity": "violation" if result.is_violation else "warning",
        "message": result.message,
        "rule": result.rule,
        "focus": result.focus,
        "path": result.path,
        "value": result.value,
        "component": result.component,
        "source": result.source,
        "line": result.line,
        "column": result.where.column,
        "pointer": result.where.pointer or None,
        "near": result.where.near,
        "fix": _fix_as_json(result.fix) if result.fix else None,
    }


def _fix_as_json(fix: Fix) -> dict[str, Any]:
    steps = [{"first": s.first, "last": s.last, "text": s.text} for s in fix.steps]
    return {"words": fix.words, "steps": steps}


def _fix_as_sarif(fix: Fix, artifact: dict[str, Any]) -> dict[str, Any]:
    """A fix as replacements of whole lines.

    Source: OASIS SARIF 2.1.0, section 3.55.
    """
    replacements = [
        {
            "deletedRegion": {
                "startLine": step.first,
                "startColumn": 1,
                "endLine": step.last + 1,
                "endColumn": 1,
            },
            "insertedContent": {"text": f"{step.text}\n" if step.text else ""},
        }
        for step in fix.steps
    ]
    return {
        "description": {"text": fix.words},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
    }


def _result_as_sarif(result: Result) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(result.source or "-")}}
    if result.line:
        place["region"] = {"startLine": result.line}
        if result.where.column:
            place["region"]["startColumn"] = result.where.column
    found: dict[str, Any] = {
        "ruleId": result.rule,
        "level": "error" if result.is_violation else "warning",
        "message": {"text": _said(result)},
        "locations": [{"physicalLocation": place}],
    }
    if result.fix and result.fix.steps:
        found["fixes"] = [_fix_as_sarif(result.fix, place["artifactLocation"])]
    return found


def _shacl(report: Report) -> Iterator[Quad]:
    node = BlankNode("report")
    conforms = Literal(str(report.conforms).lower(), datatype=XSD.boolean)
    yield Quad(node, RDF.type, SH.ValidationReport)
    yield Quad(node, SH.conforms, conforms)
    for number, result in enumerate(report.results, 1):
        each = BlankNode(f"result{number}")
        yield Quad(node, SH.result, each)
        yield Quad(each, RDF.type, SH.ValidationResult)
        yield Quad(each, SH.focusNode, _node(result.focus))
        yield Quad(each, SH.sourceShape, NamedNode(result.rule))
        yield Quad(each, SH.sourceConstraintComponent, NamedNode(result.component))
        yield Quad(each, SH.resultSeverity, NamedNode(result.severity))
        yield Quad(
            each,
            SH.resultMessage,
            Literal(f"{result.message} {result.place}".strip(), language="en"),
        )
        if result.path:
            yield Quad(each, SH.resultPath, NamedNode(result.path))


def _node(focus: str) -> NamedNode | BlankNode:
    return BlankNode(focus[2:]) if focus.startswith("_:") else NamedNode(focus)
