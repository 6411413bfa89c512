"""Where each triple stands in its file: what a message's line number rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graph.formats import JSON_LD, NQUADS, RDF_XML, TRIG, TURTLE, Format
from graph.lines import index_lines
from graph.report import VIOLATION, Place, Result
from graph.vocab import ASC, RDF, XSD

BASE = "http://e/"
TEXT = '''@prefix : <http://e/> .
<g> {
:a :p :b ,
      :c ;
   :words """first
second""" ;
   :number
     01 .
}
:z
   a :X ;
   :has [ :inner "t"@en ;
     :other true ] .
'''


def place_of(
    focus: str, path: str = "", value: str = "", *, text: str = TEXT, form: Format = TRIG
) -> Place | None:
    result = Result(None, "r", BASE + focus, None, None, "c", VIOLATION, "m")
    return index_lines(text.encode(), form, BASE).place_of(
        replace(result, path=BASE + path if path else None, value=value or None)
    )


def line_of(*asked: str, **file: Any) -> int | None:
    found = place_of(*asked, **file)
    return found.line if found else None


def test_a_triple_has_the_line_of_its_object() -> None:
    assert line_of("a", "p", "<http://e/b>") == 3
    assert line_of("a", "p", "<http://e/c>") == 4


def test_a_value_that_is_not_there_gets_the_line_of_its_property() -> None:
    assert line_of("a", "p", "<http://e/none>") == 3
    assert line_of("a", "number", '"1"') == 8


def test_a_missing_property_gets_the_line_of_its_subject() -> None:
    assert line_of("a", "absent") == 3
    assert line_of("z", "absent") == 10


def test_a_text_over_several_lines_counts_from_its_first() -> None:
    assert line_of("a", "words", '"first\\nsecond"') == 5


def test_a_type_and_what_stands_in_brackets_are_found() -> None:
    index = index_lines(TEXT.encode(), TRIG, BASE)
    assert index.properties[BASE + "z", RDF.type.value] == Place(11, 6)
    assert index.properties[BASE + "z", BASE + "has"] == Place(12, 9)
    assert sorted(at.line for (_, path), at in index.properties.items() if "other" in path) == [13]


def test_turtle_is_read_as_well() -> None:
    text = '<http://e/s>\n  <http://e/p>\n  "o" .\n'
    assert line_of("s", "p", '"o"', text=text, form=TURTLE) == 3


DOCUMENT = """{"@context": {
  "@vocab": "http://e/", "id": "@id", "b": {"@type": "@id"},
  "label": {"@id": "http://e/name", "@container": "@language"}},
 "@graph": [
  {"id": "http://e/a", "number": [1, 2, "x"],
   "label": {"en": "yes",
             "de": "ja"},
   "b": {"id": "c", "q/r": true}},
  {"id": "http://e/z", "b": "http://e/a"}
]}"""


@pytest.mark.parametrize(
    ("focus", "path", "value", "place"),
    [
        ("a", "number", '"x"', "5:41 (/@graph/0/number/2)"),
        ("a", "number", f'"1"^^<{XSD.integer.value}>', "5:35 (/@graph/0/number/0)"),
        ("a", "number", "", "5:35 (somewhere in /@graph/0/number)"),
        ("a", "name", '"ja"@de', "7:20 (/@graph/0/label/de)"),
        ("c", "q/r", "", "8:28 (/@graph/0/b/q~1r)"),
        ("z", "b", "<http://e/a>", "9:29 (/@graph/1/b)"),
        ("a", "absent", "", "5:3 (/@graph/0)"),
        ("nobody", "", "", "None"),
    ],
)
def test_what_is_wrong_in_json_has_a_pointer(focus: str, path: str, value: str, place: str) -> None:
    assert str(place_of(focus, path, value, text=DOCUMENT, form=JSON_LD)) == place


def test_our_own_context_is_known_without_being_fetched() -> None:
    text = '{"@context": "https://w3id.org/ascribe/context.jsonld", "id": "s", "event": ["e"]}'
    result = Result(None, "r", BASE + "s", ASC.event.value, f"<{BASE}e>", "c", VIOLATION, "m")
    assert str(index_lines(text.encode(), JSON_LD, BASE).place_of(result)) == "1:78 (/event/0)"


def test_an_element_of_xml_is_where_its_triple_stands() -> None:
    text = f'''<rdf:RDF xmlns:rdf="{RDF}" xmlns="{BASE}">
  <X rdf:about="a">
    <p>two
lines</p>
    <b><Y rdf:about="c"/></b>
  </X>
</rdf:RDF>'''
    assert str(place_of("a", "p", '"two\\nlines"', text=text, form=RDF_XML)) == "3:5"
    assert str(place_of("a", "b", f"<{BASE}c>", text=text, form=RDF_XML)) == "5:5"
    assert str(place_of("a", "absent", text=text, form=RDF_XML)) == "2:3"


def test_what_cannot_be_read_twice_leaves_the_lines_so_far() -> None:
    assert line_of("a", "p", '"o"', text='<http://e/a> <http://e/p> "o" .\n<b> <c> ') == 1


def test_a_number_too_long_to_be_read_twice_leaves_the_lines_so_far() -> None:
    text = f'<http://e/a> <http://e/p> "o" .\n<http://e/b> <http://e/q> {"9" * 5_000} .'
    assert line_of("a", "p", '"o"', text=text) == 1


def test_a_list_does_no_harm() -> None:
    text = '<http://e/a>\n  <http://e/p> ( 1\n 2 ) ;\n  <http://e/q> "o" .\n'
    assert line_of("a", "q", '"o"', text=text) == 4


def test_a_quad_has_the_line_it_stands_on() -> None:
    text = "# from the archive\n\n" + "".join(
        f"<{BASE}{s}> <{BASE}p> {value} <{BASE}g> .\n"
        for s, value in (("a", f"<{BASE}b>"), ("a", '"two\\nlines"@en'), ("z", "_:c"))
    )
    assert line_of("a", text=text, form=NQUADS) == 3
    assert line_of("a", "p", '"two\\nlines"@en', text=text, form=NQUADS) == 4
    assert line_of("z", "p", text=text, form=NQUADS) == 5
    assert line_of("b", text=text, form=NQUADS) is None
