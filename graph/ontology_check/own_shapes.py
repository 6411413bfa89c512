"""Whether the ontology fits the shapes written for it."""

from __future__ import annotations

from pathlib import Path

import pyshacl
from rdflib import Graph
from rdflib.namespace import RDF, SH

from graph.files import shapes_dir
from graph.ontology_check.finding import Finding, name_of


def shacl_findings(graph: Graph, folder: Path | None = None) -> list[Finding]:
    """What pySHACL finds wrong with the ontology by `shapes/ontology.ttl`."""
    shapes = Graph().parse((folder or shapes_dir()) / "ontology.ttl", format="turtle")
    _, results, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="none")
    assert isinstance(results, Graph), results
    return sorted(
        Finding(
            name_of(focus),
            " ".join(map(str, results.objects(node, SH.resultMessage))),
            f"[{name_of(rule)}]",
        )
        for node in results.subjects(RDF.type, SH.ValidationResult)
        if (focus := results.value(node, SH.focusNode)) is not None
        and (rule := results.value(node, SH.sourceShape)) is not None
    )
