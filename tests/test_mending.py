"""Fixes: pasted in as they are shown, each makes its message go away."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, Quad
from test_cases import BASE, CASES, case_files, header_of, name_of, short

from graph.bundle import Bundle
from graph.errors import SyntaxFault
from graph.formats import JSON_LD, NQUADS, NTRIPLES, RDF_XML, TRIG, TURTLE, Format, dumps
from graph.mending import Mender
from graph.mending.change import Change
from graph.mending.jsonld import edited_document
from graph.reading import Reader
from graph.report import Report, Result
from graph.reporting import as_github, as_sarif, unread
from graph.settings import Settings
from graph.validation import validate
from graph.vocab import ASC, ASCV, RDF, RDFS

IN_WORDS = {
    "shapes:Attribution-closed": "only the text says whose hop is missing",
    "shapes:Attribution-source": "which of two sources an attribution belongs to, the text decides",
    "shapes:CausalProposition-cause": "the bundle has no other content that could be the cause",
    "shapes:CausalProposition-effect": "the bundle has no other content that could be the effect",
    "shapes:Claim-expresses": "the bundle has no content to point at",
    "shapes:Concept-prefLabel": "the event is named as a predicate: the fault is elsewhere",
    "shapes:DocumentVersion-typed": "the class would make it a second source in one bundle",
    "shapes:Judgement-judged": "the bundle has no assessment to judge",
    "shapes:OffsetTime-anchor": "the bundle has nothing to count from",
    "shapes:QuantityProposition-bound": "the number is in the text, in words",
    "shapes:RelationAssessment-relation": "which relation was meant, only its author knows",
    "shapes:Statement-wasGeneratedBy": "who made the record is nowhere in the bundle",
}
"""Rules of which a case has no fix to paste, and why; the message says what to do."""

OTHERS = (TRIG, JSON_LD, NQUADS, RDF_XML)
STORE = [*pyoxigraph.parse(path=CASES / "store.ttl", base_iri=BASE)]
ONE, FLOOD = NamedNode(BASE + "statement/1"), NamedNode(BASE + "event/flood")
LABEL, OTHER = (Literal(each, language="en") for each in ("the flood", "the high water"))
TEXT = (CASES / "river.txt").read_bytes()


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    each = Reader(Settings(base=BASE))
    yield each
    each.close()


def report_on(bundle: Bundle, text: bytes | None) -> Report:
    return validate(bundle, text, STORE)[0]


def broken_by(report: Report, rule: str) -> list[Result]:
    """The violations of a rule."""
    return [each for each in report.violations if short(each.rule) == rule]


def pasted(reader: Reader, text: str, report: Report, rule: str) -> int | None:
    """How many fixes, each pasted in, a rule's message takes to go away; None if it stays."""
    for fixes in range(9):
        broken = broken_by(report, rule)
        if not broken:
            return fixes
        fix = broken[0].fix
        if fix is None or not fix.steps:
            return None
        text = fix.applied(text)
        bundle = reader.read(text.encode(), TURTLE)
        report = report_on(bundle, TEXT)
        if broken_by(report, rule):
            report = Mender(bundle, TEXT, report_on, reader).report()
    return None


def goes_away_in(form: Format, reader: Reader, data: bytes, mender: Mender, broken: Result) -> bool:
    """Whether what mends a Turtle file can be pasted into the same statements in another form."""
    bundle = reader.read(data, form)
    change = mender.changes.get(broken)
    if change is not None:
        new = Mender(bundle, TEXT, report_on, reader).edited(change)
    else:  # it names a blank node, which only the file itself can tell
        found = Mender(bundle, TEXT, report_on, reader).report()
        fixes = [each.fix for each in found.results if each.rule == broken.rule and each.fix]
        new = fixes[0].applied(data.decode()) if fixes and fixes[0].steps else None
    if new is None:
        return False
    then = report_on(reader.read(new.encode(), form), TEXT).violations
    return said(broken) not in map(said, then)


def written(quads: list[Quad], form: Format) -> bytes:
    """Some statements as a person would look at them."""
    data = dumps(quads, form)
    if form == JSON_LD:
        return json.dumps(json.loads(data), ensure_ascii=False, indent=1).encode()
    return data


def said(result: Result) -> tuple[str | None, ...]:
    return result.rule, result.focus, result.path, result.value


def test_a_fix_pasted_in_makes_the_message_go_away_for_every_rule(reader: Reader) -> None:
    """In Turtle; and the first case of each rule in the other forms, too."""
    left: dict[str, str] = {}
    mended: set[str] = set()
    left_in_others: list[tuple[str, str, str]] = []
    for path in case_files("invalid"):
        if header_of(path).refused_by_reader:
            continue
        text = path.read_text("utf-8")
        mender = Mender(reader.read(text.encode(), TURTLE), TEXT, report_on, reader)
        report = mender.report()
        for rule in {finding.rule for finding in header_of(path).violations}:
            fixes = pasted(reader, text, report, rule)
            if fixes is None:
                left[rule] = name_of(path)
            elif fixes and rule not in mended:
                mended.add(rule)
                first = broken_by(report, rule)[0]
                quads = reader.read_quads(text.encode(), TURTLE)
                left_in_others += [
                    (form.name, rule, name_of(path))
                    for form in OTHERS
                    if not goes_away_in(form, reader, written(quads, form), mender, first)
                ]
    assert {*left} == {*IN_WORDS}, {*left} ^ {*IN_WORDS}
    assert len(mended) > 180
    assert left_in_others == []


