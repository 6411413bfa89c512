"""The JSON Schema of JSON-LD documents: that they fit it, and that it asks for something."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import JAVASCRIPT, RECORDED, ROOT
from jsonschema import Draft202012Validator

from graph.json_schema import definition_of, json_schema, json_schema_name
from graph.jsonld import as_jsonld
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.vocab import RDF
from graph.web import create_web

STATEMENT = "statement/ffc646f2603c/2076-2306-8224e4fc"
KINDS = ("statement", "attribution", "agent", "event", "doc")
READER = """import { Statement } from "./statement";
export function told(said: Statement): string {
  const voices: string[] = said.chain.map(hop => hop.agent.id);
  const negative: boolean = said.polarity?.id === "ascv:negative";
  return `${said.text} ${said.speaker[0].id} ${voices} ${negative} ${said.source.sha256}`;
}
"""


@pytest.fixture(scope="module")
def kg() -> Iterator[KnowledgeGraph]:
    """The article and all other examples."""
    with KnowledgeGraph(Settings(), clock=lambda: RECORDED) as kg:
        for path in sorted((ROOT / "examples").glob("*.trig")):
            kg.add(path)
        yield kg


def judge(name: str) -> Draft202012Validator:
    return Draft202012Validator({**json_schema(), "$ref": f"#/$defs/{name}"})


def statement(kg: KnowledgeGraph) -> dict[str, Any]:
    iri = kg.settings.base + STATEMENT
    return as_jsonld(kg.describe(iri), iri)


def told(kg: KnowledgeGraph, kind: str) -> Iterator[tuple[str, str]]:
    """Things of a kind and their definitions: all sets of classes, and all properties."""
    met: set[Any] = set()
    for node in sorted({quad.subject for quad in kg.store.match()}, key=str):
        if str(node).startswith(f"<{kg.settings.base}{kind}/"):
            quads = kg.store.match(node)
            types = frozenset(quad.object for quad in quads if quad.predicate == RDF.type)
            new = {types, *(quad.predicate for quad in quads)} - met
            met |= new
            if new:
                yield node.value, definition_of(types)


@pytest.mark.parametrize("kind", KINDS)
def test_documents_fit_the_definition_of_its_thing(kg: KnowledgeGraph, kind: str) -> None:
    names = set()
    for iri, name in told(kg, kind):
        document = json.loads(json.dumps(as_jsonld(kg.describe(iri), iri)))
        assert not [error.message for error in judge(name).iter_errors(document)], iri
        names.add(name)
    wanted = {"doc": {"Document", "DocumentVersion"}}.get(kind, {kind.title()})
    assert names == wanted


def test_a_statement_without_what_it_must_have_does_not_fit(kg: KnowledgeGraph) -> None:
    fits, whole = judge("Statement"), statement(kg)
    needed = json_schema()["$defs"]["Statement"]["required"]
    assert {"text", "speaker", "chain", "source"} < {*needed}
    for name in needed:
        broken = {each: value for each, value in whole.items() if each != name}
        assert [error.validator for error in fits.iter_errors(broken)] == ["required"], name
    for steps, value in (
        (("speaker", 0, "label"), "a name"),
        (("chain", 0, "agent"), "http://127.0.0.1:8000/agent/cnn-f2e80d"),
        (("source", "sha256"), "ffc646f2"),
        (("contentSpan", 0, "start"), "2076"),
        (("polarity", "id"), "ascv:true"),
        (("chain",), []),
    ):
        broken = copy.deepcopy(whole)
        place: Any = broken
        for step in steps[:-1]:
            place = place[step]
        place[steps[-1]] = value
        assert len([*fits.iter_errors(broken)]) == 1, steps


def test_the_schema_is_valid_and_says_either_only_where_it_may_be_either() -> None:
    Draft202012Validator.check_schema(json_schema())
    text = json.dumps(json_schema())
    referred = set(re.findall(r'"#/\$defs/(\w+)"', text))
    assert referred <= json_schema()["$defs"].keys()
    assert not re.search(r'"(anyOf|oneOf|allOf)": \[({[^{}]*})?\]', text)


def test_json_ld_links_its_definition_which_may_be_kept_for_ever(kg: KnowledgeGraph) -> None:
    client = create_web(kg).test_client()
    for path, name in ((STATEMENT, "Statement"), ("agent/cnn-f2e80d", "Agent")):
        links = client.get(f"/{path}.jsonld").headers.getlist("Link")
        address = f"/{json_schema_name()}#/$defs/{name}"
        assert f'<{address}>; rel="describedby"; type="application/schema+json"' in links
    assert "describedby" not in str(client.get(f"/{STATEMENT}.ttl").headers.getlist("Link"))
    held = client.get(f"/{json_schema_name()}")
    assert held.json == json_schema() and "immutable" in held.headers["Cache-Control"]
    assert client.get("/schema.json").data == held.data
    assert client.get("/schema-0123456789ab.json").status_code == 404


@pytest.mark.extras
def test_typescript_reads_a_statement_by_types_made_from_the_schema(tmp_path: Path) -> None:
    programs = JAVASCRIPT / "node_modules" / ".bin"
    if shutil.which("node") is None or not (programs / "json2ts").exists():
        pytest.skip(f"json-schema-to-typescript is not in {programs} (.ci/install-extras)")
    (tmp_path / "statement.json").write_text(json.dumps(json_schema()), "utf-8")
    (tmp_path / "reader.ts").write_text(READER, "utf-8")
    (tmp_path / "wrong.ts").write_text(READER.replace("hop.agent.id", "hop.agent.name.en"), "utf-8")
    json2ts = [str(programs / "json2ts"), "statement.json", "statement.d.ts"]
    subprocess.run(json2ts, cwd=tmp_path, check=True, timeout=60)
    tsc = [str(programs / "tsc"), "--noEmit", "--strict", "--target", "es2020"]
    for name, fits in (("reader.ts", True), ("wrong.ts", False)):
        ran = subprocess.run([*tsc, name], cwd=tmp_path, check=False, timeout=60)
        assert (ran.returncode == 0) == fits, name
