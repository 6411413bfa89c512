"""`ascribe import`: statements out of tables and other formats, through the gate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graph.cli.options import data_option, dataset, say_error, who
from graph.errors import Conflict, Refused
from graph.ingest import Receipt
from graph.kg import KnowledgeGraph
from graph.report import Report, count
from graph.reporting import write_report

if TYPE_CHECKING:
    from graph.importing import Imported

_FORMS = ("text", "json", "github", "sarif")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--mapping", type=_FILE, help="Which column holds what (TOML).")
@click.option(
    "--texts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the texts that rows name [default: FILE's].",
)
@click.option("--annotator", default="", metavar="NAME", help="Who wrote the rows.")
@click.option("--dry-run", is_flag=True, help="Only say what is wrong; nothing is stored.")
@data_option
@click.option("--format", "report_form", type=click.Choice(_FORMS), default="text")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def import_(
    file: Path,
    mapping: Path | None,
    texts: Path | None,
    annotator: str,
    dry_run: bool,
    data: str,
    report_form: str,
    quiet: bool,
) -> int:
    """Add the statements of FILE, a CSV table with one row for each.

    Or of JSON: ClaimReview, Web Annotation, notes of Hypothesis. Those of one source
    become one bundle, checked like any other. A source with a row at fault is left out
    whole, and the others are still added; exit 1 then.
    """
    from graph.importing import import_file

    worst, report = 0, Report()
    with dataset(data, read_only=dry_run) as kg:
        given = {"mapping": mapping or "", "texts": texts or "", "annotator": annotator}
        found = import_file(kg, file, **given)
        for each in found:
            try:
                told, outcome = _taken(kg, each, dry_run)
            except Conflict as fault:
                worst = max(worst, say_error(fault))
                continue
            report = report.joined(told)
            if not (dry_run or quiet) and report_form == "text":
                click.echo(outcome)
        if report.results or (report.rules and not quiet):
            click.echo(write_report(report, report_form, kg.settings.base), err=not dry_run)
    return max(worst, 0 if report.conforms else 1)


def _taken(kg: KnowledgeGraph, source: Imported, dry_run: bool) -> tuple[Report, str]:
    """What became of a source: what was found wrong with it, and a line for the reader."""
    from graph.importing import check_source

    if dry_run:
        return check_source(kg, source), ""
    if source.bundle is None:
        return source.report, f"{source.title}: left out."
    try:
        receipt = kg.add(source.bundle, text=source.text, by=who())
    except Refused as fault:
        return source.report.joined(fault.report), f"{source.title}: left out."
    return source.report.joined(Report(receipt.warnings)), _line(source.title, receipt)


def _line(title: str, receipt: Receipt) -> str:
    return f"{title}: {receipt.state}, {count(receipt.statements, 'statement')}. <{receipt.bundle}>"


COMMANDS = (import_,)
