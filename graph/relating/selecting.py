"""Which answers to a question are compared, however many there are.

Of each answer the first few voices count, in the order in which they were
recorded, and of the answers those that came first. What is chosen depends on
what is stored and not on the way it got there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from graph.relating.rules import Answer, Kind


@dataclass(frozen=True, slots=True)
class Selection:
    """The answers that are compared, by statement, and those for which there was no place."""

    answers: dict[str, Answer]
    left_out: list[Answer]


def select(kind: Kind, answers: Iterable[Answer]) -> Selection:
    """The answers to one question that are compared.

    Shape: who says the same thing twice in one source is heard once.
    """
    positions: dict[object, list[Answer]] = defaultdict(list)
    for answer in _once_each(answers):
        positions[answer.position].append(answer)
    for voices in positions.values():
        voices.sort(key=place_of)
    ranked = sorted(positions.values(), key=lambda voices: place_of(voices[0]))
    chosen = {
        each.statement: each
        for voices in ranked[: kind.positions]
        for each in voices[: kind.voices]
    }
    left_out = (each for voices in ranked for each in voices if each.statement not in chosen)
    return Selection(chosen, [*left_out])


def place_of(answer: Answer) -> tuple[int, str]:
    """Where an answer stands in the order of record."""
    return answer.voice.order, answer.statement


def _once_each(answers: Iterable[Answer]) -> Iterable[Answer]:
    """Of what one voice says several times in one source, the firmest and closest."""
    best: dict[object, Answer] = {}
    for answer in answers:
        voice = answer.voice
        key = voice.version, voice.speakers, answer.position
        if key not in best or _weight(answer) < _weight(best[key]):
            best[key] = answer
    return best.values()


def _weight(answer: Answer) -> tuple[float, bool, str]:
    return -answer.voice.firmness, not answer.voice.part, answer.statement
