"""What several commands share: where the data is, and how to say things."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

import graph
from graph.errors import GraphError, NotFound, Refused, StoreFault, ToolMissing
from graph.export import Watch
from graph.formats import RDF_FORMATS, from_extension
from graph.kg import KnowledgeGraph, open_dataset


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(graph.__version__, prog_name="ascribe")
@click.pass_context
def main(context: click.Context) -> None:
    """Ascribe: who said what, according to whom."""
    if os.environ.get("NO_COLOR"):
        context.color = False


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--data DIR`, the dataset folder a command works on."""
    return click.option(
        "-d",
        "--data",
        envvar="ASCRIBE_DATA",
        default="",
        metavar="DIR",
        help="The dataset folder [default: $ASCRIBE_DATA, or the current folder].",
    )(command)


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json` and `--quiet`."""
    command = click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")(command)
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")(command)


format_option = click.option(
    "--input-format",
    "form",
    callback=lambda _context, _param, value: value and from_extension(value, value),
    metavar="EXT",
    help=f"Read as {', '.join(f.extension for f in RDF_FORMATS)} [default: by extension].",
)

text_option = click.option(
    "--text",
    "text_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The source's text, to check the quotes against.",
)


def written_as(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--format EXT`, the RDF format a command writes."""
    extensions = click.Choice([form.extension for form in RDF_FORMATS])
    return click.option(
        "--format", "extension", type=extensions, default=default, show_default=True
    )


def as_of_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--as-of WHEN`, the past state a command reads."""
    return click.option(
        "--as-of",
        "as_of",
        default="",
        metavar="WHEN",
        help="Read the dataset as it was: a revision, a time, or a day.",
    )(command)


@contextmanager
def dataset(folder: str, *, read_only: bool = False, as_of: str = "") -> Iterator[KnowledgeGraph]:
    """The dataset folder of `--data`, else the current folder if it is one.

    Shape: with `as_of` as it was then, to be read.

    Raises: NotFound if there is none, saying how to name or make one.
    """
    chosen = folder or ("." if Path("ascribe.json").exists() else "")
    if not chosen:
        raise NotFound(
            "No dataset is named: add --data DIR, set ASCRIBE_DATA, or make one with "
            "`ascribe init DIR`."
        )
    with open_dataset(chosen, read_only=read_only) as kg:
        if as_of:
            with kg.as_of(as_of) as past:
                yield past
        else:
            yield kg


def progress(paths: tuple[str, ...], label: str) -> Any:
    """The paths, with a bar on standard error where that is a terminal."""
    hidden = len(paths) < 2 or not sys.stderr.isatty()
    return click.progressbar(paths, label=label, file=sys.stderr, hidden=hidden)


def watched(label: str) -> Watch:
    """A bar on standard error, where that is a terminal, of the sources gone through."""

    def watch(sources: list[str]) -> Iterator[str]:
        hidden = len(sources) < 2 or not sys.stderr.isatty()
        with click.progressbar(
            sources, label=label, file=sys.stderr, hidden=hidden, show_pos=True, update_min_steps=20
        ) as bar:
            yield from bar

    return watch


def who() -> str:
    """The name of the account that runs the command, for the log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user, as in some containers
        return ""


def say_error(error: GraphError) -> int:
    """An error of the core on standard error; gives the exit code it calls for."""
    click.echo(f"ascribe: {error}", err=True)
    if isinstance(error, Refused):
        return 1
    return 3 if isinstance(error, StoreFault | ToolMissing) else 2


def say_json(value: object) -> None:
    """One JSON value on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def say_table(variables: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows in aligned columns, as wide as their longest cell and 60 at most."""
    lines = [tuple(variables), *(tuple(_cell(value) for value in row) for row in rows)]
    widths = [min(60, max(len(line[i]) for line in lines)) for i in range(len(lines[0]))]
    for number, line in enumerate(lines):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        text = "  ".join(cells).rstrip()
        click.echo(click.style(text, bold=True) if number == 0 else text)


def _cell(value: Any) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
