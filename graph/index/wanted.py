"""What somebody looks for: words, and the facets they are to be found among."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property

from graph.errors import BadInput
from graph.index.folding import fold

FACETS = ("speaker", "outlet", "kind", "event", "month", "hand")
"""What statements can be narrowed down by; in their order on the page."""

_MOST_TERMS = 24
_LONGEST = 2_000
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』", '"'))
_PIECE = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))(\*?)')


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase, folded.

    Shape: `begins` if its last word may go on; `without` if it must not occur.
    """

    words: str
    begins: bool = False
    without: bool = False


@dataclass(frozen=True)
class Wanted:
    """A search.

    Shape: `text` as it was typed: words, "phrases", beginnings*, and -words that must
        not occur. Each facet is empty or one value: an IRI, which may be relative to
        the base, or a name; a kind's local name; YYYY-MM; `first` or `relayed`.
    """

    text: str = ""
    speaker: str = ""
    outlet: str = ""
    kind: str = ""
    event: str = ""
    month: str = ""
    hand: str = ""

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The words and phrases, as many as are looked for."""
        return tuple(dict.fromkeys(_terms(self.text)))[:_MOST_TERMS]

    @property
    def facets(self) -> dict[str, str]:
        """The values that were chosen, by facet."""
        return {name: value for name in FACETS if (value := getattr(self, name))}

    @property
    def is_open(self) -> bool:
        """Whether everything is wanted."""
        return not self.terms and not self.facets

    def given(self) -> dict[str, str]:
        """What was asked for, by name, without what was left empty."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name))}


def wanted(text: str, facets: Mapping[str, str]) -> Wanted:
    """A search for words, narrowed down.

    Raises: BadInput for a facet that there is not.
    """
    for name in facets:
        if name not in FACETS:
            raise BadInput(f"There is no facet {name!r}: expected one of {', '.join(FACETS)}.")
    return Wanted(text, **facets)


def _terms(text: str) -> Iterator[Term]:
    for minus, phrase, word, star in _PIECE.findall(text[:_LONGEST].translate(_QUOTES)):
        begins = bool(star) or word.endswith("*")
        if words := fold(phrase or word):
            yield Term(words, begins, bool(minus))
