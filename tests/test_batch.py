"""Several bundles in one request: each with its own verdict, the good ones kept in groups."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from bad_inputs import Bad
from conftest import BASE, RIVER, ROOT
from test_roads import form_of
from test_server import Client, free_port, start, stop

import graph
from graph.batch import Done, add_each, add_together
from graph.bundle import Bundle
from graph.errors import Conflict, Refused
from graph.formats import JSON_LD, NQUADS, TRIG, TURTLE, Format, dumps
from graph.ingest import Receipt
from graph.kg import KnowledgeGraph, token_book

SMALL = (ROOT / "tests" / "cases" / "bundle" / "valid-smallest.ttl").read_bytes()
DIGEST = b"49a1245337d2"


def bundles(numbers: range, wrong: range = range(0), form: Format = TRIG) -> bytes:
    """One dataset of small bundles, some with a word that does not fit its offsets."""
    with graph.open() as kg:
        data = dumps(kg.read(SMALL, TURTLE).quads, NQUADS)
        quads = b"".join(
            data.replace(DIGEST, b"%012x" % number).replace(*_fault(number in wrong))
            for number in numbers
        )
        found = [quad for each in kg.reader.read_all(quads, NQUADS) for quad in each.quads]
    return dumps(found, form)


def _fault(wrong: bool) -> tuple[bytes, bytes]:
    return (b'"said"', b'"says so"') if wrong else (b"", b"")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server over an empty dataset."""
    port = free_port()
    folder = graph.create(tmp_path_factory.mktemp("batch") / "desk", BASE)
    token = token_book(folder).create("write")
    process = start(["serve", str(folder)], port)
    yield Client(f"http://127.0.0.1:{port}/", token)
    stop(process)


def test_each_bundle_of_a_batch_is_reported_and_sending_it_again_goes_on(client: Client) -> None:
    numbers, wrong = range(1, 301), range(41, 61)
    sent = {"token": client.token, "Content_Type": TRIG.media_type}
    first = client("bundles", data=bundles(numbers, wrong), **sent)
    assert first.status == 207
    assert first.json["states"] == {"added": 280, "refused": 20}
    for each in first.json["bundles"]:
        number = int(each["bundle"].rpartition("/v/")[2][:12], 16)
        assert each["status"] == (422 if number in wrong else 201)
        if number in wrong:
            (result,) = each["problem"]["report"]["results"]
            assert (
                result["rule"].endswith("#TextSpan-length") and f"{number:012x}" in result["focus"]
            )

    mended = client("bundles", data=bundles(numbers), **sent)
    assert mended.status == 201
    assert mended.json["states"] == {"unchanged": 280, "added": 20}
    again = client(
        "bundles",
        data=bundles(numbers, form=JSON_LD),
        token=client.token,
        Content_Type=JSON_LD.media_type,
    )
    assert (again.status, again.json["states"]) == (200, {"unchanged": 300})
    assert client("health").json["revision"] == 300


def test_all_or_nothing_keeps_all_or_none(client: Client) -> None:
    before = client("health").json["revision"]
    sent = {"token": client.token, "Content_Type": TRIG.media_type}
    numbers = range(1001, 1021)
    refused = client("bundles?all-or-nothing", data=bundles(numbers, range(1003, 1005)), **sent)
    assert refused.status == 422
    assert len(refused.json["report"]["results"]) == 2
    assert client("health").json["revision"] == before
    kept = client("bundles?all-or-nothing", data=bundles(numbers), **sent)
    assert (kept.status, kept.json["states"]) == (201, {"added": 20})
    assert client("health").json["revision"] == before + 20


def test_where_all_fail_for_one_reason_the_status_says_which(client: Client) -> None:
    numbers = range(2001, 2004)
    sent = {"token": client.token, "Content_Type": TRIG.media_type}
    assert client("bundles", data=bundles(numbers, numbers), **sent).status == 422


def test_a_form_brings_texts_to_the_bundles_that_state_their_digest(client: Client) -> None:
    other = b"The ferry waits.\n"
    stated = hashlib.sha256(RIVER.read_bytes()).hexdigest().encode()
    two = SMALL.replace(DIGEST, b"00000000aaaa").replace(b"00000000aaaa" + stated[12:], stated)
    inputs = [Bad("one", SMALL, (), text=RIVER.read_bytes()), Bad("two", two, ())]
    body, kind = form_of([*inputs, Bad("none", b"<a> <b> .", ())])
    answer = client("bundles", data=body, token=client.token, Content_Type=kind)
    assert answer.status == 207
    checked = {each["file"]: each.get("quotesChecked") for each in answer.json["bundles"]}
    assert checked == {"one.ttl": 2, "two.ttl": 2, "none.ttl": None}
    body, kind = form_of([*inputs, Bad("three", SMALL, (), text=other)])
    stray = client("bundles", data=body, token=client.token, Content_Type=kind)
    assert stray.status == 400 and "Text 2 belongs to none" in stray.json["detail"]


def read(kg: KnowledgeGraph, data: bytes) -> list[Bundle]:
    return kg.reader.read_all(data, TRIG)


def states(done: list[Done]) -> list[str]:
    return [
        each.outcome.state if isinstance(each.outcome, Receipt) else type(each.outcome).__name__
        for each in done
    ]


def test_good_bundles_share_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    sync = os.fsync
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        held = read(kg, bundles(range(1, 51), range(9, 10)))
        monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), sync(file))[1])
        assert (
            states(list(add_each(kg.writer, held))) == ["added"] * 8 + ["Refused"] + ["added"] * 41
        )
        assert len(synced) == 1
        assert [write.revision for write in kg.history()] == [*range(1, 50)]
        assert kg.astray() == []


def test_a_bundle_that_stands_twice_in_a_batch_is_one(kg: KnowledgeGraph) -> None:
    (one,) = read(kg, bundles(range(1, 2)))
    assert states(list(add_each(kg.writer, [one, one]))) == ["added", "unchanged"]
    (other,) = read(kg, bundles(range(1, 2), range(1, 2)))
    assert states(list(add_each(kg.writer, [one, other]))) == ["unchanged", "Conflict"]
    (two,) = read(kg, bundles(range(2, 3)))
    assert [each.state for each in add_together(kg.writer, [two, two])] == ["added"]
    (three,), (spoilt,) = (
        read(kg, bundles(range(3, 4), wrong)) for wrong in (range(0), range(3, 4))
    )
    with pytest.raises(Conflict, match="described twice"):
        add_together(kg.writer, [three, spoilt])
    with pytest.raises(Refused):
        add_together(kg.writer, [spoilt])
    assert kg.writer.revision() == 2
