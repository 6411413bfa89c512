"""Every road into the store refuses alike: the same results in the same words, nothing stored.

A road is a function from bad inputs to refusals; a new one is one more line in `ROADS`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from bad_inputs import GOOD, LIMITS, VERSION, WAVE, Bad, bad_inputs, wave
from click.testing import CliRunner
from conftest import BASE, RIVER
from test_server import Answer, Client, free_port, start, stop

import graph
from graph.bulk.loader import Loader
from graph.cli import main
from graph.errors import BadInput, Refused
from graph.formats import NTRIPLES, dumps
from graph.kg import KnowledgeGraph, token_book
from graph.report import Report
from graph.reporting import as_json

INPUTS = bad_inputs()
IN_A_COMMAND = 40
"""As many files in one command, fewer than make it load in bulk."""
IN_A_FORM = 10
"""As many files in one form, which is under the limit of bytes."""


class Broken(NamedTuple):
    """One result of a report, less what depends on the road."""

    rule: str
    focus: str
    path: str
    component: str
    message: str


class Refusal(NamedTuple):
    """Why an input was not kept: what it breaks, or the sentence why it cannot be read."""

    results: frozenset[Broken] = frozenset()
    sentence: str = ""


@dataclass
class Places:
    """Where the roads lead: two datasets, and a server over a third."""

    kg: KnowledgeGraph
    desk: Path
    client: Client
    files: Path

    def file(self, bad: Bad) -> Path:
        """A file that holds an input, named after it."""
        name = re.sub(r"\W+", "-", bad.name)
        path = self.files / f"{name}.{bad.form.extension}"
        path.write_bytes(bad.data)
        return path


Road = Callable[[Places, Sequence[Bad]], list[Refusal | None]]


def one_by_one(road: Callable[[Places, Bad], Refusal | None]) -> Road:
    """A road that takes one input at a time."""
    return lambda places, inputs: [road(places, bad) for bad in inputs]


def broken(report: dict[str, Any]) -> Refusal:
    """The violations of a report in JSON; blank nodes have no lasting name."""
    found = (each for each in report["results"] if each["severity"] == "violation")
    fields = [[each[name] or "" for name in Broken._fields] for each in found]
    return Refusal(frozenset(Broken(*(re.sub("_:.*", "_:", f) for f in row)) for row in fields))


def unread(sentence: str, name: str = "") -> Refusal:
    """A sentence without the name of the file, and without what the road calls the failure."""
    named = f"{name}:" if name else ""
    bare = sentence.strip().removeprefix(named).strip()
    return Refusal(sentence=re.sub("^(not read|<[^>]*> cannot stand as it would be): ", "", bare))


def in_python(
    act: Callable[[KnowledgeGraph, Bad], object],
) -> Callable[[Places, Bad], Refusal | None]:
    def road(places: Places, bad: Bad) -> Refusal | None:
        try:
            found = act(places.kg, bad)
        except Refused as fault:
            return broken(as_json(fault.report))
        except BadInput as fault:
            return unread(str(fault))
        return broken(as_json(found)) if isinstance(found, Report) and not found.conforms else None

    return road


def bulk(places: Places, inputs: Sequence[Bad]) -> list[Refusal | None]:
    """The loader that `ascribe add` uses for many files."""
    kg = places.kg
    paths = [places.file(bad) for bad in inputs]
    found: dict[str, Refusal | None] = {}
    for outcome in Loader(kg.writer, kg.reader, kg.texts).load(paths):
        fault = outcome.fault
        read = isinstance(fault, Refused)
        found[outcome.name] = (
            broken(as_json(fault.report)) if read else fault and unread(str(fault), outcome.name)
        )
    return [found[str(path)] for path in paths]


def command(*arguments: str) -> Road:
    """A command of `ascribe`, for many files at a time."""

    def road(places: Places, inputs: Sequence[Bad]) -> list[Refusal | None]:
        found: dict[str, Refusal | None] = {}
        for text in {bad.text for bad in inputs}:
            alike = [bad for bad in inputs if bad.text == text]
            for first in range(0, len(alike), IN_A_COMMAND):
                paths = [str(places.file(bad)) for bad in alike[first : first + IN_A_COMMAND]]
                found |= _said(_run(places, arguments, paths, text), paths)
        return [found[str(places.file(bad))] for bad in inputs]

    return road


def _run(places: Places, arguments: Sequence[str], paths: list[str], text: bytes | None) -> Any:
    beside = places.files / "text"
    beside.write_bytes(text or b"")
    with_text = ["--text", str(beside)] if text is not None else []
    options = ["--data", str(places.desk), *with_text]
    return CliRunner().invoke(main, [*arguments, *options, *paths], standalone_mode=False)


def _said(result: Any, paths: list[str]) -> dict[str, Refusal | None]:
    """What a command said about each file: reports in JSON, sentences on standard error."""
    if result.exception:
        raise result.exception
    found: dict[str, Refusal | None] = dict.fromkeys(paths)
    for line in result.stderr.splitlines():
        for path in paths:
            if line.startswith(f"ascribe: {path}:"):
                found[path] = unread(line.removeprefix("ascribe: "), path)
    rest = result.stdout.strip()
    while rest:
        report, end = json.JSONDecoder().raw_decode(rest)
        rest = rest[end:].strip()
        for path in {each["source"] for each in report.get("results", ())}:
            own = [each for each in report["results"] if each["source"] == path]
            refusal = broken({"results": own})
            found[path] = refusal if refusal.results else None
    return found


def over_http(path: str, method: str = "POST") -> Callable[[Places, Bad], Refusal | None]:
    """One request with the input as its body, or in a form beside its text."""

    def road(places: Places, bad: Bad) -> Refusal | None:
        body, kind = form_of([bad]) if bad.text is not None else (bad.data, bad.form.media_type)
        client = places.client
        answer = client(path, method=method, data=body, token=client.token, Content_Type=kind)
        return _answered(answer, "body" if bad.text is None else places.file(bad).name)

    return road


def _answered(answer: Answer, name: str) -> Refusal | None:
    said = answer.json
    if answer.status == 422:
        return broken(said["report"])
    if answer.status >= 400:
        assert answer.status in (400, 413), said
        return unread(said["detail"], name)
    return broken(said) if said.get("conforms") is False else None


def many_in_one_request(places: Places, inputs: Sequence[Bad]) -> list[Refusal | None]:
    """Inputs as the files of a form, each with its own verdict, beside one that says nothing."""
    found: dict[str, Refusal | None] = {}
    client = places.client
    for first in range(0, len(inputs), IN_A_FORM):
        body, kind = form_of([*inputs[first : first + IN_A_FORM], Bad("nothing", b"", ())])
        answer = client("bundles", data=body, token=client.token, Content_Type=kind)
        for each in answer.json["bundles"]:
            said = each.get("problem", {})
            sentence = unread(said.get("detail", ""), each["file"])
            read = "report" in said
            found[each["file"]] = (broken(said["report"]) if read else sentence) if said else None
    return [found[places.file(bad).name] for bad in inputs]


def form_of(inputs: Sequence[Bad]) -> tuple[bytes, str]:
    """Inputs and their texts as a multipart form, and its media type."""
    parts = []
    for bad in inputs:
        name = re.sub(r"\W+", "-", bad.name)
        parts.append(("bundle", f"{name}.{bad.form.extension}", bad.form.media_type, bad.data))
        if bad.text is not None:
            parts.append(("text", "text.txt", "text/plain", bad.text))
    body = b"".join(
        f'--cut-here\r\nContent-Disposition: form-data; name="{field}"; filename="{file}"\r\n'
        f"Content-Type: {kind}\r\n\r\n".encode()
        + data
        + b"\r\n"
        for field, file, kind, data in parts
    )
    return body + b"--cut-here--\r\n", "multipart/form-data; boundary=cut-here"


def as_update(kg: KnowledgeGraph, bad: Bad) -> bytes:
    """An input as a SPARQL Update that says the same; empty if it cannot be read."""
    try:
        quads = kg.reader.read_quads(bad.data, bad.form)
    except BadInput:
        return b""
    return b"INSERT DATA {" + dumps({quad.triple for quad in quads}, NTRIPLES) + b"}"


def by_update(places: Places, bad: Bad) -> Refusal | None:
    """One SPARQL Update that inserts the input."""
    client, kind = places.client, "application/sparql-update"
    answer = client("update", data=as_update(places.kg, bad), token=client.token, Content_Type=kind)
    return _answered(answer, "the update")


ROADS: dict[str, Road] = {
    "Python": one_by_one(in_python(lambda kg, bad: kg.add(bad.data, form=bad.form, text=bad.text))),
    "Python, checked only": one_by_one(
        in_python(lambda kg, bad: kg.validate(bad.data, form=bad.form, text=bad.text))
    ),
    "ascribe add": command("add", "--json"),
    "ascribe add, in bulk": bulk,
    "ascribe validate": command("validate", "--format", "json"),
    "POST /bundles": one_by_one(over_http("bundles")),
    "POST /bundles, many": many_in_one_request,
    "PUT /bundles": one_by_one(over_http(f"bundles/{VERSION}", "PUT")),
    "POST /validate": one_by_one(over_http("validate")),
    "POST /update": one_by_one(by_update),
    "PUT /graph-store": one_by_one(over_http(f"graph-store?graph={BASE}{VERSION}", "PUT")),
}
WITHOUT_TEXT = {"ascribe add, in bulk", "POST /bundles, many", "POST /update", "PUT /graph-store"}
"""Roads on which a text comes by its digest or not at all, so that no wrong one can be sent."""
OF_THE_GRAPH = ("no asc:DocumentVersion", "is a blank node")
"""Said of a bundle, not of a graph: to put nothing there is to empty it."""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    folder = tmp_path_factory.mktemp("roads")
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LIMITS.items():
            patch.setenv(name, value)
        for name in ("python", "desk", "served"):
            with graph.open(graph.create(folder / name, BASE)) as kg:
                for text in (RIVER.read_bytes(), WAVE.encode()):
                    kg.texts.put(text)
        token = token_book(folder / "served").create("write")
        process = start(["serve", str(folder / "served")], port)
        (folder / "files").mkdir()
        with graph.open(folder / "python") as kg:
            client = Client(f"http://127.0.0.1:{port}/", token)
            yield Places(kg, folder / "desk", client, folder / "files")
        stop(process)


@pytest.fixture(scope="module")
def refusals(places: Places) -> dict[str, Refusal | None]:
    """What the first road says to each input."""
    return _taken(places, "Python")


def _taken(places: Places, road: str) -> dict[str, Refusal | None]:
    """What a road says to the inputs that can be sent on it."""
    inputs = [
        bad
        for bad in INPUTS
        if (bad.text is None or road not in WITHOUT_TEXT)
        and (bad.names[0] not in OF_THE_GRAPH or road not in ("POST /update", "PUT /graph-store"))
        and (road != "POST /update" or as_update(places.kg, bad))
    ]
    said = ROADS[road](places, inputs)
    return {bad.name: refusal for bad, refusal in zip(inputs, said, strict=True)}


def revisions(places: Places) -> tuple[int, int, int]:
    """How many writes each dataset has seen."""
    with graph.open(places.desk, read_only=True) as desk:
        seen = desk.writer.revision()
    return places.kg.writer.revision(), seen, places.client("health").json["revision"]


@pytest.mark.parametrize("bad", INPUTS, ids=lambda bad: bad.name)
def test_a_bad_input_is_refused_by_name(bad: Bad, refusals: dict[str, Refusal | None]) -> None:
    refusal = refusals[bad.name]
    assert refusal is not None
    rules = {
        each.rule.replace("https://w3id.org/ascribe/shapes#", "shapes:") for each in refusal.results
    }
    said = " ".join([refusal.sentence, *rules, *(each.message for each in refusal.results)])
    assert [name for name in bad.names if name not in said] == []


@pytest.mark.parametrize("road", [road for road in ROADS if road != "Python"])
def test_a_road_refuses_as_the_others_do(
    road: str, places: Places, refusals: dict[str, Refusal | None]
) -> None:
    before = revisions(places)
    said = _taken(places, road)
    assert said == {name: refusals[name] for name in said}
    assert revisions(places) == before == (0, 0, 0)


def test_what_is_over_the_limit_of_bytes_is_refused_on_every_road(places: Places) -> None:
    large = Bad("too many bytes", GOOD.encode() + b" " * 300_000, ())
    for name, road in ROADS.items():
        # The form itself would be too large, and spaces do not become an Update.
        if name not in ("POST /bundles, many", "POST /update"):
            (refusal,) = road(places, [large])
            assert refusal and "ASCRIBE_MAX_BYTES" in refusal.sentence, name


def test_a_process_of_its_own_says_what_the_command_says(
    places: Places, refusals: dict[str, Refusal | None]
) -> None:
    program = [sys.executable, "-c", "from graph.cli import run; run()"]
    for name, code in (("a misspelt class", 1), ("a NUL", 2), ("an empty file", 2)):
        bad = next(each for each in INPUTS if each.name == name)
        path = str(places.file(bad))
        arguments = ["add", "--json", "--data", str(places.desk), path]
        done = subprocess.run(
            [*program, *arguments], capture_output=True, text=True, env=os.environ, check=False
        )
        assert done.returncode == code
        done.exception = None  # type: ignore[attr-defined]
        assert _said(done, [path])[path] == refusals[name]


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("data", [GOOD, wave(31, 64, WAVE[31:64])], ids=["river", "wave"])
def test_what_was_spoilt_passes_before_it_is_spoilt(data: str, road: str, places: Places) -> None:
    assert ROADS[road](places, [Bad(f"good by {road}", data.encode(), ())]) == [None]
    if places.kg.writer.digest_of(places.kg.iri(VERSION)):
        places.kg.retract(VERSION)
    with graph.open(places.desk) as desk:
        if desk.writer.digest_of(desk.iri(VERSION)):
            desk.retract(VERSION)
    places.client(f"bundles/{VERSION}", method="DELETE", token=places.client.token)
