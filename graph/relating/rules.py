"""The rules: which statement answers which question, and when two answers disagree.

Each `.rq` file beside this module finds the answers to one kind of question. It
runs unedited in any engine; its head says which columns make the question and
which the answer, and names the rules that compare two answers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from graph.iris import digest
from graph.relating import dates, sentences
from graph.relating.voices import Reading, Voice
from graph.store import Row, Store
from graph.vocab import ASC, ASCV, XSD

_HEAD = re.compile(r"^# (key|position): (.+)$", re.M)
_MOST = re.compile(r"^# most: (\d+) positions, (\d+) voices$", re.M)
_RULE = re.compile(r"^# rule: ascv:(\w+) asc:(\w+) ([\d.]+)$", re.M)

_LEAST = 0.2
"""Below this confidence two statements are not worth showing side by side."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement answers to a question.

    Shape: `values` has what the rule's query says of it, by column.
    """

    question: str
    position: tuple[tuple[str, ...], ...]
    voice: Voice
    values: dict[str, tuple[str, ...]]

    @property
    def statement(self) -> str:
        return self.voice.statement

    def one(self, column: str) -> str:
        """The value of a column that has one at most; empty if it has none."""
        return next(iter(self.values.get(column, ())), "")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that compares two answers.

    Shape: `fit` gives the factor by which `confidence` is multiplied, 0 where
        the two have nothing to do with each other in the eyes of the rule.
    """

    iri: NamedNode
    relation: NamedNode
    confidence: float
    fit: Callable[[Answer, Answer, Reading], float]
    sentence: Callable[[Answer, Answer, Reading], str]

    def judge(self, one: Answer, other: Answer, reading: Reading) -> float:
        """How surely the relation holds, to two places; 0 if it is not worth a line."""
        fit = self.fit(one, other, reading)
        if one.voice.temporality != other.voice.temporality:
            fit /= 2
        found = self.confidence * fit * one.voice.firmness * other.voice.firmness
        return round(found, 2) if found >= _LEAST else 0.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question, with the rules that compare its answers.

    Shape: of at most `positions` different answers, `voices` each are compared.
    """

    name: str
    sparql: str
    key: tuple[str, ...]
    position: tuple[str, ...]
    positions: int
    voices: int
    rules: tuple[Rule, ...]

    def answers(self, store: Store, reading: Reading, base: str) -> Iterator[Answer]:
        """The answers that the statements in a store give."""
        grouped: dict[tuple[str, ...], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for row in store.query(self.sparql).rows:
            texts = {name: _text(row, name) for name in row}
            key = tuple(texts.get(name, "") for name in ("statement", "content", *self.key))
            for name, text in texts.items():
                grouped[key][name].add(text)
        yield from self._made(grouped.values(), reading, base)

    def _made(
        self, found: Iterable[dict[str, set[str]]], reading: Reading, base: str
    ) -> Iterator[Answer]:
        for columns in found:
            values = {name: tuple(sorted(texts)) for name, texts in columns.items()}
            voice = reading.voice(values["statement"][0])
            if voice is not None and voice.firmness > 0:
                key = [text for name in self.key for text in values.get(name, ("",))]
                relative = (text.removeprefix(base) for text in key)
                question = f"{base}question/{self.name}-{digest(*relative)[:16]}"
                position = tuple(values.get(name, ()) for name in self.position)
                yield Answer(question, position, voice, values)


def kind_of(question: str) -> Kind:
    """The kind of a question, which its IRI names."""
    name = question.rpartition("/")[2].partition("-")[0]
    return next(kind for kind in kinds() if kind.name == name)


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds of questions."""
    files = sorted(Path(__file__).parent.glob("*.rq"))
    return tuple(_read(path.stem, path.read_text("utf-8")) for path in files)


def _read(name: str, sparql: str) -> Kind:
    head = {what: tuple(columns.split()) for what, columns in _HEAD.findall(sparql)}
    positions, voices = map(int, _MOST.findall(sparql)[0])
    rules = tuple(
        Rule(ASCV.term(rule), ASC.term(relation), float(confidence), *_COMPARED[rule])
        for rule, relation, confidence in _RULE.findall(sparql)
    )
    return Kind(name, sparql, head["key"], head["position"], positions, voices, rules)


def _text(row: Row, name: str) -> str:
    """A term as text; numbers in one spelling."""
    term = row[name]
    if isinstance(term, Literal) and term.datatype in (XSD.integer, XSD.decimal):
        return format(Decimal(term.value).normalize(), "f")
    return term.value if isinstance(term, NamedNode | Literal) else str(term)


def _denied(one: Answer, other: Answer, _reading: Reading) -> float:
    return float(one.position != other.position)


def _said_by_both(one: Answer, other: Answer, _reading: Reading) -> float:
    ours, theirs = one.voice.chain, other.voice.chain
    if one.position != other.position or not ours or not theirs or ours & theirs:
        return 0.0
    return 1.0 if one.voice.known and other.voice.known else 0.6


def _bounds_exclude(one: Answer, other: Answer, _reading: Reading) -> float:
    return float(_is_below(one, other) or _is_below(other, one))


def _is_below(one: Answer, other: Answer) -> bool:
    """Whether the most that one answer allows is less than the least of the other."""
    highest, lowest = one.one("upper"), other.one("lower")
    if not highest or not lowest:
        return False
    touching = "true" == one.one("upperInclusive") == other.one("lowerInclusive")
    return Decimal(highest) < Decimal(lowest) or (
        Decimal(highest) == Decimal(lowest) and not touching
    )


def _another_cause(one: Answer, other: Answer, _reading: Reading) -> float:
    return float(one.position != other.position)


def _another_filler(one: Answer, other: Answer, reading: Reading) -> float:
    """1 if none of those whom one names is, or is part of, any whom the other names."""
    ours, theirs = one.values["filler"], other.values["filler"]
    above = [frozenset[str]().union(*map(reading.above, each)) for each in (ours, theirs)]
    return float(above[0].isdisjoint(theirs) and above[1].isdisjoint(ours))


def _dates_exclude(one: Answer, other: Answer, _reading: Reading) -> float:
    found = all(dates.exclude(a, b) for a in one.values["date"] for b in other.values["date"])
    rough = any(
        "true" in each.values.get("approximate", ()) or set("?~%") & set(each.one("date"))
        for each in (one, other)
    )
    return float(found) / (2 if rough else 1)


_COMPARED = {
    "affirmedAndDenied": (_denied, sentences.denial),
    "saidIndependently": (_said_by_both, sentences.agreement),
    "numbersExclude": (_bounds_exclude, sentences.numbers),
    "causesCompete": (_another_cause, sentences.causes),
    "rolesDiffer": (_another_filler, sentences.roles),
    "datesExclude": (_dates_exclude, sentences.dates),
}
