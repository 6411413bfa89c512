"""`/openapi.json`: valid, and neither more nor less than the routes there are."""

from __future__ import annotations

import re
from itertools import product

import pytest
from werkzeug.routing import Rule

from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.web import create_web
from graph.web.openapi import address, described
from graph.web.operations_table import OPERATIONS

APP = create_web(KnowledgeGraph(Settings()))
RULES = list(APP.url_map.iter_rules())
METHODS = ("get", "put", "post", "delete", "patch", "trace")


def methods_of(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


@pytest.mark.extras
def test_it_is_valid_openapi() -> None:
    validator = pytest.importorskip(
        "openapi_spec_validator", reason="needs the `clients` extra"
    ).OpenAPIV31SpecValidator
    served = APP.test_client().get("/openapi.json").get_json()
    assert served["openapi"].startswith("3.1.")
    assert [str(fault) for fault in validator(served).iter_errors()] == []


def test_it_describes_every_route_and_no_other() -> None:
    paths = described(APP)["paths"]
    there = {(address(rule), m.lower()) for rule in RULES for m in methods_of(rule)}
    told = {(path, method) for path, method in product(paths, METHODS) if method in paths[path]}
    assert told == there
    assert OPERATIONS.keys() == {(r.endpoint, m) for r in RULES for m in methods_of(r)}


def test_each_operation_says_what_it_is_for_and_every_reference_leads_somewhere() -> None:
    api = described(APP)
    for path, method in product(api["paths"], METHODS):
        operation = api["paths"][path].get(method)
        if operation:
            assert re.match(r"[A-Z].+\.$", operation["summary"]), (path, method)
            assert operation["tags"][0] in {tag["name"] for tag in api["tags"]}
            needed = set(re.findall(r"\{(\w+)\}", path))
            given = {each["$ref"].rpartition("/")[2] for each in operation["parameters"]}
            assert needed <= given
    used = set(re.findall(r"#/components/(\w+/[\w-]+)", str(api)))
    held = {f"{kind}/{name}" for kind, all_of in api["components"].items() for name in all_of}
    assert used == held - {"securitySchemes/token"}


@pytest.mark.parametrize("public", [True, False])
def test_it_says_where_a_token_is_needed(public: bool) -> None:
    paths = described(APP, public=public)["paths"]
    assert paths["/health"]["get"]["security"] == []
    assert paths["/update"]["post"]["security"] == [{"token": []}]
    assert ({} in paths["/sparql"]["get"]["security"]) is public
