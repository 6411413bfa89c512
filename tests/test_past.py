"""The dataset as it was: whatever was written since, and whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from accounts import AT_MOST_45, HAPPENED, MORE_THAN_60, Account, cause
from click.testing import CliRunner
from conftest import BASE
from flask.testing import FlaskClient
from pyoxigraph import Quad

import graph
from graph.cli.options import main
from graph.errors import BadInput, NotFound, StoreFault
from graph.formats import TURTLE
from graph.kg import KnowledgeGraph, create, open_dataset
from graph.vocab import ASC
from graph.web import create_web

ONE, TWO = Account(1, MORE_THAN_60), Account(2, AT_MOST_45, who="Port")
START = datetime(2031, 5, 4, 9, tzinfo=UTC)
COUNT = "SELECT (COUNT(*) AS ?n) { ?s a asc:Statement }"


def held(kg: KnowledgeGraph) -> set[Quad]:
    """All that is stored but the numbers of past writes, of which the latest counts."""
    return {quad for quad in kg.store.match() if quad.predicate != ASC.revision}


@pytest.fixture(scope="module")
def desk(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[KnowledgeGraph, list[set[Quad]]]]:
    """A dataset with a day between any two writes, and what it held after each."""
    days = (START + timedelta(days=number) for number in range(100))
    folder = create(tmp_path_factory.mktemp("past") / "desk", BASE)
    with open_dataset(folder, clock=lambda: next(days)) as kg:
        states = [held(kg)]
        for act in (
            lambda: kg.add(ONE.turtle(), form=TURTLE),
            lambda: kg.add(TWO.turtle(), form=TURTLE),
            lambda: kg.add(Account(3, cause("fog"), who="Port").turtle(), form=TURTLE),
            lambda: kg.merge("agent/Mayor", "agent/Port", "Ines Falk"),
            lambda: kg.add(ONE.but(says=HAPPENED).turtle(), form=TURTLE, replace=True),
            lambda: kg.retract(TWO.version),
            lambda: kg.part("agent/Mayor", "agent/Port", "Ines Falk"),
            lambda: kg.retract(ONE.version),
        ):
            act()
            states.append(held(kg))
        yield kg, states


@pytest.fixture(scope="module")
def http(desk: tuple[KnowledgeGraph, list[set[Quad]]]) -> FlaskClient:
    return create_web(desk[0]).test_client()


def test_each_past_revision_is_what_the_store_held_then(
    desk: tuple[KnowledgeGraph, list[set[Quad]]],
) -> None:
    kg, states = desk
    for revision in (8, 3, 0, 5, 7, 2, 1):  # made anew, and brought on from an earlier one
        with kg.as_of(revision) as past:
            assert held(past) == states[revision], revision
            assert past.revision() == revision


def test_a_time_or_a_day_means_the_last_write_until_then(
    desk: tuple[KnowledgeGraph, list[set[Quad]]],
) -> None:
    kg, _ = desk
    assert kg.revision_at("2031-05-04T08:59:59Z") == 0
    assert kg.revision_at("2031-05-04T11:00:00+02:00") == 1
    assert kg.revision_at("2031-05-06") == 3
    assert kg.revision_at("2031-05-06T08:00:00") == 2
    assert kg.revision_at("2100-01-01") == kg.revision()
    with kg.as_of(START + timedelta(days=1)) as past:
        assert past.query(COUNT).rows == ((2,),)
        with pytest.raises(StoreFault):
            past.retract(ONE.version)
    with pytest.raises(BadInput, match="no time"):
        kg.as_of("yesterday")
    with pytest.raises(NotFound, match="the last one is 8"):
        kg.as_of(9)
    with graph.open() as memory, pytest.raises(BadInput, match="in memory"):
        memory.as_of(0)


def test_the_command_line_reads_the_past(desk: tuple[KnowledgeGraph, list[set[Quad]]]) -> None:
    folder = str(Path(desk[0].settings.data))

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(main, [*arguments, "--data", folder])
        assert done.exit_code == 0, done.output
        return done.output

    assert '"statements": 2' in run("stats", "--as-of", "2031-05-05", "--json")
    asked = ("query", "--name", "counts", "--format", "csv", "--as-of")
    assert run(*asked, "3").splitlines()[1].startswith("3,3,")
    assert ONE.version in run("show", ONE.version, "--as-of", "1")
    assert "more than 60" in run("export", "--as-of", "1", "--format", "nq")


def test_sparql_over_http_reads_the_past(http: FlaskClient) -> None:
    def ask(when: str, query: str = COUNT) -> object:
        answer = http.get("/sparql", query_string={"query": query, "asOf": when, "format": "csv"})
        return answer.text.split()[-1] if answer.status_code == 200 else answer.status_code

    assert [ask(when) for when in ("2", "2031-05-06", "2100-01-01")] == ["2", "3", "1"]
    told = http.post("/sparql?format=csv", data={"query": COUNT, "asOf": "3"})
    assert (told.text.split()[-1], told.headers["Ascribe-Revision"]) == ("3", "3")
    assert [ask("3", "SELECT * { SERVICE <http://127.0.0.1:1/> {} }"), ask("soon"), ask("99")] == [
        *(400, 400, 404)
    ]


def test_a_named_query_over_http_reads_the_past(http: FlaskClient) -> None:
    told = http.get("/queries/counts?asOf=3&format=csv")
    assert told.text.splitlines()[1].startswith("3,3,")
    assert told.headers["Ascribe-Revision"] == "3"
    assert http.get("/queries/counts?asOf=99").status_code == 404
    own = http.get("/queries/as_of?asOf=2031-05-04T09:00:00Z&format=csv")
    assert own.headers["Ascribe-Revision"] == "8", "its own parameter, not the dataset's past"


def test_pages_and_documents_show_the_past(http: FlaskClient) -> None:
    assert http.get(f"/{ONE.version}").status_code == 410
    page = http.get(f"/{ONE.version}.html?asOf=2")
    assert page.status_code == 200 and page.headers["Ascribe-Revision"] == "2"
    assert "As it stood after write 2; what came later is left out." in page.text
    assert f'href="/{ONE.statement}?asOf=2"' in page.text
    assert f'href="/{ONE.version}.html"' in page.text, "the way back to the present"
    assert b"more than 60" in http.get(f"/{ONE.statement}.ttl?asOf=2").data
    assert http.get("/agent/Port?asOf=4").location == "/agent/Mayor?asOf=4"
    assert http.get("/agent/Port?asOf=3").status_code == 303
    assert "As recorded by 2031-05-06" in http.get("/?asOf=2031-05-06").text
    assert http.get("/?asOf=never").status_code == 400


def test_a_resource_leads_a_time_traveller_to_what_it_was(http: FlaskClient) -> None:
    path = f"/{ONE.statement}.ttl"
    asked = {"Accept-Datetime": "Sun, 04 May 2031 10:30:00 GMT"}
    for place in (path, "/"):
        gate = f'<{place}>; rel="original timegate"'
        for _ in range(2):  # what is kept for others is not for him
            now = http.get(place)
            away = http.get(place, headers=asked)
            assert away.status_code == 302 and "Accept-Datetime" in away.headers["Vary"]
            there = http.get(away.location)
        assert there.status_code == 200
        assert there.headers["Memento-Datetime"] == "Sun, 04 May 2031 09:00:00 GMT"
        for answer in (away, there, *([now] if now.status_code == 200 else ())):
            assert gate in answer.headers.getlist("Link")
        assert "Memento-Datetime" not in now.headers
    agent = http.get("/agent/Port?asOf=3", headers=asked)
    assert (agent.status_code, "asOf=3" in agent.location) == (303, True)
    assert http.get("/", headers={"Accept-Datetime": "long ago"}).status_code == 400


def test_a_merger_that_was_rejected_and_made_again_is_there_before(tmp_path: Path) -> None:
    with open_dataset(create(tmp_path / "desk", BASE)) as kg:
        for each in (ONE, TWO):
            kg.add(each.turtle(), form=TURTLE)
        merger = kg.merge("agent/Mayor", "agent/Port", "Ines Falk")
        rejected = kg.judge(merger.assessment, "rejected", "Ines Falk")
        before = held(kg)
        kg.merge("agent/Mayor", "agent/Port", "Ines Falk")
        with kg.as_of(rejected.revision) as past:
            assert held(past) == before
