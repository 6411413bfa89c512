"""`ascribe search` and `ascribe index`: statements by their words, and what finds them."""

from __future__ import annotations

import csv
import sys
from dataclasses import asdict, astuple, fields
from typing import Any

import click

from graph.cli.options import data_option, dataset, output_options, say_json
from graph.index import FACETS, Hit, Value, wanted

_SHOWN = 100


@click.command()
@click.argument("words", nargs=-1)
@click.option("--speaker", default="", metavar="NAME", help="Who is shown to say it.")
@click.option("--outlet", default="", metavar="NAME", help="Who published it or passed it on.")
@click.option(
    "--kind", default="", metavar="CLASS", help="How: DirectQuotation, ReportedBelief ..."
)
@click.option("--event", default="", metavar="NAME", help="What it is about.")
@click.option("--month", default="", metavar="YYYY-MM", help="When it was said or published.")
@click.option(
    "--hand",
    type=click.Choice(["", "first", "relayed"]),
    default="",
    metavar="HAND",
    help="`first` hand, or `relayed`.",
)
@click.option("--limit", default=20, show_default=True, help="As many are shown; 0 shows all.")
@click.option("--csv", "as_csv", is_flag=True, help="Answer in CSV.")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, with the facets.")
def search(
    words: tuple[str, ...], limit: int, as_csv: bool, data: str, as_json: bool, **facets: str
) -> None:
    """Find statements by WORDS: all of them, "a phrase", a begin*, and no -word.

    Names of speakers, outlets and events count as words of what they say, pass on or
    are about. NAME is a name, or an IRI, which may be relative to the base.
    """
    asked = wanted(" ".join(map(_as_phrase, words)), facets)
    with dataset(data, read_only=True) as kg:
        index = kg.index.asked()
        if as_csv:
            write = csv.writer(sys.stdout, lineterminator="\n").writerow
            write([each.name for each in fields(Hit)])
            for hit in index.all_hits(asked):
                write(astuple(hit))
            return
        found = index.search(asked, limit or -1)
        if as_json:
            say_json(asdict(found))
            return
        for hit in found.hits:
            who = click.style(hit.speakers or "nobody named", bold=True)
            click.echo(f"{who}{f', via {hit.relays}' if hit.relays else ''} ({hit.kind})")
            click.echo(f"    {_cut(hit.quote)}")
            click.echo(f"    <{hit.iri}>")
        noun = "statement" if found.total == 1 else "statements"
        more = f", {len(found.hits):,} shown" if len(found.hits) < found.total else ""
        click.echo(f"{found.total:,} {noun}{more}.", err=True)
        if len(found.hits) < found.total:
            _say_facets(found.facets)


@click.command()
@data_option
@output_options
def index(data: str, as_json: bool, quiet: bool) -> None:
    """Make the index of words, facets and counts anew, from what is stored.

    Every write brings it up to date, and whoever searches waits for what is missing;
    this makes it ahead of time, as after a large load.
    """
    with dataset(data, read_only=True) as kg:
        hidden = quiet or as_json or not sys.stderr.isatty()
        bar: Any = click.progressbar(length=100, label="Indexing", file=sys.stderr, hidden=hidden)
        with bar:
            kg.index.catch_up(
                anew=True, told=lambda done, of: bar.update(100 * done // of - bar.pos)
            )
        counts = kg.index.asked().counts()
    if as_json:
        say_json(asdict(counts))
    elif not quiet:
        click.echo(
            f"{counts.statements:,} statements of {counts.sources:,} sources are indexed, "
            f"and {counts.disputes:,} pairs that disagree."
        )


def _as_phrase(word: str) -> str:
    """A word of the command line; one with spaces in it was quoted, so it is a phrase."""
    return f'"{word}"' if " " in word and '"' not in word else word


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN].rsplit(' ', 1)[0]} …"


def _say_facets(facets: dict[str, tuple[Value, ...]]) -> None:
    """How the statements can be narrowed down, on standard error."""
    click.echo("Narrow it down:", err=True)
    for name in FACETS:
        values = ", ".join(f"{each.label} ({each.number:,})" for each in facets[name][:3])
        if values:
            click.echo(f"    --{name}: {values}", err=True)


COMMANDS = (search, index)
