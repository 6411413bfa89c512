"""Whether a query has the same answer each time, as long as the data stays."""

from __future__ import annotations

import re
from functools import lru_cache

from pyparsing import ParseException

from graph.update_request import mentions

_CHANGING = re.compile(r"\b(NOW|RAND|UUID|STRUUID|BNODE|SERVICE)\b", re.I)
_PARTS = frozenset(
    {
        *("Builtin_NOW", "Builtin_RAND", "Builtin_UUID", "Builtin_STRUUID", "Builtin_BNODE"),
        "ServiceGraphPattern",
    }
)
_LONGEST = 20_000


def is_steady(query: str) -> bool:
    """Whether a query asks the data alone: no clock, no chance, no other server.

    Where only the word is certain, since the grammar cannot read the rest, it may not.
    """
    return not _CHANGING.search(query) or _reads_steady(query)


@lru_cache(maxsize=1_000)
def _reads_steady(query: str) -> bool:
    from rdflib.plugins.sparql.parser import parseQuery  # 0.2 s, only where needed

    try:
        return len(query) < _LONGEST and not mentions(parseQuery(query), _PARTS)
    except (ParseException, RecursionError):
        return False
