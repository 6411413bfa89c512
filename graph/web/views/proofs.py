"""Have the quotes of a source been compared with its text, by what and when?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from graph.texts import TextArchive
from graph.vocab import ASC, PROV
from graph.web.views.facts import Facts
from graph.web.views.names import Name, name_of
from graph.web.views.times import clock
from graph.web.words import say


class Checked(Enum):
    """How we know that quoted words stand in the text."""

    HERE = "compared with the archived text"
    BEFORE = "an earlier check is on record"
    NOT = "not checked"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known about the quotes of one version."""

    checked: Checked
    sha256: str
    quotes: int | None = None
    when: str = ""
    tool: str = ""
    checker: Name | None = None
    review: str = ""

    @property
    def badge(self) -> str:
        """One of the two words that pages use."""
        return say("proof.unchecked" if self.checked is Checked.NOT else "proof.checked")


def proof_of(facts: Facts, texts: TextArchive, version: str) -> Proof:
    """What is known about a version's quotes.

    Shape: a recorded check counts only if it names the version's own digest.
    """
    sha256 = facts.text(version, ASC.sha256) or ""
    if sha256 and texts.get(sha256) is not None:
        return Proof(Checked.HERE, sha256)
    for review in facts.pointing_at(version, ASC.reviewed):
        if sha256 and facts.text(review, ASC.textDigest) == sha256:
            return _recorded(facts, review, sha256)
    return Proof(Checked.NOT, sha256)


def proof_of_statement(facts: Facts, texts: TextArchive, statement: str, version: str) -> Proof:
    """What is known about the words of one statement."""
    proof = proof_of(facts, texts, version)
    if facts.text(statement, ASC.verbatim) in ("true", "1"):
        return Proof(Checked.HERE, proof.sha256)
    return Proof(Checked.NOT, proof.sha256) if proof.checked is Checked.HERE else proof


def _recorded(facts: Facts, review: str, sha256: str) -> Proof:
    checker = facts.iri(review, PROV.wasAssociatedWith)
    tool = (facts.text(review, ASC.tool), facts.text(review, ASC.toolVersion))
    return Proof(
        Checked.BEFORE,
        sha256,
        facts.number(review, ASC.quotesChecked),
        clock(facts.text(review, PROV.endedAtTime) or ""),
        " ".join(part for part in tool if part),
        name_of(facts, checker) if checker else None,
        review,
    )
