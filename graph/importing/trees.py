"""JSON-LD documents as trees of nodes; of contexts only those are known that stand here.

A remote context is never fetched. Those of schema.org and of Web Annotation are stood in
for by the few terms that are read here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graph.errors import BadInput, SyntaxFault
from graph.vocab import DCTERMS, FOAF, OA, RDF, SCHEMA

_IRIS = {"@type": "@id"}
_SCHEMA_ORG = {"@vocab": str(SCHEMA), "id": "@id", "type": "@type", "url": _IRIS, "sameAs": _IRIS}
_WEB_ANNOTATION = {
    **{"@vocab": str(OA), "id": "@id", "type": "@type"},
    **{"body": {"@id": OA.hasBody.value, **_IRIS}, "target": {"@id": OA.hasTarget.value, **_IRIS}},
    **{"source": {"@id": OA.hasSource.value, **_IRIS}, "selector": OA.hasSelector.value},
    **{"value": RDF.value.value, "name": FOAF.name.value},
    **{"created": DCTERMS.created.value, "creator": {"@id": DCTERMS.creator.value, **_IRIS}},
    **{"purpose": {"@id": OA.hasPurpose.value, "@type": "@vocab"}},
    **{"items": "https://www.w3.org/ns/activitystreams#items"},
}
_CONTEXTS = {
    re.compile(r"https?://(www\.)?schema\.org(/.*)?"): _SCHEMA_ORG,
    re.compile(r"https?://www\.w3\.org/ns/anno(\.jsonld)?"): _WEB_ANNOTATION,
}
_MOST_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class Node:
    """Something that a document describes, wherever in it that is done."""

    data: dict[str, Any]
    known: dict[str, dict[str, Any]]

    @property
    def iri(self) -> str:
        """Its IRI; empty if it has none."""
        found = str(self.data.get("@id", ""))
        return "" if found.startswith("_:") else found

    @property
    def types(self) -> frozenset[str]:
        """The local names of its classes."""
        return frozenset(re.split("[/#]", each)[-1] for each in self.data.get("@type", ()))

    def texts(self, term: str) -> list[str]:
        """The literals of a property."""
        return [str(each["@value"]) for each in self._values(term) if "@value" in each]

    def verbatim(self, term: str) -> str:
        """The first literal of a property, spaces at its ends and all."""
        return next(iter(self.texts(term)), "")

    def text(self, *terms: str) -> str:
        """The first literal, or else address, of the first of some properties that has one."""
        for term in terms:
            for each in self._values(term):
                found = str(each.get("@value", each.get("@id", ""))).strip()
                if found and not found.startswith("_:"):
                    return found
        return ""

    def nodes(self, *terms: str) -> list[Node]:
        """What some properties lead to."""
        values = (each for term in terms for each in self._values(term))
        return [
            Node(self.known.get(str(each.get("@id", "")), each), self.known)
            for each in values
            if "@value" not in each
        ]

    def _values(self, term: str) -> Iterator[dict[str, Any]]:
        for each in self.data.get(term, ()):
            yield from each.get("@list", (each,))


def nodes_in(tree: Any) -> Iterator[Node]:
    """All things that a JSON-LD document describes, in their order.

    Raises: BadInput for a context that is not known here, and for what is no JSON-LD.
    """
    from pyld import jsonld  # 80 ms, only where needed

    try:
        expanded = jsonld.expand(tree, {"documentLoader": _known_context})
    except jsonld.JsonLdError as error:
        raise _blame(error) from None
    except RecursionError:
        raise BadInput("it is nested too deeply") from None
    held = [*_objects(expanded)]
    known: dict[str, dict[str, Any]] = {}
    for each in held:
        if "@id" in each and len(each) > 1:
            known.setdefault(each["@id"], each)
    yield from (Node(each, known) for each in held if len(each) > ("@id" in each))


def as_tree(data: bytes) -> Any:
    """What some JSON holds.

    Raises: BadInput; SyntaxFault with the place.
    """
    if len(data) > _MOST_BYTES:
        raise BadInput(f"it has {len(data):,} bytes, over the limit of {_MOST_BYTES:,}")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise SyntaxFault(error.msg, line=error.lineno, column=error.colno) from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"it is no JSON that can be read: {error}") from None


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """The node objects of expanded JSON-LD, those within others too."""
    if isinstance(value, list):
        for each in value:
            yield from _objects(each)
    elif isinstance(value, dict) and "@value" not in value:
        https = "https" + str(SCHEMA).removeprefix("http")
        for name in [name for name in value if name.startswith(https)]:
            value[str(SCHEMA) + name.removeprefix(https)] = value.pop(name)
        if not value.keys() & {"@list", "@set"}:
            yield value
        for name, each in value.items():
            if not name.startswith("@") or name in ("@graph", "@list", "@set"):
                yield from _objects(each)


def _known_context(url: str, _options: object) -> dict[str, Any]:
    for pattern, context in _CONTEXTS.items():
        if pattern.fullmatch(url):
            return {"contextUrl": None, "documentUrl": url, "document": {"@context": context}}
    raise BadInput(
        f"the context {url} would have to be fetched, and remote contexts never are: write it "
        "into the document, or use that of schema.org or of Web Annotation"
    )


def _blame(error: BaseException | None) -> BadInput:
    """What a processor's error comes from."""
    found = error
    while found is not None:
        if isinstance(found, BadInput):
            return found
        found = found.__cause__ or getattr(found, "cause", None)
    return BadInput(f"it is no JSON-LD: {str(error).splitlines()[0]}")
