"""Where each triple of a Turtle or TriG file stands, by rdflib's parser."""

from __future__ import annotations

from typing import Any

import rdflib
from rdflib.plugins.parsers.notation3 import RDFSink
from rdflib.plugins.parsers.trig import TrigSinkParser

from graph.lines.index import LineIndex
from graph.lines.places import Breaks
from graph.lines.terms import as_ntriples
from graph.report import Place


def index_statements(data: bytes, index: LineIndex, base: str) -> None:
    """Note the statements of a file, up to one that rdflib cannot read.

    Raises: SyntaxError, ValueError, RecursionError; what was noted by then is right.
    """
    rdflib.NORMALIZE_LITERALS = False  # pySHACL sets it back to True after each run
    LineParser(RDFSink(rdflib.Graph()), index, base).loadBuf(data)


class LineParser(TrigSinkParser):
    """rdflib's TriG parser, noting places in place of storing triples.

    Lines are counted from the place in the text: the parser's own count grows
    each time it tries to read the same line break in another way.
    """

    def __init__(self, sink: RDFSink, index: LineIndex, base: str) -> None:
        super().__init__(sink, baseURI=base, turtle=True)
        self._index = index
        self._starts: dict[int, Place] = {}
        self._breaks: Breaks | None = None

    def object(self, argstr: str, i: int, res: Any) -> int:
        start = max(self.skipSpace(argstr, i), i)
        end: int = super().object(argstr, start, res)
        if end >= 0 and res:
            if self._breaks is None:
                self._breaks = Breaks(argstr)
            self._starts[id(res[-1])] = self._breaks.place(start)
        return end

    def makeStatement(self, quadruple: Any) -> None:  # noqa: N802 (rdflib's name)
        context, predicate_, subject_, value_ = quadruple
        terms = (subject_, predicate_, value_)
        subject, predicate, value = (self._store.normalise(context, t) for t in terms)
        above = self._starts.get(id(terms[0]), Place(1))
        here = self._starts.get(id(terms[2]), above)
        self._index.note(str(subject), str(predicate), as_ntriples(value), here, above)
