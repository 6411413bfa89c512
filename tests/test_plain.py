"""Bundles read by their lines: the same as those that a parser makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import BASE
from mutations import ODD
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse
from test_cases import case_files, name_of

import graph
from graph.bulk.plain import Plain, Terms, plain, read_plain
from graph.bundle import Bundle, Origin, assessments_of, content_digest, make_bundle
from graph.errors import BadInput
from graph.formats import NQUADS, dumps, from_path
from graph.vocab import ASC, OWL, PROV, RDF, XSD

NOTE = NamedNode("http://example.org/note")
OTHER = NamedNode("http://example.org/other")
VERSION = NamedNode(f"{BASE}doc/x/v/1")
DESCRIBED = Quad(VERSION, RDF.type, ASC.DocumentVersion, VERSION)


def by_lines(quads: list[Quad], terms: Terms | None = None) -> Plain:
    found = read_plain(dumps(quads, NQUADS), BASE, terms or Terms(), Origin())
    assert found is not None
    return found


def assert_same(found: Plain, bundle: Bundle) -> None:
    assert found.digest == content_digest(bundle)
    assert found.bundle.version == bundle.version
    assert found.bundle.shared == bundle.shared
    assert set(found.bundle.quads) == bundle.quads
    assert {s: {p: {*v} for p, v in said.items()} for s, said in found.bundle.facts.items()} == {
        s: {p: {*v} for p, v in said.items()} for s, said in bundle.facts.items()
    }
    other = plain(bundle)
    assert sorted(found.own.splitlines()) == sorted(other.own.splitlines())
    assert sorted(found.shared.splitlines()) == sorted(other.shared.splitlines())


@pytest.mark.parametrize(
    "path",
    [each for each in case_files("valid", "invalid") if each.parent.name == "bundle"],
    ids=name_of,
)
def test_a_bundle_read_by_its_lines_is_the_one_that_a_parser_makes(path: Path) -> None:
    with graph.open() as kg:
        assert kg.reader.settings.base == BASE
        bundle = kg.read(path.read_bytes(), from_path(path))
    anywhere = [Quad(*quad.triple, OTHER) for quad in bundle.quads]
    for quads in ([*bundle.quads], anywhere, [*bundle.quads, *anywhere]):
        assert_same(by_lines(quads), make_bundle(quads, BASE))


@pytest.mark.parametrize("term", [each for each in ODD if not isinstance(each, BlankNode)], ids=str)
def test_whatever_a_value_is_its_line_is_cut_where_it_ends(term: object) -> None:
    version = NamedNode(f"{BASE}doc/x/v/1")
    quads = [
        Quad(version, RDF.type, ASC.DocumentVersion, version),
        Quad(version, PROV.generatedAtTime, Literal("x"), version),
        Quad(version, NOTE, term, version),  # type: ignore[arg-type]
        Quad(version, NOTE, Literal('in "quotes" <http://e/g> .\n\\'), assessments_of(version)),
        Quad(OTHER, NOTE, Literal(' <a>"', datatype=XSD.anyURI), OTHER),
    ]
    terms = Terms()
    for _ in range(2):
        assert_same(by_lines(quads, terms), make_bundle(quads, BASE))


def test_quads_without_a_graph_are_left_to_the_parser() -> None:
    for term in (OTHER, *ODD, Literal("a <b>"), Literal("a <b>", datatype=XSD.anyURI)):
        assert (
            read_plain(
                dumps([DESCRIBED, Quad(VERSION, NOTE, term)], NQUADS), BASE, Terms(), Origin()
            )
            is None
        )


@pytest.mark.parametrize(
    "line",
    [
        *(
            f"{VERSION} {NOTE} {odd} {VERSION} ."
            for odd in ('"a"@EN', "_:b", r'"\u0061"', r'"\u0000"')
        ),
        *(
            f"{VERSION} {NOTE} {odd} {VERSION} ."
            for odd in ("<a b>", "<a>", "x", '"a', '"a" #', "")
        ),
        *(f'{odd} {NOTE} "a" {VERSION} .' for odd in ("_:b", '"a"', "#")),
        *(f'{VERSION} {odd} "a" {VERSION} .' for odd in ("_:b", '"a"', "<a>")),
        *(f'{VERSION} {NOTE} "a" {odd} .' for odd in ("_:b", "<a>", f"{VERSION}.\n", '"a"')),
        *(f'{VERSION}  {NOTE} "a" {VERSION} .', f'{VERSION}\t{NOTE} "a" {VERSION} .'),
        *(f'{VERSION} {NOTE} "a" {VERSION} .\r', f'{VERSION} {NOTE} "a" {VERSION}.', "# a", " "),
        f"{VERSION} {NOTE} <<( {VERSION} {NOTE} {VERSION} )>> {VERSION} .",
        f'{VERSION} {NOTE} "{"x" * 9000}" {VERSION} .',
    ],
)
def test_what_is_written_otherwise_than_ours_is_left_to_the_parser(line: str) -> None:
    ours = dumps([DESCRIBED], NQUADS)
    for data in (ours + line.encode() + b"\n", line.encode() + b"\n" + ours, ours + line.encode()):
        assert read_plain(data, BASE, Terms(), Origin()) is None


def test_what_a_bundle_may_not_say_is_refused_by_its_lines_too() -> None:
    version = NamedNode(f"{BASE}doc/x/v/1")
    described = Quad(version, RDF.type, ASC.DocumentVersion, version)
    for more in (
        *(Quad(version, OWL.sameAs, OTHER, version), Quad(ASC.Agent, NOTE, OTHER, version)),
        Quad(OTHER, RDF.type, ASC.DocumentVersion, OTHER),
    ):
        said = []
        data = dumps([described, more], NQUADS)
        with pytest.raises(BadInput) as fault:
            read_plain(data, BASE, Terms(), Origin())
        said.append(str(fault.value))
        with pytest.raises(BadInput, match=r".") as other:
            make_bundle(parse(data, RdfFormat.N_QUADS), BASE)
        assert said == [str(other.value)]


def test_terms_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.bulk.plain._MOST_LETTERS", 100)
    terms = Terms()
    assert len(terms.of({f'"{"x" * 300}"'}) or ()) == 1
    assert [*(terms.of({"<http://example.org/a>"}) or ())] == ["<http://example.org/a>"]
