"""What `ascribe check` does, kept apart because its libraries are slow to import."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from pyoxigraph import NamedNode
from rdflib import Graph

from graph.cli.explaining import say_contradictions
from graph.contradiction import ontology_parts, reason
from graph.errors import JavaMissing
from graph.kg import open_dataset
from graph.ontology_check import (
    Finding,
    files_using_terms,
    load_ontology,
    outside_owl_rl,
    prove_consistent,
    shacl_findings,
    undefined_terms,
    undocumented_terms,
    unknown_in_shapes,
)
from graph.settings import Settings
from graph.validation import fallback_shapes


def check_ontology(folder: Path | None = None, shapes: Path | None = None) -> int:
    """Check the ontology and say what was found; gives the exit code.

    Shape: `folder` and `shapes` hold another ontology and other shapes than ours.
    Raises: JavaMissing, once all that needs no Java has been said.
    """
    graph = load_ontology(folder)
    found = 0
    for what, findings in (
        ("every term has a label, a definition and an example", undocumented_terms(graph)),
        ("every term that is used is defined", undefined_terms(graph, files_using_terms(shapes))),
        (
            "every shape names classes and properties that there are",
            unknown_in_shapes(graph, shapes),
        ),
        ("no construct leaves OWL 2 RL", outside_owl_rl(graph)),
        ("the ontology fits its own shapes", shacl_findings(graph, shapes)),
    ):
        found += len(findings)
        _say(what, findings)
    for fault in fallback_shapes():
        click.echo(f"SLOW   pySHACL checks what could not be compiled: {fault}")
    if found:
        click.echo("       HermiT is asked once these are mended")
        return 1
    return 0 if _prove(graph, folder) else 1


def check_store(folder: str) -> int:
    """Compare a dataset with its log and texts and say what was found; gives the exit code."""
    with open_dataset(folder) as kg:
        proof = kg.prove(_begin)
    fix = "Stop the server, move the folder `store` away, and open the dataset again."
    findings = [Finding(folder, f"{each}.", fix) for each in proof.faults]
    _say(
        f"store, log and texts agree: {proof.quads:,} quads of {proof.bundles:,} bundles against "
        f"{proof.writes:,} writes, {proof.checked:,} quotes against {proof.texts:,} texts "
        f"({proof.unchecked:,} quotes have no text here)",
        findings,
    )
    if proof.found > len(findings):
        click.echo(f"       and {proof.found - len(findings):,} more")
    return 1 if findings else 0


def _begin(what: str) -> None:
    """Say what is done next, to whoever sits and waits."""
    if sys.stderr.isatty():
        click.echo(f"       {what} ...", err=True)


def _say(what: str, findings: list[Finding]) -> int:
    click.echo(f"{'ok   ' if not findings else 'FAULT'}  {what}")
    for finding in findings:
        click.echo(f"       {finding}")
    return len(findings)


def _prove(graph: Graph, folder: Path | None) -> bool:
    """Say whether HermiT finds the ontology consistent, and if not, why; whether it does."""
    java = Settings.from_environment().java or None
    try:
        proof = prove_consistent(graph, java)
    except JavaMissing as missing:
        raise JavaMissing(f"not proven consistent: {missing}") from None
    click.echo(
        f"       {proof.reasoner}: {proof.classes} classes and {proof.properties} "
        f"properties in {proof.seconds:.1f} s"
    )
    parts = ontology_parts(folder)
    empty = [NamedNode(each) for each in proof.unsatisfiable]
    asked: list[NamedNode | None] = [*empty] if proof.consistent else [None]
    found = [fault for each in asked for fault in reason(parts, java, empty=each)[1]]
    say_contradictions("HermiT finds it consistent, and no class without a member", found)
    return proof.consistent and not empty
