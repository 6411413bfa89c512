"""Bundles out of rows, source by source, each fault with the row it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from graph.annotation import annotated
from graph.bundle import Bundle, Origin, make_bundle
from graph.errors import AnnotationFault, BadInput
from graph.files import VERSION
from graph.forms.schema_org import NUMBERS
from graph.importing.rows import Row
from graph.importing.sources import Draft, drafted, title_of
from graph.iris import Minter
from graph.lines import LineIndex
from graph.mapping import to_quads
from graph.model import DocumentVersion, Statement
from graph.records import Records
from graph.report import Place, Report, Result, ordered
from graph.store import Readable
from graph.vocab import PROV, SCHEMA, SKOS

_MOST_FAULTS = 50
_TOOL = "ascribe import"
_COLUMN_OF = {
    **{"quote": "text", "words": "text", "agent": "speaker_name", "label": "speaker_name"},
    **{"about": "event_name", "issued": "published", "edtf": "said_on", "expresses": "meaning"},
}
"""The column that a key of an annotation comes from, where they are not called alike."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One source of a file as a bundle; None where the report says what is wrong with it."""

    title: str
    bundle: Bundle | None
    text: bytes | None
    report: Report


def imported(
    rows: Iterable[Row],
    name: str,
    base: str,
    *,
    read_text: Callable[[str], bytes],
    known: Readable,
    annotator: str = "",
) -> Iterator[Imported]:
    """The sources of a file, each with its statements, in the order in which they are met.

    Shape: `read_text` gives the text that a row names as its `file`; `known` is asked when
        the same rows were taken over before, so that they give the same bundle again.
    """
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        by = ("source",) if row.cell("source") else ("title", "url", "file", "published")
        groups.setdefault(tuple(map(row.cell, by)), []).append(row)
    making = _Making(name, base, read_text, known, annotator)
    for group in groups.values():
        yield making.source(group)


class _Making:
    """Makes the bundles of one file."""

    def __init__(
        self,
        name: str,
        base: str,
        read_text: Callable[[str], bytes],
        known: Readable,
        annotator: str,
    ) -> None:
        self._name = name
        self._base = base
        self._mint = Minter(base)
        self._read_text = read_text
        self._known = known
        self._annotator = annotator

    def source(self, rows: Sequence[Row]) -> Imported:
        """One source, made of its rows."""
        faults = [*_missing(rows)]
        text = None
        if not faults and (file := rows[0].cell("file")):
            try:
                text = self._read_text(file)
                text.decode()
            except UnicodeDecodeError as error:
                faults.append(rows[0].fault("file", f"{file} is not UTF-8 at byte {error.start}"))
            except BadInput as fault:
                faults.append(rows[0].fault("file", str(fault)))
        if faults:
            return Imported(title_of(rows[0]), None, None, self._report(faults))
        told = text.decode() if text is not None else None
        annotator = self._annotator or rows[0].cell("creator") or _TOOL
        draft = drafted(rows, told, self._mint, {"label": annotator})
        made = self._annotated(draft)
        report = self._report(draft.results)
        if made is None or not report.conforms:
            return Imported(title_of(rows[0]), None, None, report)
        try:
            bundle = self._bundle(rows, draft, *made)
        except BadInput as fault:
            draft.results.append(rows[0].fault("", str(fault)))
            return Imported(title_of(rows[0]), None, None, self._report(draft.results))
        return Imported(title_of(rows[0]), bundle, text, report)

    def _annotated(self, draft: Draft) -> tuple[Records, dict[str, str]] | None:
        """The records, and the statements by their rows; what cannot be made is left out
        and noted among the draft's results."""
        for _ in range(_MOST_FAULTS):
            draft.tables["annotator"] |= {
                "kind": "Agent",
                "tool": _TOOL,
                "version": VERSION,
                "date": self._when(draft),
            }
            try:
                return annotated(
                    draft.tables, draft.text.encode(), self._base, attest=not draft.is_excerpt
                )
            except AnnotationFault as fault:
                row = _blamed(draft, fault)
                column = _COLUMN_OF.get(fault.key, fault.key)
                draft.results.append(row.fault(column, fault.problem))
                left = [each for each in draft.tables["statement"] if each["id"] != row.name]
                if len(left) in (0, len(draft.tables["statement"])):
                    return None
                draft.tables["statement"] = left
        return None

    def _when(self, draft: Draft) -> str:
        """When the rows were taken over: the first time, if they were before."""
        digest = str(draft.tables["source"]["sha256"])
        agent = self._mint.agent(draft.tables["annotator"]["label"], "Agent")
        activity = self._mint.activity(digest, "ExtractionActivity", agent, _TOOL)
        for quad in self._known.find(NamedNode(activity), PROV.endedAtTime):
            if isinstance(quad.object, Literal):
                return quad.object.value
        return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def _bundle(
        self, rows: Sequence[Row], draft: Draft, records: Records, statements: dict[str, str]
    ) -> Bundle:
        """A bundle whose reports name the rows of the file."""
        index = LineIndex()
        for name, iri in statements.items():
            for each in _parts(records, iri):
                index.subjects.setdefault(each, Place(draft.names[name].line))
        for record in records:
            index.subjects.setdefault(record.iri, Place(rows[0].line))
        quads = [
            *to_quads(records, self._base),
            *_beside(rows, draft, records, statements),
        ]
        return make_bundle(quads, self._base, Origin(self._name, _index=[index]))

    def _report(self, results: Iterable[Result]) -> Report:
        return Report(ordered(replace(each, source=self._name) for each in results))


