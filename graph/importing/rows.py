"""A row: what is told of one statement, and where in which file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graph.report import VIOLATION, WARNING, Place, Result

RULE = "row"
"""The rule that a row breaks which cannot be read as a statement."""

COLUMNS: dict[str, str] = {
    "text": "the words; […] where others stand between them; in quotation marks if quoted",
    "speaker_name": "who says it; several with a semicolon between them; the narrator if empty",
    "speaker": "the IRIs of those, if they have some",
    "speaker_kind": "what they are: Person, Organization, NewsOrganization, State ...",
    "according_to": "who passed it on, from the speaker outward, with > between them",
    "kind": "the class, such as DirectQuotation or IndirectSpeech",
    "cue": "the words in the text that show who says it",
    "act": "what the speaker does, such as says or denies",
    "said_on": "when it was said, in EDTF",
    "polarity": "positive or negative",
    "certainty": "certain, probable, possible or underspecified",
    "temporality": "past, present, future and the like, or underspecified",
    "meaning": "what it comes to, as a sentence; the words themselves if empty",
    "event_name": "what it is about; the same name is the same event in all rows",
    "event": "the IRI of that event, if it has one",
    "title": "the title of the source",
    "source": "what tells one source from another: an IRI, a name, a number",
    "url": "where the source is",
    "published": "when it was published: a year, a month, a day or a time",
    "publisher": "who published it",
    "language": "its language, such as en; und, undetermined, if empty",
    "file": "the file that holds its text, beside the table",
    "start": "where the words begin in that text, in code points from 0",
    "end": "where they end, excluded",
    "note": "what whoever wrote the row remarks on it",
}
"""What may be told of a statement."""


@dataclass(frozen=True, slots=True)
class Row:
    """One statement as it is told.

    Shape: `cells` are named as in `COLUMNS`, none of them empty; `name` says which row it
        is, in the words of its format; `called` are the file's own names of the columns.
    Units: `line` counts from 1.
    """

    name: str
    line: int
    cells: Mapping[str, str]
    called: Mapping[str, str]

    def cell(self, column: str) -> str:
        """What is told under a column; empty if nothing."""
        return self.cells.get(column, "")

    def fault(self, column: str, message: str) -> Result:
        """That a cell keeps its source out."""
        return self._result(column, message, VIOLATION)

    def hint(self, column: str, message: str) -> Result:
        """That a cell is not used as it stands."""
        return self._result(column, message, WARNING)

    def _result(self, column: str, message: str, severity: str) -> Result:
        called = self.called.get(column, column)
        text = f"column {called}: {message}" if column else message
        place = Place(self.line)
        return Result(self.line, RULE, self.name, None, None, RULE, severity, text, "", place)
