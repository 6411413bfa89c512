"""The lines of a file that holds a quad a line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path


class QuadLines:
    """The lines of an N-Quads file that hold its quads, read as far as they are asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._numbers = _numbers_of_quads(path)
        self._passed = 0

    def after(self, quads: int, count: int) -> list[int]:
        """The lines of the `count` quads that come after the first `quads` of the file."""
        if quads < self._passed:
            self._numbers, self._passed = _numbers_of_quads(self._path), 0
        skipped = quads - self._passed
        self._passed = quads + count
        return [*islice(self._numbers, skipped, skipped + count)]


def _numbers_of_quads(path: Path) -> Iterator[int]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip() and not line.lstrip().startswith(b"#"):
                yield number