def _missing(rows: Iterable[Row]) -> Iterator[Result]:
    """What rows have to tell and do not."""
    for row in rows:
        if not row.cell("text"):
            yield row.fault("text", "no words; expected those that the source has")
        if not title_of(row):
            yield row.fault("title", "no source; expected a title, an address or a name")
        if row.cell("file") != (file := next(iter(rows)).cell("file")):
            yield row.fault("file", f"the source has another file above: {file or 'none'}")


def _blamed(draft: Draft, fault: AnnotationFault) -> Row:
    """The row that a table of the annotation comes from."""
    where = fault.where.partition(",")[0]
    for name, row in draft.names.items():
        if where == f"[[statement]] {name}" or where in _tables_of(draft, name):
            return row
    return next(iter(draft.names.values()))


def _tables_of(draft: Draft, name: str) -> set[str]:
    """The tables of agents, times and meanings that a row's statement speaks of."""
    tables: list[dict[str, Any]] = draft.tables["statement"]
    table = next((each for each in tables if each["id"] == name), {})
    hops = [hop for chain in table.get("chains", ()) for hop in chain]
    return {
        *(f"[agents.{hop['agent']}]" for hop in hops),
        *(f"[times.{hop['said_at']}]" for hop in hops if "said_at" in hop),
        f"[propositions.{table.get('expresses')}]",
        *(f"[events.{each}]" for each in table.get("about", ())),
    }


def _parts(records: Records, iri: str) -> Iterator[str]:
    """A statement, and what is made for it."""
    yield iri
    statement = records.get(iri, Statement)
    if statement is not None:
        yield from (*statement.content_span, *statement.expresses, *statement.event)
        for chain in records.chain(statement):
            for hop in chain:
                yield from filter(None, (hop.iri, hop.said_at, hop.cue_span, hop.agent_span))


def _beside(
    rows: Sequence[Row], draft: Draft, records: Records, statements: dict[str, str]
) -> Iterator[Quad]:
    """What rows tell that an annotation has no word for: addresses, remarks and numbers."""
    version = records.of(DocumentVersion)[0]
    graph = NamedNode(version.iri)
    document = NamedNode(version.version_of or "")
    for url in sorted({row.cell("url") for row in rows} - {""}):
        yield Quad(document, SCHEMA.url, _address(url), graph)
    for name, iri in statements.items():
        row = draft.names[name]
        if note := row.cell("note"):
            yield Quad(NamedNode(iri), SKOS.note, Literal(note), graph)
        for number in NUMBERS:
            if value := row.cell(number):
                yield Quad(NamedNode(iri), SCHEMA.term(number), Literal(value), graph)
        for address in row.cell("appearance").split():
            for meant in records.get(iri, Statement).expresses:  # type: ignore[union-attr]
                yield Quad(NamedNode(meant), SCHEMA.appearance, _address(address), graph)


def _address(url: str) -> NamedNode | Literal:
    try:
        return NamedNode(url) if "://" in url else Literal(url)
    except ValueError:
        return Literal(url)
