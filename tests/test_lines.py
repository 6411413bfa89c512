"""Where each triple stands in its file: what a message's line number rests on."""

from __future__ import annotations

from dataclasses import replace

from graph.formats import JSON_LD, NQUADS, TRIG, TURTLE, Format
from graph.lines import index_lines
from graph.report import VIOLATION, Result
from graph.vocab import RDF

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


def line_of(
    focus: str, path: str = "", value: str = "", *, text: str = TEXT, form: Format = TRIG
) -> int | None:
    result = Result(None, "r", BASE + focus, None, None, "c", VIOLATION, "m")
    return index_lines(text.encode(), form, BASE).line_of(
        replace(result, path=BASE + path if path else None, value=value or None)
    )


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
    assert index.properties[BASE + "z", RDF.type.value] == 11
    assert index.properties[BASE + "z", BASE + "has"] == 12
    assert sorted(line for (_, path), line in index.properties.items() if "other" in path) == [13]


def test_turtle_is_read_as_well() -> None:
    text = '<http://e/s>\n  <http://e/p>\n  "o" .\n'
    assert line_of("s", "p", '"o"', text=text, form=TURTLE) == 3


def test_formats_without_lines_give_none() -> None:
    assert line_of("a", text='{"@id": "http://e/a"}', form=JSON_LD) is None


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
