"""A newer version of a source: which quotes still stand, which are orphans, what is gone."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from conftest import BASE, ROOT, river

from graph.formats import TURTLE
from graph.kg import KnowledgeGraph, create, open_dataset
from graph.surroundings import answers, questions_of
from graph.vocab import DCTERMS
from graph.web import create_web

ASKED = {"Accept": "text/html"}
OLD = "doc/river-49a12453/v/49a1245337d2dbaa"
STATEMENT = "statement/49a1245337d2/171-204-fd35b8fd"


def newer(text: str) -> tuple[str, bytes]:
    """A version that revises the river report: its IRI, and its bundle."""
    data = text.encode()
    digest = sha256(data).hexdigest()
    version = f"doc/river-49a12453/v/{digest[:16]}"
    return (
        version,
        f"""
@prefix asc: <https://w3id.org/ascribe/ns#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix schema: <http://schema.org/> .
<doc/river-49a12453> a asc:Document .
<{version}> a asc:DocumentVersion ; asc:versionOf <doc/river-49a12453> ;
    asc:sha256 "{digest}" ; asc:codePoints {len(text)} ; asc:byteLength {len(data)} ;
    schema:inLanguage "en" ; prov:wasRevisionOf <{OLD}> .
""".encode(),
    )


def test_a_quote_still_stands_or_is_shown_as_an_orphan(kg: KnowledgeGraph) -> None:
    text = (ROOT / "tests" / "cases" / "river.txt").read_text("utf-8")
    kg.add(river(), form=TURTLE, text=text.encode())
    http = create_web(kg).test_client()
    assert "newer version" not in http.get(f"/{STATEMENT}").text

    moved = "Updated. " + text
    version, bundle = newer(moved)
    kg.add(bundle, form=TURTLE, text=moved.encode())
    page = http.get(f"/{STATEMENT}").text
    assert f'There is a newer version of this source: <a href="/{version}">' in page
    assert "these words stand at characters 180 to 213" in page and "orphan" not in page

    kg.retract(version)
    changed = text.replace("two families", "three families")
    version, bundle = newer(changed)
    kg.add(bundle, form=TURTLE, text=changed.encode())
    assert "the quote is an orphan" in http.get(f"/{STATEMENT}").text
    source = http.get(f"/{OLD}").text
    assert "orphan: not in the newer version" in source and "they are orphans" in source


def test_what_was_retracted_says_what_is_in_its_place(kg: KnowledgeGraph) -> None:
    kg.add(river(), form=TURTLE)
    version, bundle = newer("Another text.")
    kg.add(bundle, form=TURTLE)
    kg.retract(OLD)
    gone = create_web(kg).test_client().get(f"/{OLD}", headers={"Accept": "application/json"})
    assert gone.status_code == 410 and version in gone.text


def test_a_reader_is_told_of_which_source_what_was_retracted_was_a_part(tmp_path: Path) -> None:
    titled = b'a asc:Document ; <http://purl.org/dc/terms/title> "Pumps"@en .'
    report = river().replace(b"a asc:Document .", titled)
    with open_dataset(create(tmp_path / "desk", BASE)) as desk:
        desk.add(report, form=TURTLE)
        desk.retract(OLD, by="Ada Lind")
        http = create_web(desk).test_client()
        said = told(http.get(f"/{STATEMENT}", headers=ASKED).text)
        assert "It stood in Pumps, which was retracted on " in said
        assert "It was taken back by Ada Lind. Nothing stands in its place." in said
        for path in (OLD, OLD.partition("/v/")[0]):
            page = http.get(f"/{path}?lang=de", headers=ASKED).text
            assert "Pumps wurde am " in told(page)
            assert f'<a href="/{path}?lang=de&amp;asOf=1" rel="nofollow">' in page
        assert http.get(f"/{OLD}?asOf=1", headers=ASKED).status_code == 200
        version, bundle = newer("Another text.")
        desk.add(bundle, form=TURTLE)
        page = http.get(f"/{OLD}", headers=ASKED).text
        assert "In its place there is:" in page and f'href="/{version}"' in page
        desk.retract(version)
        page = told(http.get(f"/{version}", headers=ASKED).text)
        assert "a source without a title was retracted on" in page
        desk.add(report, form=TURTLE)
        assert not any(desk.store.find(desk.iri(OLD), DCTERMS.term("title")))


def told(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", "", page).split())


def test_what_a_check_is_told_does_not_grow_with_the_versions_of_a_document(
    kg: KnowledgeGraph,
) -> None:
    bundle = kg.read(river(), TURTLE)
    told = []
    for number in range(1, 6):
        kg.add(river(number), form=TURTLE)
        told.append(answers(kg.writer.commits.view, kg.graphs, questions_of(bundle)))
    assert told[0] and told == [told[0]] * 5
