"""Following a dataset: the feed of changes, and another Ascribe that stays in step."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import BASE, RECORDED, river
from pyoxigraph import NamedNode, RdfFormat, parse
from test_server import Client, free_port, start, stop

import graph
from graph.changes import AS, LDES, TREE
from graph.errors import BadInput, Conflict, PeerFault, Refused
from graph.formats import NQUADS, TURTLE
from graph.journal import Journal, Write
from graph.kg import KnowledgeGraph, token_book
from graph.pulling import pull
from graph.vocab import ASC, RDF

MANY = 105
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server with many writes."""
    port = free_port()
    base = f"http://127.0.0.1:{port}/"
    folder = graph.create(tmp_path_factory.mktemp("source") / "desk", base)
    with graph.open(folder) as kg, kg.writer.commits.grouped():
        for number in range(1, MANY + 1):
            kg.add(report(number, base), form=TURTLE)
    process = start(["serve", str(folder)], port, ASCRIBE_QUERIES_PER_MINUTE="0")
    yield Client(base, token_book(folder).create("write"))
    stop(process)


def report(number: int, base: str) -> bytes:
    data = river(number).replace(BASE.encode(), base.encode())
    return data.replace(
        b"a asc:Document .", b'a asc:Document ; <http://purl.org/dc/terms/title> "It rises"@en .'
    )


def version(number: int, base: str) -> str:
    [found] = {
        quad.subject.value  # type: ignore[union-attr]
        for quad in parse(report(number, base), format=RdfFormat.TURTLE, base_iri=base)
        if quad.object == ASC.DocumentVersion
    }
    return found


def content(kg: KnowledgeGraph) -> list[bytes]:
    output = io.BytesIO()
    kg.export(output, NQUADS)
    return sorted(output.getvalue().splitlines())


def pages(client: Client, since: int = 0) -> Iterator[dict[str, object]]:
    more = True
    while more:
        page = client(f"changes?since={since}").json
        yield page
        since, more = page["next"], page["more"]


def test_the_pages_of_changes_hold_every_write_once_in_order(source: Client) -> None:
    held = [page["changes"] for page in pages(source)]
    revisions = [each["revision"] for page in held for each in page]  # type: ignore[attr-defined]
    assert revisions == [*range(1, len(revisions) + 1)]
    assert len(held[0]) == 100  # type: ignore[arg-type]
    assert source("changes?since=nine").status == 400
    beyond = source("changes?since=9999").json
    assert (beyond["changes"], beyond["next"], beyond["more"]) == ([], 9999, False)


def test_a_stream_client_finds_every_member_by_its_relations(source: Client) -> None:
    """Which follows `tree:node` from one page to the next."""
    address, seen = NamedNode(f"{source.base}changes?since=0"), set[str]()
    while address:
        turtle = source(address.value, Accept="text/turtle").body
        quads = [*parse(turtle, format=RdfFormat.TURTLE)]
        assert any(quad.object == LDES.EventStream for quad in quads)
        members = {quad.object for quad in quads if quad.predicate == TREE.member}
        typed = {q.subject for q in quads if q.predicate == RDF.type and q.object == AS.Create}
        assert members == typed and not seen & {str(each) for each in members}
        seen |= {str(each) for each in members}
        address = next((quad.object for quad in quads if quad.predicate == TREE.node), None)  # type: ignore[assignment]
    assert len(seen) >= MANY


def test_news_readers_get_the_latest_by_their_titles(source: Client) -> None:
    feed = ET.fromstring(source("changes.atom").body)
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 50
    assert entries[0].findtext(f"{ATOM}id") == version(MANY, source.base)
    assert entries[0].findtext(f"{ATOM}title") == "It rises"
    assert "9 statements" in (entries[0].findtext(f"{ATOM}summary") or "")


def test_a_bundle_is_fetched_as_stated_with_the_tag_that_a_write_takes(source: Client) -> None:
    local = version(1, source.base).removeprefix(source.base)
    got = source(f"bundles/{local}", Accept="application/trig")
    assert got.media_type == "application/trig"
    put = source(
        f"bundles/{local}",
        method="PUT",
        data=got.body,
        token=source.token,
        Content_Type="application/trig",
        If_Match=got.headers["ETag"],
    )
    assert put.status == 200 and put.json["state"] == "unchanged"
    assert source("bundles/doc/nothing/v/1").status == 404


