"""What became of a source's quotes in its newer version."""

from __future__ import annotations

from dataclasses import dataclass

from graph.selectors import anchored
from graph.texts import TextArchive
from graph.vocab import ASC, PROV
from graph.web.views.cards import Card, Piece
from graph.web.views.facts import Facts


@dataclass(frozen=True, slots=True)
class Newer:
    """The version that revises a source; without `text` where that is not archived."""

    iri: str
    text: str | None

    def start_of(self, piece: Piece) -> int | None:
        """Where words of the older version stand in it; None for an orphan."""
        return anchored(self.text or "", piece.exact, piece.prefix, piece.suffix)

    def is_orphan(self, card: Card) -> bool:
        """Whether some of a statement's words do not stand in it, as far as is known."""
        if self.text is None:
            return False
        return any(self.start_of(piece) is None for piece in card.pieces)


def newer_of(facts: Facts, texts: TextArchive, version: str) -> Newer | None:
    """The version that revises another, the latest if that was revised in turn."""
    found, seen = version, {version}
    while newer := [v for v in facts.pointing_at(found, PROV.wasRevisionOf) if v not in seen]:
        found = newer[-1]
        seen.add(found)
    if found == version or not version:
        return None
    archived = texts.get(facts.text(found, ASC.sha256) or "")
    return Newer(found, archived.decode("utf-8") if archived is not None else None)
