"""Commands on data: init, add, retract, validate, query, export, stats, show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

import click

from graph.cli.options import (
    as_of_option,
    data_option,
    dataset,
    format_option,
    output_options,
    progress,
    say_error,
    say_json,
    say_table,
    text_option,
    watched,
    written_as,
)
from graph.errors import BadInput
from graph.export import as_document
from graph.exports import EXPORTS, export_of
from graph.formats import RDF_FORMATS, RESULT_FORMATS, Format, from_extension
from graph.kg import KnowledgeGraph, create, open_dataset, token_book
from graph.queries import named_queries
from graph.reading import read_limited
from graph.report import Report
from graph.reporting import REPORT_FORMS, SHOWN_IN_PLACE, unread, write_report
from graph.rows import selection
from graph.tokens import SCOPES

_MOST_MENDED = 50  # messages get a fix: as many as somebody reads


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--base", default="", help="The IRI prefix of the data; ends in a slash.")
def init(folder: Path, base: str) -> None:
    """Make a new dataset in FOLDER."""
    create(folder, base)
    click.echo(f"{folder} is ready. Add to it: ascribe add --data {folder} FILE")


@click.group()
def token() -> None:
    """Make, list and revoke the tokens that let clients write."""


@token.command("create")
@click.argument("folder")
@click.option("--scope", type=click.Choice(SCOPES), default="write", show_default=True)
@click.option("--name", default="", help="A name to know it by.")
def token_create(folder: str, scope: str, name: str) -> None:
    """Make a token for FOLDER and print it, this once."""
    click.echo(token_book(folder).create(scope, name))


@token.command("list")
@click.argument("folder")
def token_list(folder: str) -> None:
    """List the tokens of FOLDER."""
    rows = [(each.name, each.scope, each.created) for each in token_book(folder).tokens()]
    say_table(("name", "scope", "created"), rows)


@token.command("revoke")
@click.argument("folder")
@click.argument("name")
def token_revoke(folder: str, name: str) -> None:
    """Forget the token NAME of FOLDER."""
    token_book(folder).revoke(name)
    click.echo(f"{name} is revoked.")


@click.command()
@click.argument("version")
@click.option("--dry-run", is_flag=True, help="Only say what would go and what would lose support.")
@data_option
def retract(version: str, dry_run: bool, data: str) -> None:
    """Take the bundle of VERSION (its IRI) out."""
    with dataset(data, read_only=dry_run) as kg:
        if dry_run:
            table = kg.query("falls_with_source", version=kg.iri(version).value)
            say_table(table.variables[:5], [row[:5] for row in table])
            return
        receipt = kg.retract(version)
        click.echo(f"<{receipt.bundle}> is retracted: {receipt.quads:,} quads.")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@data_option
@text_option
@format_option
@click.option("--format", "report_form", type=click.Choice(list(REPORT_FORMS)), default="text")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def validate(
    paths: tuple[str, ...],
    data: str,
    text_path: Path | None,
    form: Format | None,
    report_form: str,
    quiet: bool,
) -> int:
    """Check bundles without storing them; exit 1 if one breaks a rule.

    With --data, against what the dataset holds already. All files make one
    report; one that cannot be read is named on standard error, exit 2, and in
    the forms github and sarif also in its place.
    """
    from graph.mending import Mender  # with rdflib, 0.1 s

    worst, report = 0, Report()
    with open_dataset(data, read_only=bool(data)) as kg, progress(paths, "Checking") as bar:
        text = read_limited(text_path, kg.settings) if text_path else None
        for path in bar:
            try:
                for bundle in kg.reader.read_all_file(path, form):
                    report = report.joined(
                        Mender(bundle, text, kg.writer.check, kg.reader).report()
                    )
            except BadInput as fault:
                worst = say_error(fault)
                if report_form in SHOWN_IN_PLACE:
                    report = report.joined(unread(fault, path))
        if report.results or (report.rules and not quiet):
            click.echo(write_report(report, report_form, kg.settings.base))
    return max(worst, 0 if report.conforms else 1)


@click.command()
@click.argument("file", required=False, type=click.File("r"))
@click.option("--name", help="A query that ships with Ascribe; see --list.")
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE")
@click.option("--list", "listing", is_flag=True, help="List the named queries.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", *(f.extension for f in (*RESULT_FORMATS, *RDF_FORMATS))]),
    default="table",
    show_default=True,
)
@data_option
@as_of_option
@click.option("--json", "as_json", is_flag=True, help="Rows as JSON objects.")
def query(
    file: IO[str] | None,
    name: str | None,
    params: tuple[str, ...],
    listing: bool,
    form: str,
    data: str,
    as_of: str,
    as_json: bool,
) -> None:
    """Ask SPARQL: a FILE (`-` for standard input) or a named query."""
    if listing:
        _say_queries()
        return
    if bool(file) == bool(name):
        raise click.UsageError("Name either a FILE or --name QUERY (see --list).")
    given = dict(_pair(each) for each in params)
    asked = name or file.read()  # type: ignore[union-attr]
    with dataset(data, read_only=True, as_of=as_of) as kg:
        if form != "table":
            _say_serialized(kg, asked, given, form)
            return
        table = kg.query(asked, **given)
        if as_json:
            say_json([dict(zip(table.variables, row, strict=True)) for row in table])
        else:
            say_table(table.variables, table.rows)


@click.command()
@data_option
@click.option(
    "--format",
    "extension",
    type=click.Choice([form.extension for form in EXPORTS]),
    default="trig",
    show_default=True,
)
@click.option("--statement", default="", help="Only this statement (an IRI).")
@click.option("--source", default="", help="Only the statements of this source.")
@click.option("--speaker", default="", help="Only what this agent says.")
@click.option("--event", default="", help="Only what is said about this event.")
@click.option("--said-from", default="", metavar="DATE", help="Only what can be said since (EDTF).")
@click.option("--said-until", default="", metavar="DATE", help="Only what can be said until then.")
@click.option("--recorded-from", default="", metavar="TIME", help="Only what is stored since.")
@click.option("--recorded-until", default="", metavar="TIME", help="Only what was stored by then.")
@click.option(
    "-o", "--output", type=click.File("wb"), default="-", help="[default: standard output]"
)
@click.option("--entailed", is_flag=True, help="Write what follows instead, also by PROV and SEM.")
@as_of_option
def export(
    data: str, extension: str, output: IO[bytes], entailed: bool, as_of: str, **chosen: str
) -> None:
    """Write what bundles state: nothing derived, and never an archived text.

    In RDF, or statement by statement: as csv, anno (Web Annotation), schema
    (schema.org) and others.
    """
    form = export_of(extension).form
    if entailed and not form.rdf:
        raise click.UsageError("--entailed writes RDF: name one of its formats.")
    with dataset(data, read_only=True, as_of=as_of) as kg:
        wanted = selection(chosen, kg.iri)
        kg.export(output, form, entailed=entailed, chosen=wanted, watch=watched("Writing"))


@click.command()
@data_option
@click.option("--after", default=0, help="Only the writes after this revision.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def log(data: str, after: int, as_json: bool) -> None:
    """List the writes that made the dataset what it is, oldest first."""
    names = ("revision", "at", "act", "bundle", "by")
    with dataset(data, read_only=True) as kg:
        rows = [tuple(getattr(write, name) for name in names) for write in kg.history(after)]
    if as_json:
        say_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        say_table(names, rows)


@click.command()
@data_option
@as_of_option
@output_options
def stats(data: str, as_of: str, as_json: bool, quiet: bool) -> None:
    """Count sources, statements, speakers, events and quads."""
    with dataset(data, read_only=True, as_of=as_of) as kg:
        counts = kg.stats()
        if as_json:
            say_json(counts)
        elif not quiet:
            say_table(("what", "how many"), [(k, f"{v:,}") for k, v in counts.items()])


@click.command()
@click.argument("iri")
@written_as("ttl")
@data_option
@as_of_option
def show(iri: str, extension: str, data: str, as_of: str) -> None:
    """Print all that is said about IRI (which may be relative to the base)."""
    with dataset(data, read_only=True, as_of=as_of) as kg:
        quads = kg.describe(iri)
        about = kg.iri(kg.stands_for(iri) or iri).value
        document = as_document(quads, from_extension(extension), iri=about)
        sys.stdout.buffer.write(document)


def _say_queries() -> None:
    for each in named_queries().values():
        if not each.name.startswith("page_"):
            click.echo(f"{click.style(each.name, bold=True)}\n    {each.question}")
            if each.cost:
                click.echo(f"    cost: {each.cost}")
            for param in each.params:
                click.echo(f"    --param {param.name}=...  {param.meaning}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"--param {text} has no value: write --param NAME=VALUE.")
    return name.lstrip("$"), value


def _say_serialized(kg: KnowledgeGraph, asked: str, given: dict[str, str], extension: str) -> None:
    offers = {f.extension: f for f in (*RESULT_FORMATS, *RDF_FORMATS)}
    form = offers[extension]

    def pick(kind: str) -> Format:
        if (kind == "graph") != (form.rdf is not None):
            answer = "a graph" if kind == "graph" else "rows"
            raise BadInput(f"The answer is {answer}, which cannot be written as {form.name}.")
        return form

    kg.store.serialize(kg.prepared(asked, given), sys.stdout.buffer, pick)


COMMANDS = (init, token, retract, validate, query, export, stats, show, log)
