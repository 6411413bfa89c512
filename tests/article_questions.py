"""What the seed article's answers name, and how its questions are asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graph import KnowledgeGraph

Row = dict[str, Any]

NARRATOR = "Narrator of “US Accidentally Kills Syrian Troops, Risking Cease-Fire”"
COMMAND = "U.S. Central Command"
MINISTRY = "Russian Foreign Ministry"
STRIKE_POSITION = "Coalition forces strike a Da'esh fighting position."
BOMB_MILITANTS = "The American pilots bomb ISIS militants."
NO_COOPERATION = (
    "The United States persistently refuses to establish close cooperation with Russia in"
    " the fight against ISIS, Jabhat al-Nusra and other affiliated terrorist groups."
)
NO_INTELLIGENCE = "The United States refuses to share intelligence."
NATURAL_RESULT = (
    "What happened is a natural result of the persistent refusal of the United States to "
    "cooperate closely with Russia."
)
REFUSAL_CAUSED_IT = (
    "The refusal by the United States to share intelligence is the cause of the airstrike."
)
TARGETS_SYRIAN = "The personnel and vehicles targeted are part of the Syrian military."
COALITION_MEMBERS = "coalition members in the Combined Air Operations Center"
WILL_FIGHT = "The Syrian military will continue fighting."
BELIEVERS = "those who believed in the cease-fire, not named"
MEMBERS_INFORM = "Coalition members inform Russian counterparts of the upcoming strike."


def ask(
    kg: KnowledgeGraph,
    name: str,
    columns: str,
    where: Callable[[Row], bool] = lambda row: True,
    **params: object,
) -> list[tuple[Any, ...]]:
    """The rows of a named query, as far as `columns` go."""
    table = kg.query(name, **params)
    rows = [dict(zip(table.variables, row, strict=True)) for row in table]
    return [tuple(row[column] for column in columns.split()) for row in rows if where(row)]
