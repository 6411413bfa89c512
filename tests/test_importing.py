"""Statements out of tables: what is told is kept, and what is wrong is told with its row."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graph
from graph.cli import main
from graph.errors import BadInput, Refused
from graph.files import example_bundles
from graph.formats import Format
from graph.forms.hypothesis import HYPOTHESIS as NOTES
from graph.forms.schema_org import SCHEMA_ORG
from graph.importing.rows import COLUMNS
from graph.kg import KnowledgeGraph
from graph.listings import CSV, WEB_ANNOTATION, write_table
from graph.rows import Selection, statement_rows
from graph.settings import Settings

COURT = ROOT / "examples" / "bridge-court.txt"
PLACED = ("statement", "source", "start", "end", "recorded")
"""Columns that follow from the text that a source was read as."""


@pytest.fixture(scope="module")
def demo() -> Iterator[KnowledgeGraph]:
    """What `ascribe demo` serves."""
    with KnowledgeGraph(Settings()) as kg:
        for path in example_bundles():
            kg.add(path)
        yield kg


def table_of(kg: KnowledgeGraph, chosen: Selection | None = None) -> list[dict[str, str]]:
    buffer = io.BytesIO()
    write_table(statement_rows(kg.store, chosen or Selection()), buffer, CSV)
    return [*csv.DictReader(io.StringIO(buffer.getvalue().decode(), newline=""))]


def written(rows: list[dict[str, str]], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def told(row: dict[str, str]) -> tuple[str, ...]:
    """What a row tells, but for what follows from the text; narrators are of their source."""
    narrated = row["speaker_name"].startswith("Narrator of ")
    left_out = (*PLACED, "speaker") if narrated else PLACED
    return tuple(value for name, value in row.items() if name not in left_out)


def test_what_was_exported_comes_back_the_same(demo: KnowledgeGraph, tmp_path: Path) -> None:
    rows = table_of(demo)
    path = written(rows, tmp_path / "said.csv")
    with KnowledgeGraph(Settings()) as kg:
        receipts = kg.import_csv(path)
        assert sum(each.statements for each in receipts) == len(rows)
        assert sorted(map(told, table_of(kg))) == sorted(map(told, rows))
        assert {each.quotes_checked for each in receipts} == {0}
        again = kg.import_csv(path)
        assert {each.state for each in again} == {"unchanged"}


def test_words_are_found_in_the_text_and_checked(demo: KnowledgeGraph, tmp_path: Path) -> None:
    rows = [row for row in table_of(demo) if "bridge-court" in row["source"]]
    (tmp_path / "court.txt").write_bytes(COURT.read_bytes())
    (tmp_path / "how.toml").write_text('[defaults]\nfile = "court.txt"\n', "utf-8")
    with KnowledgeGraph(Settings()) as kg:
        path = written(rows, tmp_path / "said.csv")
        (receipt,) = kg.import_csv(path, mapping=tmp_path / "how.toml")
        assert (receipt.quotes_unchecked, receipt.statements) == (0, len(rows))
        placed = [{name: row[name] for name in ("text", "start", "end", "kind")} for row in rows]
        found = table_of(kg)
        assert [{name: row[name] for name in placed[0]} for row in found] == placed
        assert {row["source"] for row in found} == {row["source"] for row in rows}
        assert len(kg.texts.digests()) == 1


@pytest.mark.parametrize("form", [WEB_ANNOTATION, NOTES], ids=lambda form: form.extension)
def test_our_own_annotations_come_back_with_their_words_and_voices(
    demo: KnowledgeGraph, tmp_path: Path, form: Format
) -> None:
    path = tmp_path / "said.json"
    with path.open("wb") as file:
        demo.export(file, form)
    with KnowledgeGraph(Settings()) as kg:
        kg.import_csv(path)
        found, wanted = (
            sorted(
                (
                    each["text"],
                    *(_unnarrated(each[name]) for name in ("speaker_name", "according_to")),
                )
                for each in table_of(each)
            )
            for each in (kg, demo)
        )
        assert found == wanted


def _unnarrated(voices: str) -> str:
    return re.sub("Narrator of “.*”", "narrator", voices)


REVIEW = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "@id": "https://checks.example/1",
    "headline": "What the harbour costs",
    "datePublished": "2026-03-06",
    "author": {"@type": "Organization", "name": "Coast Checks"},
    "claimReviewed": "The harbour costs 3 million crowns",
    "itemReviewed": {
        "@type": "Claim",
        "author": {"@type": "Person", "name": "Ada Lind"},
        "appearance": {
            "@type": "NewsArticle",
            "url": "https://courier.example/harbour",
            "publisher": {"@type": "NewsMediaOrganization", "name": "The Courier"},
        },
    },
    "reviewRating": {"@type": "Rating", "ratingValue": 1, "alternateName": "Mostly false"},
}


def imported_from(kg: KnowledgeGraph, tree: object, folder: Path) -> list[dict[str, str]]:
    (folder / "a.json").write_text(json.dumps(tree), "utf-8")
    kg.import_csv(folder / "a.json")
    return table_of(kg)


def test_a_review_is_a_claim_and_what_the_reviewer_says_of_it(
    kg: KnowledgeGraph, tmp_path: Path
) -> None:
    claim, rating = imported_from(
        kg, {"@context": "https://schema.org", "@graph": [REVIEW]}, tmp_path
    )
    assert (claim["text"], claim["speaker_name"]) == (REVIEW["claimReviewed"], "Ada Lind")
    assert claim["according_to"].startswith("The Courier > Narrator of ")
    assert (rating["text"], rating["speaker_name"]) == ("Mostly false", "Coast Checks")
    assert (claim["polarity"], rating["act"], rating["published"]) == (
        *("positive", "rates"),
        REVIEW["datePublished"],
    )
    about = kg.query(
        """ASK {
          ?rating asc:expresses/asc:contentArg ?meant ; asc:speaker/rdfs:label "Coast Checks"@en .
          ?claim asc:expresses ?meant ; asc:speaker/rdfs:label "Ada Lind"@en .
          ?meant schema:appearance <https://courier.example/harbour> }"""
    )
    assert about.rows == ((True,),)
    assert not kg.query("ASK { ?a asc:conflictsWith|asc:denies|asc:contradicts ?b }").rows[0][0]


