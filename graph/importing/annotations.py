"""Annotations of a text: Web Annotation, and what Hypothesis exports or its service answers.

Ours say who spoke, through whom; of others the words that are pointed at are a statement
of their source, and what the annotator remarks on them is kept as a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graph.importing.rows import Row
from graph.importing.trees import Node
from graph.model import Statement
from graph.selectors import BETWEEN
from graph.vocab import ASC, DCTERMS, FOAF, OA, RDF

_OURS = re.compile(r"\S*statement/\S+")
_ACCORDING = ", according to "


def read_annotations(nodes: Iterable[Node]) -> Iterator[Row]:
    """The rows of each annotation that quotes the words that it points at.

    Source: Web Annotation Data Model, sections 3.2 and 4.2.4.
    """
    for number, each in enumerate((n for n in nodes if "Annotation" in n.types), 1):
        bodies = each.nodes(OA.hasBody.value)
        texts = [
            *(text for body in bodies if (text := body.text(RDF.value.value))),
            *each.texts(OA.bodyValue.value),
        ]
        ours = any(_OURS.fullmatch(body.iri) for body in bodies)
        quotes, source = [], ""
        for target in each.nodes(OA.hasTarget.value):
            source = target.text(OA.hasSource.value) or source
            for selector in target.nodes(OA.hasSelector.value):
                if "TextQuoteSelector" in selector.types:
                    names = (OA.exact.value, OA.prefix.value, OA.suffix.value)
                    quotes.append(tuple(selector.verbatim(name) for name in names))
        creator = next((n.text(FOAF.name.value) for n in each.nodes(DCTERMS.creator.value)), "")
        told = {"source": source, **_quoted(quotes), **_voices(texts, ours), "creator": creator}
        yield _row(number, each.iri, told)


def read_hypothesis(notes: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """The rows of each note that Hypothesis exported or its service answered with.

    Source: Hypothesis API, version 1.
    """
    for number, note in enumerate(notes, 1):
        selectors = [
            selector
            for target in note.get("target", ())
            for selector in target.get("selector", ())
            if selector.get("type") == "TextQuoteSelector"
        ]
        quotes = [
            tuple(str(s.get(n, "")) for n in ("exact", "prefix", "suffix")) for s in selectors
        ]
        if not quotes:
            continue  # a note on a page, or an answer to another
        words, _, rest = str(note.get("text", "")).partition("\n\n")
        ours = bool(_OURS.fullmatch(rest.strip()))
        tags = [str(tag) for tag in note.get("tags", ())]
        kinds = [tag for tag in tags if f"{ASC}{tag}" in Statement.classes] if ours else []
        titles = note.get("document", {}).get("title", ())
        told = {
            "source": str(note.get("uri", "")),
            "title": str(next(iter([titles] if isinstance(titles, str) else titles), "")),
            "kind": next(iter(kinds), ""),
            "creator": str(note.get("user", "")).removeprefix("acct:"),
            **_quoted(quotes),
            **_voices([words] if ours else [str(note.get("text", ""))], ours),
        }
        yield _row(number, str(note.get("id", "")), told)


def _quoted(quotes: list[tuple[str, ...]]) -> dict[str, str]:
    """The words, with what stands before the first and after the last of them."""
    if not quotes:
        return {}
    words = BETWEEN.join(exact for exact, _, _ in quotes)
    return {"text": words, "prefix": quotes[0][1], "suffix": quotes[-1][2]}


def _voices(texts: list[str], ours: bool) -> dict[str, str]:
    """Who says it, according to whom; of somebody else's annotation, what they remark."""
    text = next((each for each in texts if each.strip()), "")
    if not ours:
        return {"note": "\n\n".join(texts).strip()}
    speakers, _, voices = text.partition(_ACCORDING)
    return {"speaker_name": speakers, "according_to": voices}


def _row(number: int, iri: str, told: Mapping[str, str]) -> Row:
    source = told.get("source", "")
    address = {"url": source} if source.startswith(("http://", "https://")) else {}
    cells = {name: value for name, value in {**told, **address}.items() if value.strip()}
    return Row(f"annotation {iri or number}", 0, cells, {"text": "exact"})
