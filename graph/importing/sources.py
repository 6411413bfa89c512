"""The rows of one source, put down as an annotation of its text.

Where the text is not at hand, the source is read as what the rows hold of it: its title,
and in each row who says what. That is what the digest of its version is of; it is not
archived, and no record says that a quote was compared with the article.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Any

from graph.importing.rows import Row
from graph.iris import Minter
from graph.report import Result
from graph.selectors import BETWEEN, CONTEXT, occurrences

_UNKNOWN = "und"  # BCP 47: undetermined
_LONGEST_LABEL = 200
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_APART = "\n".ljust(CONTEXT)  # so that no words seem to stand beside others
_MARKS = (("“", "”"), ('"', '"'), ("«", "»"), ("„", "“"), ("‘", "’"))
_NARRATOR = re.compile("narrator( of .*)?|the article", re.I)
_SEVERAL, _OUTWARD = re.compile(r"\s*;\s*"), re.compile(r"\s*>\s*")
_AS_TOLD = ("polarity", "certainty", "temporality")


@dataclass
class Draft:
    """An annotation in the making: what `graph.annotation` reads, and the text it is of.

    Shape: `names` are the rows by the ids of their statements; `is_excerpt` says that the
        text is made of the rows.
    """

    text: str
    is_excerpt: bool
    tables: dict[str, Any]
    names: dict[str, Row] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)


def drafted(
    rows: Sequence[Row], text: str | None, mint: Minter, annotator: dict[str, str]
) -> Draft:
    """The annotation that the rows of one source make."""
    held, places = (text, {}) if text is not None else _excerpt(rows)
    first, title = rows[0], title_of(rows[0])
    digest = hashlib.sha256(held.encode()).hexdigest()
    told: dict[str, str] = {
        "slug": _slug_in(first.cell("source"), digest, mint) or title,
        "title": title,
        "language": first.cell("language") or _UNKNOWN,
        "sha256": digest,
        **({"issued": first.cell("published")} if first.cell("published") else {}),
    }
    draft = Draft(held, text is None, {"source": told, "annotator": annotator, "statement": []})
    maker = _Maker(draft, mint)
    if publisher := first.cell("publisher"):
        kind = first.cell("publisher_kind") or "NewsOrganization"
        told["publisher"] = maker.agent(publisher, "", kind)
    for row in rows:
        maker.put(row, places.get(row.name))
    maker.settle()
    return draft


def title_of(row: Row) -> str:
    """What a row's source is called."""
    return next(
        (each for name in ("title", "url", "source", "file") if (each := row.cell(name))), ""
    )


def _slug_in(source: str, digest: str, mint: Minter) -> str:
    """The name in the IRI of a version, if it is the version of that text."""
    begin, end = f"{mint.base}doc/", f"-{digest[:8]}/v/{digest[:16]}"
    is_ours = source.startswith(begin) and source.endswith(end)
    return source.removeprefix(begin).removesuffix(end) if is_ours else ""


def pieces_of(row: Row) -> tuple[list[str], str]:
    """The words of a row, piece by piece, and the quotation marks around them."""
    text = row.cell("text")
    for opening, closing in _MARKS:
        is_marked = len(text) > 2 and text.startswith(opening) and text.endswith(closing)
        if is_marked and not {opening, closing} & {*text[1:-1]}:
            return text[1:-1].split(BETWEEN), opening + closing
    return text.split(BETWEEN), ""


def _line(row: Row) -> tuple[str, int]:
    """What a row holds, as a line to read, and where its words begin.

    Shape: words that are told to be a direct quotation stand in quotation marks; where
        the row tells what stands around its words, so does the line.
    """
    who, told = row.cell("speaker_name"), row.cell("said_on")
    pieces, marks = pieces_of(row)
    before, after = row.cell("prefix"), row.cell("suffix")
    if (before[-1:], after[:1]) in _MARKS:
        before, marks, after = before[:-1], before[-1] + after[0], after[1:]
    elif row.cell("kind") == "DirectQuotation":
        marks = marks or "“”"
    before = f"{who}: {before}" if who else before
    words = BETWEEN.join(f"{marks[:1]}{piece}{marks[1:]}" for piece in pieces)
    return f"{before}{words}{after}{f' ({told})' if told else ''}", len(before) + len(marks[:1])