NUMBERED = {
    **{"@context": "https://schema.org", "@type": "ClaimReview"},
    **{"url": "https://checks.example/2", "author": {"@type": "Person", "name": "Vera Holm"}},
    **{"claimReviewed": "It never rains", "inLanguage": "en"},
    "reviewRating": {"@type": "Rating", "ratingValue": 2, "bestRating": 5, "worstRating": 1},
}


def test_a_review_comes_back_as_it_was_and_nothing_is_added(tmp_path: Path) -> None:
    path = tmp_path / "reviews.json"
    path.write_text(json.dumps([REVIEW, NUMBERED]), "utf-8")
    exported = []
    for _ in range(2):
        with KnowledgeGraph(Settings()) as kg:
            kg.import_csv(path)
            out = io.BytesIO()
            kg.export(out, SCHEMA_ORG)
        exported.append(json.loads(out.getvalue())["@graph"])
        path.write_bytes(out.getvalue())
    first, again = exported
    assert first == again
    reviews = (each for each in first if each["type"] == "ClaimReview")
    numbered, worded = sorted(reviews, key=lambda each: "headline" in each)
    assert without_ids(worded) == {
        "type": "ClaimReview",
        "headline": REVIEW["headline"],
        "url": REVIEW["@id"],
        "datePublished": REVIEW["datePublished"],
        "author": [{"type": "Organization", "name": "Coast Checks"}],
        "claimReviewed": REVIEW["claimReviewed"],
        "itemReviewed": [
            {
                "type": "Claim",
                "author": [{"type": "Person", "name": "Ada Lind"}],
                "appearance": [
                    {
                        "type": "CreativeWork",
                        "url": "https://courier.example/harbour",
                        "publisher": {"type": "Thing", "name": "The Courier"},
                    }
                ],
            }
        ],
        "reviewRating": {"type": "Rating", "ratingValue": 1, "alternateName": "Mostly false"},
    }
    assert without_ids(numbered) == {
        "type": "ClaimReview",
        "url": NUMBERED["url"],
        "inLanguage": "en",
        "author": [{"type": "Person", "name": "Vera Holm"}],
        "claimReviewed": NUMBERED["claimReviewed"],
        "itemReviewed": [{"type": "Claim"}],
        "reviewRating": {
            "type": "Rating",
            **{"ratingValue": 2, "bestRating": 5, "worstRating": 1},
        },
    }


