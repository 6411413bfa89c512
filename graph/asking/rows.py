"""The first rows of an answer, taken back out of what a worker wrote."""

from __future__ import annotations

from itertools import islice
from typing import IO, cast

import pyoxigraph as ox

from graph.asking.question import Told
from graph.errors import TooLarge
from graph.store import Answer
from graph.store.oxigraph import taken_out

_MOST_BYTES = 8_000_000


def first_rows(told: Told, most: int) -> Answer:
    """The first rows of an answer in SPARQL JSON, or triples of one in N-Triples.

    Raises: TooLarge where these alone are more than a page can hold.
    """
    stream = cast("IO[bytes]", _Stream(told))
    if told.kind == "graph":
        quads = islice(ox.parse(stream, ox.RdfFormat.N_TRIPLES), most)
        return Answer(triples=tuple(quad.triple for quad in quads))
    return taken_out(ox.parse_query_results(stream, ox.QueryResultsFormat.JSON), most)


class _Stream:
    """An answer's chunks as a file that can be read."""

    def __init__(self, told: Told) -> None:
        self._chunks = iter(told) if told.whole is None else iter((told.whole,))
        self._held = b""
        self._read = 0

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end."""
        while not self._held:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._held = chunk
        data, self._held = self._held[:size], self._held[size:]
        self._read += len(data)
        if self._read > _MOST_BYTES:
            raise TooLarge("The answer is too large for a page: take it as a file, such as CSV.")
        return data
