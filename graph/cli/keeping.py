"""Commands that keep a dataset: backup, restore, rebase and pull."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from graph.backup import back_up
from graph.cli.options import data_option, dataset, output_options, say_json
from graph.rebase import rebase as rebase_to
from graph.restore import restore as restore_from

_folder = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=_folder)
@click.argument("target", type=_folder)
def backup(folder: Path, target: Path) -> None:
    """Copy the dataset in FOLDER to TARGET, also while it is served.

    Into a TARGET that holds an earlier backup only the new is copied.
    """
    earlier, made = back_up(folder, target)
    texts = len(made.texts - earlier.texts)
    click.echo(
        f"{target} holds {folder} up to revision {made.revision}: "
        f"new writes: {made.revision - earlier.revision}, new texts: {texts}."
    )


@click.command()
@click.argument("source", type=_folder, metavar="BACKUP")
@click.argument("folder", type=_folder)
@click.option("--to-revision", type=click.IntRange(0), help="Leave later writes out.")
def restore(source: Path, folder: Path, to_revision: int | None) -> None:
    """Rebuild the dataset that BACKUP holds in a new FOLDER."""
    held, proof = restore_from(source, folder, to_revision)
    click.echo(
        f"{folder} is restored up to revision {proof.writes}, from a backup of {held.made}: "
        f"{proof.bundles:,} bundles, {proof.quads:,} quads, {proof.texts:,} texts. "
        "Store, log and texts agree."
    )


@click.command()
@click.argument("source", type=_folder, metavar="DIR")
@click.argument("folder", type=_folder, metavar="NEW")
@click.option("--base", required=True, help="The new IRI prefix; ends in a slash.")
def rebase(source: Path, folder: Path, base: str) -> None:
    """Move the dataset in DIR to another address: a copy in NEW, its history included."""
    proof = rebase_to(source, folder, base)
    click.echo(
        f"{folder} holds {source} under {base}: {proof.writes:,} writes, {proof.bundles:,} "
        "bundles. Store, log and texts agree."
    )


@click.command()
@click.argument("url")
@data_option
@click.option("--token", envvar="ASCRIBE_PULL_TOKEN", default="", help="Where URL is private.")
@output_options
def pull(url: str, data: str, token: str, as_json: bool, quiet: bool) -> None:
    """Follow the Ascribe at URL: take over what changed there since the last pull.

    Each bundle is checked here as any other. A pull that was cut off goes on where it
    was; a bundle that is refused is tried again by the next one.
    """
    from graph.pulling import pull as follow

    with dataset(data) as kg:
        outcomes = list(follow(kg, url, token=token))
    states = Counter(each.state for each in outcomes)
    if as_json:
        say_json(states)
    elif not quiet:
        told = ", ".join(f"{number:,} {state}" for state, number in sorted(states.items()))
        click.echo(f"{url} is followed: {told or 'nothing has changed'}.")
    for each in outcomes:
        if each.fault:
            click.echo(f"ascribe: <{each.bundle}> waits: {each.fault}", err=True)
    if states["waiting"]:
        click.get_current_context().exit(1)


COMMANDS = (backup, restore, rebase, pull)
