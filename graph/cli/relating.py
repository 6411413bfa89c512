"""`ascribe relate`, `judge`, `merge` and `part`: what rules find, and what people judge."""

from __future__ import annotations

from dataclasses import asdict

import click

from graph.cli.options import data_option, dataset, output_options, say_json, who
from graph.judging import VERDICTS


@click.command()
@data_option
@click.option("--all", "anew", is_flag=True, help="Forget what was found and begin anew.")
@output_options
def relate(data: str, anew: bool, as_json: bool, quiet: bool) -> None:
    """Find statements of different sources that disagree or support each other.

    Every write does so for the bundles it touches; this is for what an
    interrupted load left out, or for changed rules. What people judged stays.
    """
    with dataset(data) as kg:
        bundles = kg.relate(anew=anew)
        found = kg.query("SELECT (COUNT(?each) AS ?found) { ?each asc:rule ?rule }").rows[0][0]
    if as_json:
        say_json({"bundles": bundles, "relations": found})
    elif not quiet:
        click.echo(f"{bundles:,} bundles looked at; {found:,} relations are found by rule.")


@click.command()
@click.argument("assessment", metavar="ASSESSMENT")
@click.argument("verdict", type=click.Choice(VERDICTS))
@click.option("--name", default=who, help="Whose verdict it is [default: your account's name].")
@data_option
@output_options
def judge(assessment: str, verdict: str, name: str, data: str, as_json: bool, quiet: bool) -> None:
    """Confirm or reject an assessment, or withdraw an earlier verdict on it."""
    with dataset(data) as kg:
        made = kg.judge(assessment, verdict, name, by=who())
    if as_json:
        say_json(asdict(made))
    elif not quiet:
        click.echo(f"<{made.assessment}> is judged by {made.by}: {made.verdict}.")


@click.command()
@click.argument("kept", metavar="KEPT")
@click.argument("other", metavar="OTHER")
@click.option("--because", default="", help="Why they are one, in a sentence in English.")
@click.option("--name", default=who, help="Whose judgement it is [default: your account's name].")
@data_option
@output_options
def merge(
    kept: str, other: str, because: str, name: str, data: str, as_json: bool, quiet: bool
) -> None:
    """Judge that two agents, events, places or posts are one: KEPT stands for OTHER.

    Queries, pages and counts follow, and `ascribe part` takes it back. What was stated
    of each is kept, and exported, as it was.
    """
    with dataset(data) as kg:
        made = kg.merge(kept, other, name, because=because, by=who())
        ends = kg.iri(kept).value, kg.iri(other).value
    if as_json:
        say_json(asdict(made))
    elif not quiet:
        click.echo(f"<{ends[0]}> stands for <{ends[1]}>, in the judgement of {made.by}.")


@click.command()
@click.argument("one", metavar="ONE")
@click.argument("other", metavar="OTHER")
@click.option("--name", default=who, help="Whose judgement it is [default: your account's name].")
@data_option
@output_options
def part(one: str, other: str, name: str, data: str, as_json: bool, quiet: bool) -> None:
    """Take back that two are one: each is again what was stated of it."""
    with dataset(data) as kg:
        made = kg.part(one, other, name, by=who())
        ends = kg.iri(one).value, kg.iri(other).value
    if as_json:
        say_json(asdict(made))
    elif not quiet:
        click.echo(f"<{ends[0]}> and <{ends[1]}> are two again, in the judgement of {made.by}.")


COMMANDS = (relate, judge, merge, part)
