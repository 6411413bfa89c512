"""The kinds of statement in the words of a page: a badge and what it means."""

from __future__ import annotations

from typing import NamedTuple

from graph.vocab import ASC


class Kind(NamedTuple):
    """A kind of statement.

    Shape: `direct` says that the words are the speaker's own, which is the
        only case in which a page puts them between quotation marks; `iri` is
        the class.
    """

    badge: str
    note: str
    direct: bool = False
    iri: str = ""


_OWN_WORDS = "The speaker's own words, as the source has them."
_RETOLD = "Retold in the words of whoever passes it on, hence no quotation marks."
_IN_MIND = "as the source reports it; nobody is quoted."

_KINDS = {
    "DirectQuotation": Kind("direct quote", _OWN_WORDS, direct=True),
    "BlockQuotation": Kind(
        "direct quote", f"{_OWN_WORDS} They stand as a passage of their own.", direct=True
    ),
    "MixedQuotation": Kind("partly quoted", "Partly retold and partly quoted word for word."),
    "IndirectSpeech": Kind("reported speech", _RETOLD),
    "SpeechActReport": Kind("reported speech", f"The report of an act of speaking. {_RETOLD}"),
    "ReportedBelief": Kind("belief", f"What somebody believes, {_IN_MIND}"),
    "ReportedDesire": Kind("wish", f"What somebody wants, {_IN_MIND}"),
    "ReportedIntention": Kind("intention", f"What somebody means to do, {_IN_MIND}"),
    "ReportedPerception": Kind("perception", f"What somebody noticed, {_IN_MIND}"),
    "ReportedAttitude": Kind("attitude", f"What somebody has in mind, {_IN_MIND}"),
    "HeadlineAssertion": Kind("headline", "The headline says this in its own voice."),
    "NarratorAssertion": Kind("narrator", "The source says this in its own voice."),
    "Presupposition": Kind("presupposition", "Taken for granted in passing, not said outright."),
    "Paratext": Kind("source list or credit", "Kept on record; it says nothing of the event."),
}
_TRANSLATED = Kind(
    "direct quote, translated", "The speaker's words in somebody's translation.", direct=True
)
_ANY = Kind("statement", "How it was said is not recorded.")


def kind_of(class_iri: str | None, translated: bool = False) -> Kind:
    """The badge and note for a class of statements, whose words a translator may have made."""
    found = _KINDS.get((class_iri or "").removeprefix(ASC), _ANY)
    if translated and found.direct:
        found = _TRANSLATED
    return found._replace(iri=class_iri or "")
