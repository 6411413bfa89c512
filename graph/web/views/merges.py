"""Who is shown under another's name, and in whose judgement."""

from __future__ import annotations

from dataclasses import dataclass

from graph.vocab import ASC, ASCV, DCTERMS, PROV
from graph.web.views.facts import Facts
from graph.web.views.times import clock


@dataclass(frozen=True, slots=True)
class Merged:
    """One that a thing stands for: the judgement to that effect, whose, when and why."""

    iri: str
    judgement: str
    judge: str
    when: str
    because: str


def merged_in(facts: Facts, iri: str) -> tuple[Merged, ...]:
    """All that a thing stands for, of those that were judged to be one with something."""
    return tuple(
        Merged(
            gone,
            judgement,
            facts.text(judgement, ASC.judgedBy) or "",
            clock(facts.text(judgement, PROV.endedAtTime) or ""),
            facts.text(assessment, ASC.rationale) or "",
        )
        for gone in facts.pointing_at(iri, DCTERMS.isReplacedBy)
        for assessment in facts.pointing_at(gone, ASC.object)
        for judgement in facts.pointing_at(assessment, ASC.judged)
        if facts.iri(judgement, ASC.verdict) == ASCV.confirmed.value
    )
