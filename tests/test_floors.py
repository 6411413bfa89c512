"""The floors of the house: a module imports only from floors below its own."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

FLOORS: tuple[frozenset[str], ...] = (
    frozenset(
        {
            *("conditions", "errors", "files", "formats", "grammar"),
            *("malloc", "processors", "report", "settings", "signals", "vocab"),
        }
    ),
    frozenset(
        {
            "context",
            "iris",
            "selectors",
            "facts",
            "fields",
            "slots",
            "model",
            "records",
            "schema",
            "rules",
            "terms",
        }
    ),
    frozenset(
        {
            *(
                "annotation",
                "asking",
                "bundle",
                "catalog",
                "changes",
                "commits",
                "contradiction",
                "dataset",
                "federation",
                "groups",
                "index",
                "journal",
                "lines",
                "mapping",
                "merging",
                "ontology_check",
                "overlay",
                "parse_worker",
            ),
            *(
                "parsing",
                "peers",
                "placing",
                "queries",
                "quotes",
                "reading",
                "reasoning",
                "relating",
                "sparql_rules",
                "splitting",
                "steadiness",
                "store",
                "surroundings",
                "tables",
                "update_grammar",
                "update_request",
                "updating",
            ),
            *("mending", "oracle", "shacl", "texts", "tokens", "validation"),
        }
    ),
    frozenset(
        {
            *(
                "asked",
                "backup",
                "batch",
                "bulk",
                "census",
                "changing",
                "describe",
                "export",
                "indexing",
                "ingest",
            ),
            *("excerpt", "exports", "extract", "forms", "kg"),
            *("identity", "importing", "json_schema", "judging", "jsonld"),
            *("listings", "past", "pieces", "proof", "pulling", "rebase", "reconciling"),
            *("reporting", "restore", "rows"),
        }
    ),
    frozenset({"cli", "web"}),
)
"""Ground, model, graph, acts, faces. `graph/__init__.py` shows `kg` to the world."""

LEVEL = {name: level for level, names in enumerate(FLOORS) for name in names}
MODULES = sorted((ROOT / "graph").rglob("*.py"))


def part_of(path: Path) -> str:
    """The first part of a module's name under `graph`."""
    return path.relative_to(ROOT / "graph").parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    """The parts of `graph` that a module imports, type-checking ones left out."""
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if "graph." in alias.name)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "graph":
            below = (node.module or "").split(".")[1:]
            yield from below[:1] or (alias.name for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_below(path: Path) -> None:
    part = part_of(path)
    if part == "__init__":
        return
    assert part in LEVEL, f"give graph/{part} a floor in tests/test_floors.py"
    upward = {name for name in imports_of(path) if name in LEVEL and LEVEL[name] > LEVEL[part]}
    assert not upward, f"{path.name} is on floor {LEVEL[part]} and imports {upward}"


def test_nothing_imports_the_roof() -> None:
    roof = re.compile(r"^\s*(import server|from server )", re.M)
    assert not [path for path in MODULES if roof.search(path.read_text("utf-8"))]


def test_the_roof_is_thin() -> None:
    text = (ROOT / "server.py").read_text("utf-8")
    assert len(text.splitlines()) < 100
    assert "route(" not in text and "SELECT" not in text and "<html" not in text


def test_modules_and_functions_fit_a_reader() -> None:
    too_long = []
    for path in MODULES:
        text = path.read_text("utf-8")
        if text.count("\n") > 400:
            too_long.append(str(path))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 60:
                too_long.append(f"{path}:{node.lineno} {node.name}")
    assert not too_long


def test_no_term_is_asked_for_by_the_name_of_a_string_method() -> None:
    """`DCTERMS.title` is str.title: such terms are written DCTERMS.term("title")."""
    methods = "|".join(name for name in dir(str) if not name.startswith("_"))
    trap = re.compile(rf"\b(ASC|ASCV|DCTERMS|FOAF|OA|ORG|PROV|SCHEMA|SH|SKOS)\.({methods})\b(?!\()")
    found = [
        f"{path.name}: {match.group()}"
        for path in MODULES
        for match in trap.finditer(path.read_text("utf-8"))
    ]
    assert not found


def test_no_query_is_built_by_f_string() -> None:
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                constant = "".join(
                    each.value
                    for each in node.values
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )
                if re.search(r"\b(SELECT|CONSTRUCT|ASK|INSERT|DELETE)\b.*\{", constant, re.S):
                    found.append(f"{path}:{node.lineno}")
    assert not found


@pytest.mark.parametrize("module", ["graph.cli", "graph.asking.nursery"])
def test_what_starts_often_starts_without_what_few_need(module: str) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True)
    heavy = {"pyparsing", "pyshacl", "owlready2", "pyld", "flask", "rdflib"}
    heavy |= {"ssl", "graph.annotation"}
    assert not heavy & {*loaded.split()}
