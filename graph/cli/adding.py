"""`ascribe add`: one bundle or a million, each reported, the good ones kept."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graph.cli.options import (
    data_option,
    dataset,
    format_option,
    output_options,
    progress,
    say_error,
    say_json,
    text_option,
    who,
)
from graph.errors import BadInput, Conflict, GraphError, Refused, StoreFault
from graph.formats import Format
from graph.ingest import Receipt
from graph.kg import KnowledgeGraph
from graph.reading import read_limited
from graph.report import Report, Result
from graph.reporting import as_json, as_text

if TYPE_CHECKING:
    from graph.bulk.loader import Loader, Outcome

_MANY_BYTES = 4_000_000
_MANY_FILES = 50
"""From here on, processes of their own are worth starting."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@data_option
@text_option
@format_option
@click.option("--replace", "replacing", is_flag=True, help="Put bundles in the place of others.")
@click.option("--all-or-nothing", "together", is_flag=True, help="Keep all bundles or none.")
@output_options
def add(
    paths: tuple[str, ...],
    data: str,
    text_path: Path | None,
    form: Format | None,
    replacing: bool,
    together: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Check bundles and keep those that pass; `-` reads standard input.

    A refused bundle changes nothing, and the ones after it are still added.
    What is stored already is passed over, so a load that was stopped goes on
    where the same command is given again. Exit 1 if any was refused, 2 if any
    could not be read.
    """
    say = _Teller(as_json, quiet)
    with dataset(data) as kg:
        text = read_limited(text_path, kg.settings) if text_path else None
        if together:
            return _add_together(kg, paths, text, form, replacing, say)
        if text is None and _are_many(paths):
            return _add_many(kg, paths, form, replacing, say)
        return _add_few(kg, paths, text, form, replacing, say)


@dataclass(slots=True)
class _Teller:
    """Says what became of bundles."""

    in_json: bool
    quiet: bool

    def receipt(self, path: str, receipt: Receipt) -> None:
        if self.quiet:
            return
        if self.in_json:
            say_json(asdict(receipt))
            return
        quotes = f", {receipt.quotes_checked} quotes checked" if receipt.quads else ""
        click.echo(
            f"{path}: {receipt.state}, {receipt.statements} statements{quotes}. <{receipt.bundle}>"
        )

    def fault(self, fault: GraphError, base: str) -> int:
        """Say what is wrong; gives the exit code it calls for."""
        if not isinstance(fault, Refused):
            return say_error(fault)
        if self.in_json:
            say_json(as_json(fault.report))
        else:
            click.echo(as_text(fault.report, base), err=True)
        return 1


def _add_few(
    kg: KnowledgeGraph,
    paths: tuple[str, ...],
    text: bytes | None,
    form: Format | None,
    replacing: bool,
    say: _Teller,
) -> int:
    worst = 0
    with progress(paths, "Adding") as bar:
        for path in bar:
            try:
                for bundle in kg.reader.read_all_file(path, form):
                    receipt = kg.add(bundle, text=text, replace=replacing, by=who())
                    say.receipt(path, receipt)
            except (Refused, BadInput, Conflict) as fault:
                worst = max(worst, say.fault(fault, kg.settings.base))
    return worst


def _add_together(
    kg: KnowledgeGraph,
    paths: tuple[str, ...],
    text: bytes | None,
    form: Format | None,
    replacing: bool,
    say: _Teller,
) -> int:
    """All bundles in one step; a file that cannot be read stops it before it begins."""
    read = [(path, bundle) for path in paths for bundle in kg.reader.read_all_file(path, form)]
    bundles = [bundle for _, bundle in read]
    texts = {bundle.version: text for bundle in bundles} if text is not None else {}
    try:
        receipts = kg.writer.write(bundles, texts=texts, replace=replacing, by=who())
    except Refused as fault:
        code = say.fault(fault, kg.settings.base)
        click.echo("Nothing was stored: all or nothing was asked for.", err=True)
        return code
    for (path, _), receipt in zip(read, receipts, strict=True):
        say.receipt(path, receipt)
    return 0


def _add_many(
    kg: KnowledgeGraph,
    paths: tuple[str, ...],
    form: Format | None,
    replacing: bool,
    say: _Teller,
) -> int:
    """Bundles by the bulk road, with a bar; Ctrl-C ends it between two groups."""
    from graph.bulk.loader import Loader

    loader = Loader(kg.writer, kg.reader, kg.texts, replace=replacing, by=who())
    tally = _Tally()
    rest = _Rest(kg.settings.base)
    files = [Path(path) for path in paths]
    total = sum(path.stat().st_size for path in files if path.is_file())
    shown = sys.stderr.isatty()
    worst = 0
    with _stopped_by_ctrl_c(loader), _bar(total, shown, tally) as bar:
        for outcome in loader.load(files, form):
            tally.count(outcome)
            bar.update(outcome.weight)
            rest.take(outcome)
            if outcome.receipt is not None:
                if not shown or say.in_json:
                    say.receipt(outcome.name, outcome.receipt)
            elif outcome.fault is not None:
                worst = max(worst, say.fault(outcome.fault, kg.settings.base))
    rest.close()
    if not loader.stop.is_set():
        if shown:
            click.echo("Finding what the sources say of each other ...", err=True)
        kg.relate()
        if shown:
            click.echo("Indexing what they say ...", err=True)
        kg.index.catch_up()
    if not say.quiet:
        click.echo(tally.summary(), err=True)
        for line in rest.told:
            click.echo(line, err=True)
    if loader.stop.is_set():
        click.echo(
            "Stopped. Give the same command again to go on: it passes over what is stored.",
            err=True,
        )
        return 130
    return worst


@dataclass(slots=True)
class _Tally:
    """What has become of how many."""

    states: dict[str, int] = field(default_factory=dict)
    quads: int = 0
    started: float = field(default_factory=time.monotonic)

    def count(self, outcome: Outcome) -> None:
        state = "unreadable"
        if outcome.receipt is not None:
            state = outcome.receipt.state
            self.quads += outcome.receipt.quads
        elif isinstance(outcome.fault, Refused):
            state = "refused"
        elif isinstance(outcome.fault, Conflict):
            state = "in conflict"
        self.states[state] = self.states.get(state, 0) + 1

    def rate(self) -> str:
        seconds = max(time.monotonic() - self.started, 0.001)
        return f"{_bundles(sum(self.states.values()))}, {self.quads / seconds:,.0f} quads/s"

    def summary(self) -> str:
        counts = ", ".join(f"{number:,} {state}" for state, number in self.states.items())
        return f"{_bundles(sum(self.states.values()))}: {counts or 'none'}. {self.quads:,} quads."


def _bundles(count: int) -> str:
    return f"{count:,} bundle{'' if count == 1 else 's'}"


@dataclass(slots=True)
class _Rest:
    """Refused bundles of files that hold several, written beside the file with their reports."""

    base: str
    told: list[str] = field(default_factory=list)
    _name: str = ""
    _seen: int = 0
    _lines: int = 0
    _refused: int = 0
    _held: list[Outcome] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        if outcome.name != self._name:
            self.close()
            self._name, self._seen, self._refused, self._lines = outcome.name, 0, 0, 0
        self._seen += 1
        if outcome.refused:
            self._refused += 1
            self._held.append(outcome)
        if self._seen > 1 and self._held:
            self._write()

    def close(self) -> None:
        """End a file: say how many of its bundles passed."""
        self._held.clear()
        if self._refused and self._seen > 1:
            self.told.append(
                f"{self._name}: {self._seen - self._refused:,} of {self._seen:,} bundles passed. "
                f"The other {self._refused:,} are in {self._path('nq')}, with their reports in "
                f"{self._path('txt')}."
            )
        self._refused = 0

    def _path(self, extension: str) -> Path:
        return Path(f"{self._name}.refused.{extension}")

    def _write(self) -> None:
        first = self._refused == len(self._held)
        mode = "wb" if first else "ab"
        bundles, reports = self._path("nq"), self._path("txt")
        try:
            with bundles.open(mode) as data, reports.open(mode) as told:
                for outcome in self._held:
                    assert isinstance(outcome.fault, Refused)
                    data.write(outcome.refused)
                    text = as_text(self._placed(outcome, outcome.fault.report), self.base)
                    told.write(text.encode() + b"\n")
                    self._lines += outcome.refused.count(b"\n")
        except OSError as error:
            raise StoreFault(f"{bundles} cannot be written: {error.strerror}.") from None
        self._held.clear()

    def _placed(self, outcome: Outcome, report: Report) -> Report:
        """A report whose lines are counted in the file of the rest, if they can be."""
        if outcome.within is None:
            return report
        source = str(self._path("nq"))
        moved = (_moved(each, source, self._lines) for each in outcome.within.results)
        return replace(report, results=tuple(moved))


def _moved(result: Result, source: str, lines: int) -> Result:
    """A result as it stands in another file, so many lines further on."""
    line = result.line + lines if result.line else None
    return replace(result, source=source, line=line, where=replace(result.where, line=line))


@contextmanager
def _stopped_by_ctrl_c(loader: Loader) -> Iterator[None]:
    """The first Ctrl-C stops the load in good order, the second at once."""

    def stop(_signal: int, _frame: object) -> None:
        loader.stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        click.echo("\nStopping: what is under way is stored first.", err=True)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _bar(total: int, shown: bool, tally: _Tally) -> Any:
    return click.progressbar(
        length=max(total, 1),
        label="Adding",
        file=sys.stderr,
        hidden=not shown,
        item_show_func=lambda _item: tally.rate(),
    )


def _are_many(paths: Sequence[str]) -> bool:
    if "-" in paths:
        return False
    return len(paths) >= _MANY_FILES or sum(_sizes(paths)) >= _MANY_BYTES


def _sizes(paths: Iterable[str]) -> Iterator[int]:
    for path in map(Path, paths):
        if path.is_file():
            yield path.stat().st_size


COMMANDS = (add,)
