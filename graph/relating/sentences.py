"""Why two statements are put side by side: one sentence for a reader of news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.vocab import ASC, ASCV

if TYPE_CHECKING:
    from graph.relating.rules import Answer
    from graph.relating.voices import Reading


def denial(one: Answer, other: Answer, reading: Reading) -> str:
    """“X denies what Y says: ...”"""
    if one.position == ((ASCV.positive.value,),):
        one, other = other, one
    first, second = _speakers(one, other, reading)
    return f"{first} denies what {second} says: {_end(reading.name(one.one('content')))}"


def agreement(one: Answer, other: Answer, reading: Reading) -> str:
    """“X and Y say so without a common source: ...”"""
    first, second = _speakers(one, other, reading)
    verb = "deny it" if ASCV.negative.value in one.position[0] else "say so"
    content = _end(reading.name(one.one("content")))
    return f"{first} and {second} {verb} without a common source: {content}"


def numbers(one: Answer, other: Answer, reading: Reading) -> str:
    """“X says the toll of people is more than 60, Y 45 (the airstrike).”"""
    first, second = _speakers(one, other, reading)
    kind, about = reading.name(one.one("kind")), reading.name(one.one("about"))
    predicate = one.one("predicate")
    if predicate == ASCV.kills.value:
        counted = f"toll of {kind}"
    else:
        counted = f"number of {kind}"
        about = f"{about}; {reading.name(predicate)}" if predicate else about
    mine, theirs = (_amount(each, kind) for each in (one, other))
    return f"{first} says the {counted} is {mine}, {second} {theirs} ({about})."


def causes(one: Answer, other: Answer, reading: Reading) -> str:
    """“X and Y explain this differently (the collision): fog; an engine fault.”"""
    first, second = _speakers(one, other, reading)
    about = _inner(reading.name(one.one("about")))
    mine, theirs = (_inner(reading.name(each.one("cause"))) for each in (one, other))
    return f"{first} and {second} explain this differently ({about}): {mine}; {theirs}."


def roles(one: Answer, other: Answer, reading: Reading) -> str:
    """“X has Syrian troops as the one acted upon, Y has ISIS (the airstrike).”"""
    first, second = _speakers(one, other, reading)
    role = "the one who acted" if one.one("role") == ASC.agentArg.value else "the one acted upon"
    mine, theirs = (" and ".join(map(reading.name, each.values["filler"])) for each in (one, other))
    about = reading.name(one.one("about"))
    return f"{first} has {mine} as {role}, {second} has {theirs} ({about})."


def dates(one: Answer, other: Answer, reading: Reading) -> str:
    """“X says this was on Sept. 17, Y on Sept. 18 (the meeting).”"""
    first, second = _speakers(one, other, reading)
    about = reading.name(one.one("about"))
    mine, theirs = ((each.one("wording") or each.one("date")) for each in (one, other))
    return f"{first} says this was {mine}, {second} {theirs} ({about})."


def _speakers(one: Answer, other: Answer, reading: Reading) -> tuple[str, str]:
    names = [
        " and ".join(map(reading.name, each.voice.speakers)) or "somebody" for each in (one, other)
    ]
    return names[0], f"{names[1]} elsewhere" if names[0] == names[1] else names[1]


def _amount(answer: Answer, kind: str) -> str:
    """A number in its own words, without the kind where they end with it."""
    lowest, highest = answer.one("lower"), answer.one("upper")
    bounds = lowest if lowest == highest else "–".join(filter(None, (lowest, highest)))
    words = answer.one("wording") or bounds
    return words.removesuffix(f" {kind}") or words


def _inner(words: str) -> str:
    return words.rstrip(".")


def _end(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
