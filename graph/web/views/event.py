"""The page of an event: what is dated, and what each voice says to each question."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import NamedTuple

from pyoxigraph import Quad

from graph.index import Mention
from graph.kg import KnowledgeGraph
from graph.schema import narrowest
from graph.vocab import ASC, ASCV
from graph.web.views.cards import Card, cards_of
from graph.web.views.chains import Hop
from graph.web.views.facts import Facts, facts_for
from graph.web.views.stored import lists_for
from graph.web.views.thing import ThingPage, thing_page
from graph.web.views.timeline import Timeline, timeline_of

_MOST_READ = 400
_MOST_SHOWN = 32
_MOST_NAMED = 12
_QUESTIONS = (
    *("cause", "target", "toll", "told", "happened", "number", "when", "where"),
    *("effect", "judged", "wanted", "said", "more"),
)
"""In the order of the page; each is a key under [event] in the words."""
_NAMING = _QUESTIONS[:4]
"""Where those who say nothing are named; elsewhere it is said that the others say nothing."""
_PREDICATES = {
    **dict.fromkeys(("strikes", "targets", "tracks", "belongsTo"), "target"),
    **dict.fromkeys(("informs", "warns"), "told"),
    "kills": "toll",
    "isLocatedIn": "where",
}
_CLASSES = {
    "QuantityProposition": "number",
    "TemporalProposition": "when",
    "EvaluativeProposition": "judged",
    "DesireProposition": "wanted",
    "IntentionProposition": "wanted",
    "SpeechActProposition": "said",
    "EventProposition": "happened",
}
_TELLING = frozenset({ASCV.informs.value, ASCV.warns.value})


class Said(NamedTuple):
    """What a voice says to a question: the statement, the hops that pass it on, and those
    of its own words in it that answer the question by themselves."""

    card: Card
    via: tuple[Hop, ...]
    within: tuple[Card, ...]


class Cell(NamedTuple):
    """What one voice says to one question."""

    voice: Hop
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A row of the comparison: those who answer, how many are `silent`, and the first of
    these, `named` where that tells most."""

    key: str
    cells: tuple[Cell, ...]
    silent: int
    named: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class EventPage:
    """All that the page of an event shows.

    Shape: `shown` of the `total` statements stand under the questions.
    """

    thing: ThingPage
    timeline: Timeline
    voices: int
    questions: tuple[Question, ...]
    shown: int
    total: int
    sources: int


def event_page(kg: KnowledgeGraph, iri: str, quads: Sequence[Quad]) -> EventPage:
    """The page data of an event."""
    facts = facts_for(kg)
    lists = lists_for(kg, facts)
    chosen = cards_of(facts, _by_turns(lists.mentions("event", iri, _MOST_READ)))
    asked = {card.iri: _questions(facts, card, iri) for card in chosen}
    if not any(_is_hit(facts, card.iri) for card in chosen):
        asked = {card: _without_target(keys) for card, keys in asked.items()}
    voices = _voices(chosen, asked)
    return EventPage(
        thing=thing_page(facts, kg, iri, quads, listed=False),
        timeline=timeline_of(facts, chosen, iri),
        voices=len(voices),
        questions=tuple(
            _row(facts, key, voices, saying)
            for key in _QUESTIONS
            if (saying := [card for card in chosen if key in asked[card.iri]])
        ),
        shown=len(chosen),
        total=lists.number_of("event", iri),
        sources=len({card.version for card in chosen}),
    )


def _row(facts: Facts, key: str, voices: Iterable[Hop], saying: Iterable[Card]) -> Question:
    """What each voice says among the statements that answer a question, and who says nothing."""
    ordered = sorted(saying, key=lambda card: (card.version, card.start, -card.end, card.iri))
    cells: list[Cell] = []
    silent: list[Hop] = []
    for voice in voices:
        own = {
            card: chain
            for card in ordered
            for chain in card.chains
            if chain and chain[0].agent.iri == voice.agent.iri
        }
        if own:
            cells.append(Cell(voice, (*_said(facts, own),)))
        else:
            silent.append(voice)
    named = silent[:_MOST_NAMED] if key in _NAMING else ()
    return Question(key, (*cells,), len(silent), (*named,))