def test_a_follower_ends_up_with_the_same_after_interruptions(
    source: Client, tmp_path: Path
) -> None:
    follower = graph.create(tmp_path / "follower", source.base)
    with graph.open(follower) as kg:
        cut_off = pull(kg, source.base)
        assert [next(cut_off).state for _ in range(40)] == ["added"] * 40
        cut_off.close()
    told = json.loads((follower / "pulls.json").read_text("utf-8"))
    assert told[source.base.rstrip("/")] == {"since": 100, "waiting": []}
    with graph.open(follower) as kg:
        states = Counter(each.state for each in pull(kg, source.base))
        assert states == {"added": MANY - 100}
        assert [*pull(kg, source.base)] == []

    local = version(3, source.base).removeprefix(source.base)
    changed = report(4, source.base).replace(b'toolVersion "1.0.0"', b'toolVersion "1.0.1"')
    form = {"Content_Type": TURTLE.media_type, "token": source.token}
    other = version(4, source.base).removeprefix(source.base)
    assert source(f"bundles/{local}", method="DELETE", token=source.token).status == 200
    assert source(f"bundles/{other}", method="PUT", data=changed, **form).status == 200
    assert source("bundles", data=report(MANY + 1, source.base), **form).status == 201
    with graph.open(follower) as kg:
        found = {each.bundle: each.state for each in pull(kg, source.base)}
        assert sorted(found.values()) == ["added", "replaced", "retracted"]
        exported = source("export", Accept=NQUADS.media_type).body
        assert content(kg) == sorted(exported.splitlines())
        [write, *_] = kg.history(kg.revision() - 1)
        assert write.by == f"pull from {source.base.rstrip('/')}"
        assert kg.astray() == []
    gone = source(f"bundles/{local}")
    assert gone.status == 410


def test_what_is_refused_waits_and_is_tried_again(
    source: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a rule here were another than there."""
    folder = graph.create(tmp_path / "strict", source.base)
    refusing = version(MANY - 2, source.base)
    told = {source.base.rstrip("/"): {"since": MANY - 5, "waiting": []}}
    (folder / "pulls.json").write_text(json.dumps(told), "utf-8")
    with graph.open(folder) as kg:
        add = kg.writer.add

        def strict(bundle, *args, **options):  # type: ignore[no-untyped-def]
            if bundle.version.value == refusing:
                report = kg.validate(
                    b"<urn:s> a <https://w3id.org/ascribe/ns#Statement> .", form=TURTLE
                )
                raise Refused(replace(report))
            return add(bundle, *args, **options)

        monkeypatch.setattr(kg.writer, "add", strict)
        [waiting] = [each for each in pull(kg, source.base) if each.fault]
        assert (waiting.bundle, waiting.state) == (refusing, "waiting")
        monkeypatch.undo()
        assert [(each.bundle, each.state) for each in pull(kg, source.base)] == [
            (refusing, "added")
        ]


def test_what_cannot_be_followed_is_told_with_a_way_out(source: Client, tmp_path: Path) -> None:
    with graph.open(graph.create(tmp_path / "other", BASE)) as kg:
        with pytest.raises(BadInput, match=f"ascribe init DIR --base {source.base}"):
            [*pull(kg, source.base)]
        with pytest.raises(PeerFault, match="does not answer"):
            [*pull(kg, f"http://127.0.0.1:{free_port()}")]
        with pytest.raises(BadInput, match="begins with http"):
            [*pull(kg, "file:///etc")]
        with pytest.raises(PeerFault, match="is it an Ascribe"):
            [*pull(kg, f"{source.base}.well-known/void?format=ttl&")]
    with graph.open(graph.create(tmp_path / "ahead", source.base)) as kg:
        (tmp_path / "ahead" / "pulls.json").write_text(
            json.dumps({source.base.rstrip("/"): {"since": 5000, "waiting": []}}), "utf-8"
        )
        with pytest.raises(Conflict, match="restored to an earlier state"):
            [*pull(kg, source.base)]
    with graph.open() as kg, pytest.raises(BadInput, match="in memory only"):
        [*pull(kg, source.base)]


def test_a_log_is_read_from_any_write_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.log")
    at = RECORDED.isoformat()
    writes = [
        Write(3 * n, at, "added", f"urn:{n}", "", coming=b"x" * (n * 37 % 400))
        for n in range(1, 60)
    ]
    journal.append(writes)
    for after in range(0, 185):
        found = [each.revision for each in journal.writes(after)]
        assert found == [each.revision for each in writes if each.revision > after]
