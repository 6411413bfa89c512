"""An Update for a worker, and how it says what that would change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, parse

from graph.formats import NQUADS, dumps

if TYPE_CHECKING:
    from graph.updating import Effect, Update


@dataclass(frozen=True, slots=True)
class Trial:
    """An Update and the copy of a store, for it alone, over which it is worked out."""

    path: Path
    update: Update


def as_bytes(effect: Effect) -> bytes:
    """An effect as a worker sends it."""
    added, removed = (dumps(each, NQUADS).decode() for each in (effect.added, effect.removed))
    named = [graph.value for graph in effect.named]
    return json.dumps({"added": added, "removed": removed, "named": named}).encode()


def effect_in(data: bytes) -> Effect:
    """The effect that a worker sent."""
    from graph.updating import Effect

    told = json.loads(data)
    added, removed = (
        frozenset(parse(told[name], format=NQUADS.rdf)) for name in ("added", "removed")
    )
    return Effect(added, removed, frozenset(map(NamedNode, told["named"])))
