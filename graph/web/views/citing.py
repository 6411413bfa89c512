"""A statement as others refer to it: a BibTeX entry, and JSON-LD for those who read pages."""

from __future__ import annotations

import json
import re

from graph.forms.bibliography import bibtex as entry
from graph.forms.bibliography import names, tex
from graph.web.views.cards import Card

_UNSAFE_IN_A_SCRIPT = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


def bibtex(card: Card, recorded: str) -> str:
    """A BibTeX entry of a statement: who says it, where, according to whom.

    Shape: one line for each field; in every value TeX's own characters are escaped.
    """
    relays = [hop.agent.text for chain in card.chains for hop in chain[1:] if not hop.narrator]
    key = re.sub(r"[^a-z0-9-]", "", card.iri.rpartition("/")[2])
    fields = {
        "author": names([hop.agent.text for hop in card.speakers]),
        "title": f"{{{tex(card.text)}}}",
        "howpublished": tex(f"{card.title.text}, {card.start}-{card.end}"),
        "note": tex(f"via {', '.join(dict.fromkeys(relays))}" if relays else ""),
        "year": next(iter(re.findall(r"\b\d{4}\b", recorded)), ""),
        "url": card.iri,
    }
    return entry("misc", f"ascribe-{key}", fields)


def structured(card: Card) -> str:
    """What the page shows of a statement, in schema.org's words, for a script element.

    Shape: JSON in which no character can end the element; all there is to say is in the
        JSON-LD document that the page links.
    """
    told = {
        "@context": "http://schema.org/",
        "@id": card.iri,
        "@type": "Quotation" if card.kind.direct else "Claim",
        "text": card.text,
        "inLanguage": card.language,
        "creator": [{"@id": hop.agent.iri, "name": hop.agent.text} for hop in card.speakers],
        "isPartOf": {"@id": card.version, "@type": "CreativeWork", "name": card.title.text},
    }
    return json_in_page({name: each for name, each in told.items() if each})


def json_in_page(value: object) -> str:
    """A value as JSON for a script element, which none of its characters can end."""
    return json.dumps(value, ensure_ascii=False).translate(_UNSAFE_IN_A_SCRIPT)