def without_ids(tree: Any) -> Any:
    if isinstance(tree, list):
        return [without_ids(each) for each in tree]
    if isinstance(tree, dict):
        named = ("id", "sameAs")
        return {name: without_ids(each) for name, each in tree.items() if name not in named}
    return tree


QUOTE = {
    "type": "TextQuoteSelector",
    "exact": "a new\n harbour",
    "prefix": "“",
    "suffix": "” she said",
}
NOTE = {
    "@context": "http://www.w3.org/ns/anno.jsonld",
    "id": "https://notes.example/1",
    "type": "Annotation",
    "creator": {"type": "Person", "name": "Vera Holm"},
    "bodyValue": "Who says so?",
    "target": {"source": "https://courier.example/harbour", "selector": QUOTE},
}
HYPOTHESIS = {
    "rows": [
        {
            "id": "x1",
            "user": "acct:vera@notes.example",
            "uri": "https://courier.example/harbour",
            "document": {"title": ["Council votes"]},
            "text": "Who says so?",
            "target": [{"source": "https://courier.example/harbour", "selector": [QUOTE]}],
        },
        {"id": "x2", "uri": "https://courier.example/harbour", "text": "A page", "target": [{}]},
    ]
}


@pytest.mark.parametrize(("tree", "who"), [(NOTE, "Vera Holm"), (HYPOTHESIS, "vera@notes.example")])
def test_somebody_s_annotation_is_words_of_its_page_with_a_note(
    kg: KnowledgeGraph, tmp_path: Path, tree: object, who: str
) -> None:
    (row,) = imported_from(kg, tree, tmp_path)
    assert row["text"] == QUOTE["exact"]
    assert row["speaker_name"].startswith("Narrator of ")
    (told,) = kg.query(
        """SELECT ?note ?who ?at WHERE {
          ?s skos:note ?note ; asc:source/asc:versionOf/schema:url ?at ;
          prov:wasGeneratedBy/prov:wasAssociatedWith/rdfs:label ?who }"""
    )
    assert told == ("Who says so?", who, "https://courier.example/harbour")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"@context": "https://other.example/c", "@type": "ClaimReview"}',
            "would have to be fetched",
        ),
        (
            '{"@context": "https://schema.org", "@type": "Recipe"}',
            "no ClaimReview and no annotation",
        ),
        ('{"@type": ', "a.json:1"),
        ('{"@context": 5, "@id": 3}', "it is no JSON-LD"),
        ("[" * 50_000, "it is no JSON that can be read"),
    ],
)
def test_a_document_that_cannot_be_read_says_why(
    kg: KnowledgeGraph, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "a.json").write_text(text, "utf-8")
    with pytest.raises(BadInput, match=r"a\.json") as found:
        kg.import_csv(tmp_path / "a.json")
    assert said in str(found.value)


def ascribe(desk: Path, *arguments: object) -> Result:
    given = ["import", "-d", str(desk), *map(str, arguments)]
    return CliRunner().invoke(main, given, standalone_mode=False)


BAD = """\
title,text,speaker_name,act,kind,file,start,event,event_name
Rain,Rain will fall,Ada,,,,,,
Court,Court: builder,,,,court.txt,,,
Court,no such words,,,,court.txt,,,
Court,knew for two years,Ada,sayz,,court.txt,,,
Court,"The defendant
did not",Ada,,Quote,court.txt,,,
Court,bridge,,,,court.txt,3,,
Void,,Ada,,,,,,
Out,a b c,Ada,,,../secret,,,
Two,a b c,Ada,,,,,a;b,one
"""
AT_FAULT = [
    (4, "text"),
    (5, "act"),
    (6, "kind"),
    (8, "start"),
    (9, "text"),
    (10, "file"),
    (11, "event"),
]


