"""The query mix: fourteen kinds of question, each with many subjects to ask it about."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from string import Template

from pyoxigraph import Literal
from world import town, zipf

from graph.kg import KnowledgeGraph

SUBJECTS = {
    "span": "SELECT ?x { ?x asc:inVersion ?version }",
    "statement": "SELECT ?x { ?x asc:source ?version }",
    "agent": "SELECT ?x { ?statement asc:speaker ?x }",
    "event": "SELECT ?x { ?statement asc:event ?x }",
    "version": "SELECT ?x { ?x asc:versionOf ?document }",
}
"""Where subjects are drawn from; who speaks often is asked about often."""

KINDS = {
    "look_up": "span",
    "chain": "statement",
    "speaker": "agent",
    "event": "event",
    "disagreement": "event",
    "counts": "",
    "words": "name",
    "path": "agent",
    "optional": "version",
    "latest": "",
    "construct": "version",
    "describe": "statement",
    "ask": "statement",
    "export": "",
}
"""Each kind of question, and what it is asked about."""

GRAPHS = frozenset({"construct", "describe"})
"""The kinds that are answered with a graph."""

CUT = frozenset({"export"})
"""The kinds whose answer is cut anywhere: only its size can be compared."""

FOLDER = Path(__file__).parent / "queries"
JSON, NTRIPLES = "application/sparql-results+json", "application/n-triples"


@dataclass(frozen=True)
class Question:
    """A kind of question, as so many queries, and the media type it is asked for in."""

    kind: str
    queries: tuple[str, ...]
    accept: str = JSON

    def paths(self, path: str) -> list[str]:
        """Where its queries are sent by GET."""
        return [f"{path}?query={_quoted(query)}" for query in self.queries]


def questions(kg: KnowledgeGraph, each: int, look_ups: int, seed: int = 1) -> dict[str, Question]:
    """The mix over a dataset: `each` subjects for a kind, and so many for look-ups."""
    chance = Random(seed)
    subjects = {
        name: [f"<{iri}>" for (iri,) in kg.query(query).rows] for name, query in SUBJECTS.items()
    }
    subjects["name"] = [str(Literal(town(number))) for number in range(1, 2 * each)]
    found = {}
    for kind, about in KINDS.items():
        many = look_ups if kind == "look_up" else each
        drawn = chance.sample(subjects[about], min(many, len(subjects[about]))) if about else [""]
        texts = (filled(f"{kind}.rq", **({about: term} if about else {})) for term in drawn)
        accept = NTRIPLES if kind in GRAPHS else JSON
        found[kind] = Question(kind, tuple(dict.fromkeys(texts)), accept)
    return found


@cache
def _quoted(query: str) -> str:
    return urllib.parse.quote(query)


def filled(file: str, **terms: str) -> str:
    """A query or update from the folder, as a client sends it: without its comment, its
    `$names` replaced by terms."""
    lines = (FOLDER / file).read_text("utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith("#"))
    return Template(text).substitute(terms)


def stream(mix: Mapping[str, Question], kinds: list[str], length: int, seed: int = 1) -> Question:
    """Questions of some kinds as they come in by a Zipf distribution: few are asked often."""
    chance = Random(seed)
    pool = [query for kind in kinds for query in mix[kind].queries]
    chance.shuffle(pool)
    return Question("stream", tuple(pool[zipf(chance, len(pool)) - 1] for _ in range(length)))
