"""What has to be stored for a write to happen."""

from __future__ import annotations

from dataclasses import dataclass

from graph.errors import PreconditionFailed

ANY = "*"


@dataclass(frozen=True, slots=True)
class Condition:
    """One of some digests is stored, and none of others; `*` stands for any.

    Source: RFC 9110, sections 13.1.1 and 13.1.2.
    """

    one_of: frozenset[str] | None = None
    none_of: frozenset[str] = frozenset()


Match = Condition | str | None
"""A condition, or the one digest that is to be stored; None for whatever there is."""


def require(match: Match, name: str, stored: str | None) -> None:
    """Go on only if what is stored under a name is what the writer expects.

    Raises: PreconditionFailed.
    """
    wanted = Condition(frozenset({match})) if isinstance(match, str) else match or Condition()
    there = {stored, ANY} if stored else set()
    if wanted.one_of is not None and not wanted.one_of & there:
        raise PreconditionFailed(
            f"{name} has changed: If-Match names {' or '.join(sorted(wanted.one_of))}, and stored "
            f"is {stored or 'nothing'}. Fetch it again and redo the change."
        )
    if wanted.none_of & there:
        raise PreconditionFailed(
            f"{name} is stored as {stored}, which If-None-Match rules out. Fetch it, and name "
            "its ETag in If-Match to change it."
        )
