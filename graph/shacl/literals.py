"""What literals mean: whether they are well written, and which comes first.

Lexical forms are read as rdflib reads them, so that this checker and pySHACL
agree: `+5` and `1_000` are integers to both.
"""

from __future__ import annotations

import math
import re
from base64 import b64decode
from binascii import unhexlify
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache

from pyoxigraph import Literal

from graph.vocab import XSD

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_STRING, _DATE = XSD + "string", XSD + "date"
_ENDLESS = math.inf
_INTEGERS: dict[str, tuple[float, float]] = {
    XSD + name: bounds
    for name, bounds in {
        "integer": (-_ENDLESS, _ENDLESS),
        "nonNegativeInteger": (0, _ENDLESS),
        "positiveInteger": (1, _ENDLESS),
        "nonPositiveInteger": (-_ENDLESS, 0),
        "negativeInteger": (-_ENDLESS, -1),
        "long": (-(2**63), 2**63 - 1),
        "int": (-(2**31), 2**31 - 1),
        "short": (-(2**15), 2**15 - 1),
        "byte": (-(2**7), 2**7 - 1),
        "unsignedLong": (0, 2**64 - 1),
        "unsignedInt": (0, 2**32 - 1),
        "unsignedShort": (0, 2**16 - 1),
        "unsignedByte": (0, 2**8 - 1),
    }.items()
}
Reader = Callable[[str], object]
_READERS: dict[str, Reader] = {
    XSD + "boolean": _BOOLEANS.__getitem__,
    XSD + "decimal": Decimal,
    XSD + "double": float,
    XSD + "float": float,
    XSD + "hexBinary": unhexlify,
    XSD + "base64Binary": b64decode,
    XSD + "dateTime": datetime.fromisoformat,
    XSD + "time": time.fromisoformat,
}
_READ_BY_RDFLIB = {
    XSD + name for name in ("date", "duration", "dayTimeDuration", "yearMonthDuration")
}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # as nearly all dates are written
_KNOWN = {*_INTEGERS, *_READERS, *_READ_BY_RDFLIB}

Value = bool | int | Decimal | float | str | datetime | date | time


def is_well_formed(literal: Literal) -> bool:
    """Whether a literal is written as its datatype says; unknown datatypes pass."""
    datatype = literal.datatype.value
    return datatype not in _KNOWN or _read(literal.value, datatype) is not None


def compare(one: Literal, other: Literal) -> int | None:
    """-1, 0 or 1 as SPARQL orders two literals; None where it cannot.

    Literals of a datatype without order are equal where they are the same one,
    as pySHACL and Oxigraph have it too.

    Source: SPARQL 1.1, section 17.3 (operator mapping).
    """
    this, that = _sortable(one), _sortable(other)
    if this is None or that is None or this[0] != that[0]:
        return 0 if one == other else None
    try:
        if this[1] < that[1]:  # type: ignore[operator]
            return -1
        if this[1] > that[1]:  # type: ignore[operator]
            return 1
        return 0 if this[1] == that[1] else None
    except (TypeError, ArithmeticError):  # a time with a zone and one without; NaN
        return None


def _sortable(literal: Literal) -> tuple[str, Value] | None:
    datatype = literal.datatype.value
    if datatype == _STRING:
        return "string", literal.value
    value = _read(literal.value, datatype)
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, int | Decimal | float):
        return "number", value
    if isinstance(value, datetime | date | time):
        return datatype, value
    return None


@lru_cache(maxsize=8192)
def _read(lexical: str, datatype: str) -> object | None:
    """The Python value of a lexical form, or None if it is none of the datatype."""
    bounds = _INTEGERS.get(datatype)
    try:
        if bounds is None:
            if datatype == _DATE and _DAY.fullmatch(lexical):
                return date.fromisoformat(lexical)
            reader = _reader(datatype)
            return reader(lexical) if reader else None
        value = int(lexical)
    except Exception:  # as rdflib: whatever its readers raise, the form is wrong
        return None
    return value if bounds[0] <= value <= bounds[1] else None


@cache
def _reader(datatype: str) -> Reader | None:
    if datatype in _READ_BY_RDFLIB:
        from rdflib import URIRef  # 0.1 s, for those who have durations, or dates with a zone
        from rdflib.term import XSDToPython

        return XSDToPython[URIRef(datatype)]
    return _READERS.get(datatype)
