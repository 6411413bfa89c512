"""What `ascribe reason` does, kept apart because its libraries are slow to import."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import islice

import click
from pyoxigraph import Quad

from graph.cli.options import dataset
from graph.contradiction import (
    MOST_TRIPLES,
    Contradiction,
    Part,
    file_part,
    ontology_parts,
    reason,
    stored_parts,
)
from graph.export import stated_graphs
from graph.formats import Format
from graph.kg import KnowledgeGraph
from graph.settings import Settings


def reason_over(paths: Sequence[str], folder: str, form: Format | None) -> int:
    """Look for contradictions in files, a dataset or both, and say them; gives the exit code."""
    settings = Settings.from_environment()
    parts = ontology_parts()
    if folder or not paths:
        with dataset(folder, read_only=True) as kg:
            settings = kg.settings
            parts += stored_parts(islice(_stated(kg), MOST_TRIPLES + 1), settings.base)
            parts += _files(kg, paths, form)
    else:
        with KnowledgeGraph(settings) as kg:
            parts += _files(kg, paths, form)
    verdict, found = reason(parts, settings.java or None, settings.base)
    what = f"Pellet: {verdict.triples:,} triples in {verdict.seconds:.1f} s"
    say_contradictions(
        f"{what}, {'they can all hold' if verdict.consistent else 'which cannot all hold'}", found
    )
    return 0 if verdict.consistent else 1


def say_contradictions(what: str, found: Sequence[Contradiction]) -> None:
    """What was asked, and the contradictions that speak against it."""
    click.echo(f"{'FAULT' if found else 'ok   '}  {what}")
    for each in found:
        click.echo(textwrap.indent(str(each), " " * 7))


def _files(kg: KnowledgeGraph, paths: Sequence[str], form: Format | None) -> list[Part]:
    bundles = (bundle for path in paths for bundle in kg.reader.read_all_file(path, form))
    return [file_part(bundle.quads, bundle.origin) for bundle in bundles]


def _stated(kg: KnowledgeGraph) -> Iterator[Quad]:
    for graph in stated_graphs(kg.stated, kg.settings.base):
        yield from kg.stated.find(graph=graph)
