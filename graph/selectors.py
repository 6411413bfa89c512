"""Pointing at words inside a source, and finding them again."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from graph.errors import SelectorMismatch

CONTEXT = 32
"""How many code points of context a selector keeps on either side."""
BETWEEN = " […] "
"""What stands for the words between two pieces of one statement."""
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Selector:
    """Where words stand, and what stands around them.

    Units: code points from 0; `end` is excluded.
    Source: Web Annotation Data Model, Text Position and Text Quote Selector.
    """

    start: int
    end: int
    exact: str
    prefix: str
    suffix: str


def select(text: str, exact: str, start: int) -> Selector:
    """Point at quoted words inside a source.

    Shape: `text` as stored, no normalisation. Prefix and suffix: at most 32
        code points.
    Units: code points from 0; `end` is excluded.
    Raises: SelectorMismatch if `text` does not hold `exact` at `start`.
    Source: Web Annotation Data Model, Text Position Selector.

    >>> select("It will go on, Reuters said.", "It will go on", 0).end
    13
    """
    end = start + len(exact)
    if not exact or start < 0 or text[start:end] != exact:
        raise SelectorMismatch(
            f"The source has {text[max(start, 0) : end]!r} at {start}-{end}, not {exact!r}. "
            "Quote the source as it stands, and count code points from 0."
        )
    return Selector(
        start, end, exact, text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    )


def find(
    text: str,
    exact: str,
    near: str | None = None,
    occurrence: int | None = None,
    within: tuple[int, int] | None = None,
) -> Selector:
    """Point at the one place where `exact` stands.

    Shape: `near` is a longer piece of the text that stands there once and holds
        `exact`; `occurrence` picks the first (1), second (2), ... of several
        places; `within` is the part of the text that is looked at.
    Raises: SelectorMismatch if there is no such place, or more than one and
        nothing says which.

    >>> find("He said it. She said it.", "said", near="She said").start
    16
    """
    first, last = within or (0, len(text))
    if near is not None:
        around = find(text, near, within=within)
        first, last = around.start, around.end
    places = occurrences(text, exact, first, last)
    if not places:
        raise SelectorMismatch(_not_found(text, exact, near))
    if occurrence is not None:
        if not 1 <= occurrence <= len(places):
            raise SelectorMismatch(
                f"{exact!r} stands there {len(places)} times, so there is no "
                f"occurrence {occurrence}. Count from 1."
            )
        return select(text, exact, places[occurrence - 1])
    if len(places) > 1:
        listed = ", ".join(str(place) for place in places[:_LISTED])
        more = ", ..." if len(places) > _LISTED else ""
        raise SelectorMismatch(
            f"{exact!r} stands at {len(places)} places ({listed}{more}). Say at which it starts",
            ": near = a longer piece of the text around it, or occurrence = 1, 2, ...",
        )
    return select(text, exact, places[0])


def occurrences(text: str, exact: str, first: int = 0, last: int | None = None) -> list[int]:
    """Every start of `exact` in `text[first:last]`, overlapping ones too."""
    places: list[int] = []
    place = text.find(exact, first, last) if exact else -1
    while place >= 0:
        places.append(place)
        place = text.find(exact, place + 1, last)
    return places


def anchored(text: str, exact: str, prefix: str, suffix: str) -> int | None:
    """Where words stand in another version of their source.

    Shape: the one place with the same words before and after; None for an orphan, as
        words are never moved to a look-alike.

    >>> anchored("New. He said it.", "said", "He ", " it.")
    8
    """
    places = occurrences(text, prefix + exact + suffix)
    return places[0] + len(prefix) if len(places) == 1 else None


def _not_found(text: str, exact: str, near: str | None) -> str:
    where = f"in {near!r}" if near else "in the source"
    alike = look_alike(text, exact)
    hint = f" The nearest look-alike is {alike!r}." if alike else ""
    return f"{exact!r} does not stand {where}.{hint} Quote the source as it stands."


def look_alike(text: str, exact: str) -> str | None:
    """The stretch of as many words as `exact` that looks most like it."""
    words, length = text.split(), max(1, len(exact.split()))
    stretches = [" ".join(words[i : i + length]) for i in range(len(words) - length + 1)]
    nearest = difflib.get_close_matches(exact, stretches, n=1, cutoff=0.6)
    return nearest[0] if nearest else None