def _excerpt(rows: Sequence[Row]) -> tuple[str, dict[str, int]]:
    """The text that rows make, and where the words of each begin in it."""
    text, places = title_of(rows[0]), {}
    for row in rows:
        line, start = _line(row)
        text += _APART
        places[row.name] = len(text) + start
        text += line
    return text + _APART, places


class _Maker:
    """Puts rows into a draft."""

    def __init__(self, draft: Draft, mint: Minter) -> None:
        self._draft = draft
        self._mint = mint
        self._text = draft.text
        self._tables = draft.tables
        self._spans: dict[str, tuple[int, int]] = {}

    def put(self, row: Row, place: int | None) -> None:
        """Add the statement of a row, or what is wrong with it."""
        pieces, marks = pieces_of(row)
        quotes = [*self._quotes(row, pieces, place)]
        span = self._spans[row.name] = self._span(pieces, quotes)
        marks = marks or self._marks_around(*span) or _marks_in(row.cell("text"))
        names = _split(row.cell("speaker_name"))
        is_narrated = not names or all(_NARRATOR.fullmatch(name) for name in names)
        kind = row.cell("kind") or _kind(marks, row.cell("text"), is_narrated)
        table: dict[str, Any] = {
            "id": row.name,
            "kind": kind,
            "quote": quotes,
            "chains": [*self._chains(row, names, place)],
            **({"quote_marks": marks} if kind.endswith("Quotation") and marks else {}),
        }
        if kind != "Paratext":
            table["expresses"] = self._proposition(row, " ".join(pieces))
            for name in _AS_TOLD:
                word = row.cell(name).removeprefix(name).lower() if row.cell(name) else ""
                table[name] = word or ("positive" if name == "polarity" else "underspecified")
        if events := [*self._events(row)]:
            table["about"] = events
        self._tables["statement"].append(table)
        self._draft.names[row.name] = row

    def _quotes(self, row: Row, pieces: list[str], place: int | None) -> Iterator[dict[str, Any]]:
        """Where each piece stands: where it was put, where the row says, or the only place."""
        given = row.cell("start")
        at = place if place is not None else int(given) if given.isdecimal() else None
        if place is None and given and at is None:
            self._draft.results.append(
                row.fault("start", f"{given!r} is no number of code points from 0")
            )
        for piece in pieces:
            found = occurrences(self._text, piece)
            later = [each for each in found if at is not None and each >= at]
            if place is None and at is not None and piece is pieces[0] and at not in found:
                self._draft.results.append(row.fault("start", _not_there(piece, at, found)))
            if later and len(found) > 1:
                yield {"words": piece, "occurrence": found.index(later[0]) + 1}
            else:
                yield {"words": piece}
            at = later[0] + len(piece) if later else at

    def settle(self) -> None:
        """Have a sentence of a longer quotation be a part of that.

        Shape: the longer one comes first, as an annotation wants it.
        """
        statements = self._tables["statement"]
        for table in statements:
            if table["kind"] == "DirectQuotation" and "quote_marks" not in table:
                start, end = self._spans[table["id"]]
                for whole in statements:
                    first, last = self._spans[whole["id"]]
                    if "quote_marks" in whole and first <= start <= end <= last:
                        table["part_of"] = whole["id"]
        statements.sort(key=lambda table: "part_of" in table)

    def _span(self, pieces: list[str], quotes: list[dict[str, Any]]) -> tuple[int, int]:
        """Where the words of a row begin and end; nowhere if they do not stand there."""
        ends = []
        for piece, quote in ((pieces[0], quotes[0]), (pieces[-1], quotes[-1])):
            found = occurrences(self._text, piece)
            number = quote.get("occurrence", 1)
            ends.append(found[number - 1] if len(found) >= number else -1)
        return ends[0], ends[1] + len(pieces[-1])

    def _marks_around(self, start: int, end: int) -> str:
        """The quotation marks that stand in the text around some words."""
        before, after = self._text[max(0, start - 1) : max(0, start)], self._text[end : end + 1]
        return before + after if (before, after) in _MARKS else ""

    def _chains(self, row: Row, names: list[str], place: int | None) -> Iterator[list[Any]]:
        """A chain for each speaker, outward to the narrator."""
        iris = _split(row.cell("speaker"))
        kind = row.cell("speaker_kind")
        ways = _split(row.cell("according_to")) or [""]
        if iris and len(iris) != len(names) and names:
            told = f"{len(iris)} IRIs for {len(names)} names; expected one for each"
            self._draft.results.append(row.fault("speaker", told))
        if not names or _NARRATOR.fullmatch(names[0]):
            yield [{"agent": "narrator", "act": row.cell("act") or "asserts"}]
            return
        for number, name in enumerate(names):
            iri = iris[number] if number < len(iris) else ""
            first: dict[str, Any] = {
                "agent": self.agent(name, iri, kind),
                "act": row.cell("act") or "says",
                **self._cue(row, name),
            }
            if time := self._time(row, place):
                first["said_at"] = time
            relays = _OUTWARD.split(ways[number if len(ways) == len(names) else 0])
            yield [
                first,
                *(
                    {"agent": self.agent(relay, "", ""), "act": "reports"}
                    for relay in relays
                    if relay and not _NARRATOR.fullmatch(relay)
                ),
            ]

    def _cue(self, row: Row, name: str) -> dict[str, Any]:
        """What shows who says it: in a table, the name before the words."""
        if self._draft.is_excerpt:
            return {"cue": name, "words": name, "occurrence": 1}  # within the line
        return {"cue": row.cell("cue")} if row.cell("cue") else {}

    def agent(self, name: str, iri: str, kind: str) -> str:
        """The name under which an annotation speaks of somebody."""
        agents = self._tables.setdefault("agents", {})
        key = f"agent {iri or name}"
        known = {"label": name, "kind": kind or "Agent", **({"iri": iri} if iri else {})}
        agents.setdefault(key, known)
        return key

    def _time(self, row: Row, place: int | None) -> str:
        told = row.cell("said_on")
        if not told:
            return ""
        found = occurrences(self._text, told)
        later = [each for each in found if place is None or each >= place]
        if not later:
            hint = f"{told!r} does not stand in the text, so it is left out"
            self._draft.results.append(row.hint("said_on", hint))
            return ""
        key = f"time {told} {found.index(later[0])}"
        times = self._tables.setdefault("times", {})
        times[key] = {"words": told, "occurrence": found.index(later[0]) + 1, "edtf": told}
        return key

    def _proposition(self, row: Row, words: str) -> str:
        label = row.cell("meaning") or self._meaning(words)
        key = f"meaning {label}"
        told: dict[str, Any] = {"label": label, "kind": "Proposition"}
        if rated := row.cell("rates"):
            told |= {"kind": "Evaluative", "content": f"meaning {self._meaning(rated)}"}
        self._tables.setdefault("propositions", {})[key] = told
        return key

    def _meaning(self, words: str) -> str:
        """What words come to, as far as a label in English can say."""
        language = self._tables["source"]["language"]
        is_plain = language == _UNKNOWN or language.startswith("en")
        told = shorten(_CONTROLS.sub(" ", words), _LONGEST_LABEL, placeholder=" …")
        return told if is_plain else f"In {language}: “{told}”"

    def _events(self, row: Row) -> Iterator[str]:
        names, iris = _split(row.cell("event_name")), _split(row.cell("event"))
        if iris and len(iris) != len(names):
            told = f"{len(iris)} IRIs for {len(names)} names; expected one for each"
            self._draft.results.append(row.fault("event", told))
            return
        for number, name in enumerate(names):
            iri = iris[number] if iris else self._mint.event(name, "Event")
            key = f"event {iri}"
            self._tables.setdefault("events", {})[key] = {"label": name, "iri": iri}
            yield key


def _marks_in(text: str) -> str:
    """The quotation marks around a part of some words."""
    for opening, closing in _MARKS:
        if closing in text.partition(opening)[2]:
            return opening + closing
    return ""


def _kind(marks: str, text: str, is_narrated: bool) -> str:
    if is_narrated:
        return "NarratorAssertion"
    if marks:
        return "MixedQuotation" if marks[0] in text[1:] else "DirectQuotation"
    return "IndirectSpeech"


def _split(cell: str) -> list[str]:
    return [each for each in _SEVERAL.split(cell) if each]


def _not_there(piece: str, at: int, found: list[int]) -> str:
    places = ", ".join(map(str, found[:5])) or "nowhere"
    return f"{piece!r} does not begin at {at} in the text, but at {places}"
