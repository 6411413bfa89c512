"""What `ascribe check` does, kept apart because its libraries are slow to import."""

from __future__ import annotations

from collections.abc import Iterator

import click

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
)
from graph.settings import Settings
from graph.validation import fallback_shapes


def check_ontology() -> int:
    """Check the ontology and say what was found; gives the exit code.

    Raises: JavaMissing, once all that needs no Java has been said.
    """
    graph = load_ontology()
    found = 0
    for what, findings in (
        ("every term has a label, a definition and an example", undocumented_terms(graph)),
        ("every term that is used is defined", undefined_terms(graph, files_using_terms())),
        ("no construct leaves OWL 2 RL", outside_owl_rl(graph)),
        ("the ontology fits its own shapes", shacl_findings(graph)),
    ):
        found += len(findings)
        _say(what, findings)
    for fault in fallback_shapes():
        click.echo(f"SLOW   pySHACL checks what could not be compiled: {fault}")
    found += _say("HermiT finds it consistent", list(_inconsistencies()))
    return 1 if found else 0


def check_store(folder: str) -> int:
    """Compare a dataset with its log and texts and say what was found; gives the exit code."""
    with open_dataset(folder) as kg:
        proof = kg.prove()
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


def _say(what: str, findings: list[Finding]) -> int:
    click.echo(f"{'ok   ' if not findings else 'FAULT'}  {what}")
    for finding in findings:
        click.echo(f"       {finding}")
    return len(findings)


def _inconsistencies() -> Iterator[Finding]:
    settings = Settings.from_environment()
    try:
        proof = prove_consistent(load_ontology(), settings.java or None)
    except JavaMissing as missing:
        raise JavaMissing(f"not proven consistent: {missing}") from None
    click.echo(
        f"       {proof.reasoner}: {proof.classes} classes and {proof.properties} "
        f"properties in {proof.seconds:.1f} s"
    )
    if not proof.consistent:
        fix = "Take back the axiom or individual that was added last."
        yield Finding("ontology", "its axioms contradict each other.", fix)
    for name in proof.unsatisfiable:
        yield Finding(name, "it can have no member.", "Look at its disjoint superclasses.")
