"""The kinds of statement in the words of a page: a badge and what it means."""

from __future__ import annotations

from typing import NamedTuple

from graph.vocab import ASC
from graph.web.words import knows, say

_DIRECT = frozenset({"DirectQuotation", "BlockQuotation"})


class Kind(NamedTuple):
    """A kind of statement.

    Shape: `direct` says that the words are the speaker's own, which is the
        only case in which a page puts them between quotation marks; `iri` is
        the class.
    """

    badge: str
    note: str
    direct: bool = False
    iri: str = ""


def kind_of(class_iri: str | None, translated: bool = False) -> Kind:
    """The badge and note for a class of statements, whose words a translator may have made."""
    name = (class_iri or "").removeprefix(ASC)
    direct = name in _DIRECT
    key = "translated" if direct and translated else name if knows(f"kind.{name}") else "any"
    return Kind(say(f"kind.{key}"), say(f"kind.{key}_note"), direct, class_iri or "")
