"""A statement as others refer to it: a BibTeX entry, and JSON-LD for those who read pages."""

from __future__ import annotations

import json
import re

from graph.web.views.cards import Card

_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{each: f"\\{each}" for each in "{}%&#_$"},
    }
)
_UNSAFE_IN_A_SCRIPT = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


def bibtex(card: Card, recorded: str) -> str:
    """A BibTeX entry of a statement: who says it, where, according to whom.

    Shape: one line for each field; in every value TeX's own characters are escaped.
    """
    names = [hop.agent.text for hop in card.speakers]
    relays = [hop.agent.text for chain in card.chains for hop in chain[1:] if not hop.narrator]
    key = re.sub(r"[^a-z0-9-]", "", card.iri.rpartition("/")[2])
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in names),
        "title": f"{{{_tex(card.text)}}}",
        "howpublished": _tex(f"{card.title.text}, {card.start}-{card.end}"),
        "note": _tex(f"via {', '.join(dict.fromkeys(relays))}" if relays else ""),
        "year": next(iter(re.findall(r"\b\d{4}\b", recorded)), ""),
        "url": card.iri,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{ascribe-{key},", *lines, "}"])


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
    text = json.dumps({name: each for name, each in told.items() if each}, ensure_ascii=False)
    return text.translate(_UNSAFE_IN_A_SCRIPT)


def _tex(text: str) -> str:
    return " ".join(text.split()).translate(_TEX)
