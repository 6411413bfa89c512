"""Whether a query has the same answer each time, as long as the data stays."""

from __future__ import annotations

import re

from graph.asking.harmless import outline

_GAP = r"(?:\s|#[^\r\n]*[\r\n])*"
_CHANGING = re.compile(rf"\b(?:NOW|RAND|UUID|STRUUID|BNODE){_GAP}\(|\bSERVICE\b", re.I)


def is_steady(query: str) -> bool:
    """Whether a query asks the data alone: no clock, no chance, no other server.

    Judged by its words outside of IRIs and texts, not by a grammar: whoever asks could
    write what takes a parser for ever. Where a comment has such a word, it may not.
    """
    if "(" not in query and "SERVICE" not in query.upper():
        return True
    return not _CHANGING.search(query) or not _CHANGING.search(outline(query))