@pytest.mark.parametrize("form", [NQUADS, NTRIPLES], ids=lambda form: form.extension)
def test_a_fix_for_lines_of_quads_is_some_lines(reader: Reader, form: Format) -> None:
    turtle = (CASES / "statement" / "invalid-polarity-twice.ttl").read_bytes()
    data = dumps(reader.read_quads(turtle, TURTLE), form)
    bundle = reader.read(data, form)
    (broken,) = Mender(bundle, TEXT, report_on, reader).report().results
    assert broken.fix is not None and len(broken.fix.steps) == 1
    mended = reader.read(broken.fix.applied(data.decode()).encode(), form)
    assert report_on(mended, TEXT).results == ()


def test_where_others_wait_no_more_fixes_are_looked_for_after_a_while(reader: Reader) -> None:
    bundle = reader.read((CASES / "statement" / "invalid-polarity-twice.ttl").read_bytes(), TURTLE)
    hurried = Mender(bundle, TEXT, report_on, reader, within_s=-1.0).report()
    assert [each.fix for each in hurried.results] == [None]
    assert hurried == report_on(bundle, TEXT)


BRIEF = """{
  "@context": [
    "https://w3id.org/ascribe/context.jsonld",
    {"en": {"@id": "http://www.w3.org/2000/01/rdf-schema#label", "@container": "@language"}}
  ],
  "@graph": [
    {"id": "statement/1", "type": "IndirectSpeech", "polarity": ["ascv:positive", "ascv:negative"],
     "event": "event/flood"},
    {"id": "event/flood", "type": ["Event"], "en": {"en": "the flood"}}
  ]
}
"""


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (Change(((ONE, ASC.polarity, ASCV.negative),)), ', "ascv:negative"]', "]"),
        (
            Change(((ONE, ASC.polarity, ASCV.positive),)),
            '"ascv:positive", ',
            "",
        ),
        (
            Change(((ONE, RDF.type, ASC.IndirectSpeech),), ((ONE, RDF.type, ASC.Presupposition),)),
            "IndirectSpeech",
            "Presupposition",
        ),
        (
            Change((), ((FLOOD, RDF.type, ASC.CommunicationEvent),)),
            '["Event"]',
            '["Event", "CommunicationEvent"]',
        ),
        (
            Change((), ((ONE, ASC.certainty, ASCV.certain),)),
            '"event/flood"}',
            '"event/flood",\n     "certainty": "ascv:certain"}',
        ),
        (Change(((ONE, ASC.event, FLOOD),)), ',\n     "event": "event/flood"', ""),
        (
            Change(((FLOOD, RDFS.label, LABEL),), ((FLOOD, RDFS.label, OTHER),)),
            '"the flood"',
            '"the high water"',
        ),
    ],
)
def test_json_is_edited_as_shortly_as_its_context_allows(
    change: Change, old: str, new: str
) -> None:
    assert edited_document(BRIEF, change, BASE) == BRIEF.replace(old, new)


def test_a_line_of_json_too_long_to_be_read_gets_its_fix_in_words(reader: Reader) -> None:
    turtle = (CASES / "statement" / "invalid-polarity-twice.ttl").read_bytes()
    bundle = reader.read(dumps(reader.read_quads(turtle, TURTLE), JSON_LD), JSON_LD)
    fix = Mender(bundle, TEXT, report_on, reader).report().results[0].fix
    assert fix is not None and not fix.steps
    assert fix.words.startswith("Remove asc:polarity ascv:")


def test_a_file_that_cannot_be_read_is_shown_in_its_place() -> None:
    fault = SyntaxFault("a.ttl:2:9: not readable", line=2, column=9)
    github = as_github(unread(fault, "a.ttl"))
    assert github.startswith("::error file=a.ttl,line=2,col=9::")
    region = {"startLine": 2, "startColumn": 9}
    result = as_sarif(unread(fault, "a.ttl"))["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["region"] == region


def test_a_fix_in_sarif_replaces_whole_lines(reader: Reader) -> None:
    data = (CASES / "statement" / "invalid-polarity-twice.ttl").read_bytes()
    report = Mender(reader.read(data, TURTLE, "a.ttl"), TEXT, report_on, reader).report()
    fix = as_sarif(report)["runs"][0]["results"][0]["fixes"][0]
    change = fix["artifactChanges"][0]
    assert change["artifactLocation"]["uri"] == "a.ttl"
    (replacement,) = change["replacements"]
    number = report.results[0].line or 0
    assert replacement["deletedRegion"]["startLine"] == number
    assert replacement["deletedRegion"]["endLine"] == number + 1
    assert "ascv:negative" not in replacement["insertedContent"]["text"]