def test_each_fault_names_its_line_row_and_column_and_the_other_sources_are_kept(
    tmp_path: Path,
) -> None:
    desk = graph.create(tmp_path / "desk")
    (tmp_path / "court.txt").write_bytes(COURT.read_bytes().replace(b"Court: ", b"Court\nCourt: "))
    path = tmp_path / "bad.csv"
    path.write_text(BAD, "utf-8")
    shown = ascribe(desk, path, "--dry-run", "--format", "json")
    assert shown.return_value == 1
    results = json.loads(shown.stdout)["results"]
    faults = [
        (each["line"], each["message"].partition(":")[0].removeprefix("column "))
        for each in results
        if each["severity"] == "violation"
    ]
    assert faults == AT_FAULT
    assert [each["focus"] for each in results if each["line"] == 8] == ["row 6"]
    sarif = json.loads(ascribe(desk, path, "--dry-run", "--format", "sarif").stdout)
    lines = [
        each["locations"][0]["physicalLocation"]["region"]["startLine"]
        for each in sarif["runs"][0]["results"]
        if each["level"] == "error"
    ]
    assert lines == [line for line, _ in AT_FAULT]
    with graph.open(desk, read_only=True) as kg:
        assert kg.revision() == 0
        with pytest.raises(Refused):
            kg.import_csv(path)
    kept = ascribe(desk, path)
    assert kept.return_value == 1
    assert kept.stdout.startswith("Rain: added, 1 statement.")
    with graph.open(desk, read_only=True) as kg:
        assert [row["title"] for row in table_of(kg)] == ["Rain"]


def test_a_rule_of_the_gate_is_told_with_the_row_that_breaks_it(tmp_path: Path) -> None:
    desk = graph.create(tmp_path / "desk")
    path = tmp_path / "late.csv"
    path.write_text(
        "title,text,said_on,speaker_name\nRain,one,2026-02,A\nRain,two,soon,A\n", "utf-8"
    )
    shown = ascribe(desk, path)
    assert shown.return_value == 1
    assert "late.csv:3 time/" in shown.stderr and "EDTF" in shown.stderr


@pytest.mark.parametrize(
    ("table", "mapping", "said"),
    [
        ("a,b\n1,2\n", "", "no column holds the words: it has a, b."),
        ("text,title\n1,2,3\n", "", ":2: row 1 has 3 cells, and the header 2"),
        ('text,title\n1,"2\n', "", "it is no CSV"),
        ("text,title\n1,2\n", "[columns]\ntext = 'Words'\n", "there is no column 'Words'"),
        ("text,title\n1,2\n", "[columns]\nwords = 'text'\n", "[columns], words: no such key"),
        ("text,title\n1,2\n", "[columns\n", "not readable as TOML"),
    ],
)
def test_a_table_or_mapping_that_cannot_be_read_says_where(
    tmp_path: Path, kg: KnowledgeGraph, table: str, mapping: str, said: str
) -> None:
    (tmp_path / "a.csv").write_text(table, "utf-8")
    (tmp_path / "a.toml").write_text(mapping, "utf-8")
    with pytest.raises(BadInput, match=r"a\.(csv|toml)") as found:
        kg.import_csv(tmp_path / "a.csv", mapping=tmp_path / "a.toml")
    assert said in str(found.value)


CELL = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" \n"), min_size=1)
WORDS = CELL.map(lambda cell: " ".join(cell.split())).filter(
    lambda cell: cell and not cell.startswith(tuple("'\"“«„‘")) and "[…]" not in cell
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4, unique=True))
def test_any_words_come_through_as_they_are(
    rows: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.csv"
    written([{"title": title, "text": text} for title, text in rows], path)
    with KnowledgeGraph(Settings()) as kg:
        kg.import_csv(path)
        found = sorted((row.title, row.text) for row in statement_rows(kg.store, Selection()))
        assert found == sorted(rows)


def test_the_columns_are_documented_as_they_are() -> None:
    page = (ROOT / "docs" / "importing.md").read_text("utf-8")
    for name, meaning in COLUMNS.items():
        assert f"| `{name}` | {meaning} |" in page
