"""Places in a text: line and column of each character."""

from __future__ import annotations

import re
from bisect import bisect_left

from graph.report import Place


class Breaks:
    """The line breaks of a text."""

    def __init__(self, text: str) -> None:
        self._breaks = [-1, *(found.start() for found in re.finditer("\n", text))]

    def at(self, place: int) -> tuple[int, int]:
        """The line and the column of a character.

        Units: `place` counts from 0, line and column from 1.
        """
        line = bisect_left(self._breaks, place)
        return line, place - self._breaks[line - 1]

    def place(self, start: int) -> Place:
        """The place of a character."""
        return Place(*self.at(start))

    def start(self, place: Place) -> int:
        """The character at a place that has a line and a column."""
        return self._breaks[(place.line or 1) - 1] + (place.column or 1)
