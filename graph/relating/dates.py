"""Whether two dates can both hold; what a date leaves open excludes nothing.

The date libraries put `XXXX-09-17` anywhere between the years 0 and 9999, where
it overlaps with all others. Here a year that is not stated fits every year, and
September 17 is still no September 18.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_DATE = re.compile(r"(?P<year>Y?-?[0-9X]{4,})(?:-(?P<month>[0-9X]{2})(?:-(?P<day>[0-9X]{2}))?)?")
_LAST_DAY = 31


@dataclass(frozen=True, slots=True)
class _Date:
    """A year as far as it is known, and the days of the year that are meant.

    Shape: `first` and `last` are month times 100 plus day.
    """

    year: str
    first: int
    last: int

    @property
    def whole(self) -> bool:
        return "X" not in self.year


def exclude(one: str, other: str) -> bool:
    """Whether two EDTF dates or intervals cannot both be right.

    Source: EDTF (ISO 8601-2), levels 0 to 2 as far as the shapes let them in;
        times of day are left out, since zones are seldom stated.

    >>> exclude("XXXX-09-17", "2031-09-18"), exclude("XXXX-09-17", "2031-09")
    (True, False)
    """
    spans = [_span(each) for each in (one, other)]
    if None in spans:
        return False
    (start, end), (from_, to) = spans  # type: ignore[misc]
    return _before(end, from_) or _before(to, start) or _never_meet(spans)  # type: ignore[arg-type]


def is_date(text: str) -> bool:
    """Whether a text begins as a date does, or an interval of them."""
    return _span(text) is not None


_Ends = tuple[_Date | None, _Date | None]


def _before(end: _Date | None, start: _Date | None) -> bool:
    """Whether an interval has ended when another begins, years being stated."""
    if end is None or start is None or not (end.whole and start.whole):
        return False
    return (_number(end.year), end.last) < (_number(start.year), start.first)


def _never_meet(spans: list[_Ends]) -> bool:
    """Whether years, or days within a year, differ where a year is left open."""
    found = [_within_a_year(each) for each in spans]
    if None in found:
        return False
    one, other = found
    assert one is not None and other is not None
    if not _may_be_one(one.year, other.year):
        return True
    return one.last < other.first or other.last < one.first


def _within_a_year(ends: _Ends) -> _Date | None:
    """An interval as days of one year, if it lies in one."""
    start, end = ends
    if start is None or end is None or start.year != end.year or end.last < start.first:
        return None
    return _Date(start.year, start.first, end.last)


def _may_be_one(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    return all(a == b or "X" in (a, b) for a, b in zip(one, other, strict=True))


def _number(year: str) -> int:
    return int(year.removeprefix("Y"))


@cache
def _span(edtf: str) -> _Ends | None:
    """Where a date or interval begins and ends; None where that cannot be read."""
    start, slash, end = edtf.partition("/")
    ends = _date(start), _date(end if slash else start)
    return None if ends == (None, None) else ends


def _date(text: str) -> _Date | None:
    found = _DATE.match(text)
    if found is None:
        return None
    months = _fitting(found["month"] or "XX", range(1, 13))
    days = _fitting(found["day"] or "XX", range(1, _LAST_DAY + 1))
    if not months or not days:  # a season, which differs between the hemispheres
        return _Date(found["year"], 101, 1231)
    return _Date(found["year"], months[0] * 100 + days[0], months[-1] * 100 + days[-1])


def _fitting(digits: str, numbers: range) -> list[int]:
    pattern = re.compile(digits.replace("X", "."))
    return [number for number in numbers if pattern.fullmatch(f"{number:02}")]
