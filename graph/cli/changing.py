"""`ascribe update`: SPARQL Update on a dataset folder."""

from __future__ import annotations

from typing import IO

import click

from graph.cli.options import data_option, dataset, output_options, say_json


@click.command()
@click.argument("file", type=click.File("r"))
@data_option
@output_options
def update(file: IO[str], data: str, as_json: bool, quiet: bool) -> None:
    """Run a SPARQL Update from FILE (`-` for standard input): all of it, or nothing.

    The bundles it touches are checked as they would stand. To a running server,
    send it to the address /update.
    """
    with dataset(data) as kg:
        receipts = kg.update(file.read())
    if as_json:
        say_json([{"bundle": each.bundle, "state": each.state} for each in receipts])
    elif not quiet:
        for each in receipts:
            click.echo(f"<{each.bundle}> is {each.state}: {each.statements:,} statements.")
        if not receipts:
            click.echo("Nothing is changed: the update matched nothing that is stated.")


COMMANDS = (update,)
