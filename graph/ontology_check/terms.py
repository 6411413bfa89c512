"""Whether every term is explained, and every use of a term is a term."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import rdflib
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS, SKOS

from graph.files import PACKAGE, examples_dir, ontology_dir, queries_dir, shapes_dir
from graph.ontology_check.finding import Finding, name_of
from graph.vocab import ASC, ASCV

NAMESPACES = {"asc": str(ASC), "ascv": str(ASCV)}

_NAME = r"[A-Za-z]\w*"
_IN_TEXT = re.compile(
    rf"(?<![\w.:/-])(?P<prefix>ascv?):(?P<short>{_NAME})"
    rf"|(?P<namespace>{'|'.join(map(re.escape, NAMESPACES.values()))})(?P<long>{_NAME})"
)
_IN_PYTHON = re.compile(
    rf"\b(?P<prefix>ASCV?)(?:\.term\(\s*[\"'](?P<called>{_NAME})[\"']|\.(?P<short>{_NAME}))"
)


def load_ontology(folder: Path | None = None) -> Graph:
    """Every `ontology/*.ttl`, ours or that of another folder, merged into one graph."""
    # pySHACL sets this back to True after each run.
    rdflib.NORMALIZE_LITERALS = False
    graph = Graph()
    for path in sorted((folder or ontology_dir()).glob("*.ttl")):
        graph.parse(path, format="turtle")
    return graph


def files_using_terms(shapes: Path | None = None) -> list[Path]:
    """The files in which a name of ours must be a defined term."""
    return sorted(
        {
            ontology_dir() / "context.jsonld",
            *(shapes or shapes_dir()).glob("*.ttl"),
            *queries_dir().rglob("*.rq"),
            *PACKAGE.rglob("*.py"),
            *PACKAGE.rglob("*.html"),
            *examples_dir().glob("*.trig"),
        }
    )


def undefined_terms(graph: Graph, files: Iterable[Path]) -> list[Finding]:
    """The uses of a name of ours that the ontology does not define.

    Shape: names are looked for as a reader sees them, line by line, so that
        comments, messages and quoted snippets count too.
    """
    defined = {str(subject) for subject in graph.subjects(RDF.type)}
    return [
        _undefined(path, line, prefix, name, defined)
        for path in files
        for line, prefix, name in _uses(path)
        if NAMESPACES[prefix] + name not in defined
    ]


def _uses(path: Path) -> Iterator[tuple[int, str, str]]:
    by_namespace = {namespace: prefix for prefix, namespace in NAMESPACES.items()}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        for found in _IN_TEXT.finditer(line):
            if found["short"]:
                yield number, found["prefix"], found["short"]
            else:
                yield number, by_namespace[found["namespace"]], found["long"]
        if path.suffix != ".py":
            continue
        for found in _IN_PYTHON.finditer(line):
            name = found["called"] or found["short"]
            # A namespace is a str, and its methods are no terms.
            if found["called"] or not (hasattr(str, name) or name == "term"):
                yield number, found["prefix"].lower(), name


def _undefined(path: Path, line: int, prefix: str, name: str, defined: set[str]) -> Finding:
    namespace = NAMESPACES[prefix]
    names = sorted(iri.removeprefix(namespace) for iri in defined if iri.startswith(namespace))
    nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
    meant = f"Did you mean {prefix}:{nearest[0]}? If not, define" if nearest else "Define"
    return Finding(
        f"{path.name}:{line}",
        f"{prefix}:{name} is not defined in the ontology.",
        f"{meant} it in the ontology file of its stem.",
    )


def undocumented_terms(graph: Graph) -> list[Finding]:
    """The terms of ours without the label, definition or example they need."""
    needed = {
        "asc": {"label": RDFS.label, "definition": SKOS.definition, "example": SKOS.example},
        "ascv": {"label": SKOS.prefLabel, "definition": SKOS.definition},
    }
    return [
        Finding(name_of(subject), f"it has no {what}.", f"Give it {name_of(predicate)}.")
        for subject in sorted(set(graph.subjects(RDF.type)), key=str)
        if isinstance(subject, URIRef)
        for prefix, wanted in needed.items()
        if str(subject).startswith(NAMESPACES[prefix]) and str(subject) != NAMESPACES[prefix]
        for what, predicate in wanted.items()
        if not any(_has_words(each) for each in graph.objects(subject, predicate))
    ]


def _has_words(node: object) -> bool:
    return isinstance(node, Literal) and bool(str(node).strip())