def _said(facts: Facts, own: Mapping[Card, tuple[Hop, ...]]) -> Iterator[Said]:
    """The statements of one voice, each with its parts, which are not told once more."""
    listed = {card.iri for card in own}
    within: dict[str, list[Card]] = defaultdict(list)
    wholes: dict[str, str] = {}
    for card in own:
        whole = facts.iri(card.iri, ASC.partOf) or ""
        if whole in listed:
            wholes[card.iri] = wholes.get(whole, whole)
            within[wholes[card.iri]].append(card)
    for card, chain in own.items():
        if card.iri not in wholes:
            via = tuple(hop for hop in chain[1:] if not hop.narrator)
            yield Said(card, via, (*within[card.iri],))


def _by_turns(statements: Iterable[Mention]) -> list[str]:
    """As many statements as are shown, each voice heard once before any is heard again."""
    by_voice: dict[str, list[str]] = defaultdict(list)
    for each in statements:
        by_voice[each.speaker].append(each.iri)
    turns = (each for turn in zip_longest(*by_voice.values()) for each in turn if each)
    return [*islice(turns, _MOST_SHOWN)]


def _questions(facts: Facts, card: Card, event: str) -> frozenset[str]:
    """Which questions a statement answers."""
    keys = {_question(facts, each.iri, event) for each in card.meanings}
    first = [chain[0] for chain in card.chains if chain]
    if any(hop.addressees or facts.iri(hop.iri, ASC.act) in _TELLING for hop in first):
        keys.add("told")
    return frozenset(keys) or frozenset({"more"})


def _question(facts: Facts, proposition: str, event: str) -> str:
    """Which question a proposition answers: by its predicate, else by its class."""
    kind = (narrowest(facts.types(proposition)) or "").removeprefix(ASC)
    if kind == "CausalProposition":
        return "cause" if event in facts.iris(proposition, ASC.effect) else "effect"
    content = facts.iri(proposition, ASC.contentArg)
    if kind == "RelationProposition" and content:
        return _question(facts, content, event) if content != proposition else "more"
    predicate = (facts.iri(proposition, ASC.predicate) or "").removeprefix(ASCV)
    if predicate == "kills" and kind != "QuantityProposition":
        return "happened"
    return _PREDICATES.get(predicate) or _CLASSES.get(kind, "more")


def _is_hit(facts: Facts, statement: str) -> bool:
    """Whether it says that something was aimed at: then there is a target to ask for."""
    aims = {ASCV.strikes.value, ASCV.targets.value}
    return any(
        facts.iri(each, ASC.predicate) in aims for each in facts.iris(statement, ASC.expresses)
    )


def _without_target(keys: frozenset[str]) -> frozenset[str]:
    return frozenset("more" if key == "target" else key for key in keys)


def _voices(cards: Iterable[Card], asked: Mapping[str, frozenset[str]]) -> list[Hop]:
    """Who speaks: those with a name first, then by how many questions each answers."""
    hops: dict[str, Hop] = {}
    answered: dict[str, set[str]] = defaultdict(set)
    count: Counter[str] = Counter()
    for card in cards:
        for hop in card.speakers:
            hops.setdefault(hop.agent.iri, hop)
            answered[hop.agent.iri] |= asked[card.iri]
            count[hop.agent.iri] += 1

    def rank(hop: Hop) -> tuple[bool, int, int, str]:
        iri = hop.agent.iri
        return hop.unnamed, -len(answered[iri]), -count[iri], hop.agent.text.casefold()

    return sorted(hops.values(), key=rank)
