"""A JSON Schema of our JSON-LD documents, made from the shapes and the context.

Each thing that has a shape is a definition, with the properties of all its kinds; what
only some kinds need is optional in it. A value is a thing, its IRI, or either, as the
frames of `graph.jsonld` nest it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pyoxigraph import NamedNode

from graph.context import context
from graph.describe import NAMING, OWNED
from graph.facts import Term
from graph.jsonld import ALWAYS, HOP, NEVER, STATEMENT
from graph.slots import Slot, slots
from graph.vocab import ASC, RDF, XSD, shorten

JSON = dict[str, Any]


def _ref(name: str) -> JSON:
    return {"$ref": f"#/$defs/{name}"}


_IRI, _MENTION, _WORDS, _TYPES = map(_ref, ("Iri", "Mention", "Words", "Types"))
_TEXT: JSON = {"type": "string"}
_TEXTS: JSON = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_COMMON: JSON = {
    "Iri": {**_TEXT, "description": "An IRI, or one of our terms with its prefix."},
    "Types": {"description": "The classes of a thing, one or several.", **_TEXTS},
    "Words": {
        "description": "Words by their language, once or several times.",
        "type": "object",
        "additionalProperties": _TEXTS,
    },
    "Typed": {
        "description": "A value with a datatype that JSON does not have.",
        "type": "object",
        "required": ["type", "@value"],
        "properties": {"type": _TEXT, "@value": _TEXT},
    },
    "Mention": {
        "description": "A thing that is only mentioned: its IRI, classes, and what it is called.",
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": _IRI,
            "type": _TYPES,
            **dict.fromkeys(("label", "prefLabel", "title"), _WORDS),
            "exact": _TEXT,
        },
    },
}
_SCALARS: dict[NamedNode, JSON] = {
    XSD.string: _TEXT,
    XSD.integer: {"type": "integer"},
    XSD.boolean: {"type": "boolean"},
}
_COERCED: dict[NamedNode, JSON] = {
    XSD.dateTime: {**_TEXT, "format": "date-time"},
    XSD.decimal: {**_TEXT, "pattern": r"^[+-]?[0-9]*\.?[0-9]+$"},
}
_BESIDE: JSON = {
    "@context": {
        "description": "Our JSON-LD context, or its address.",
        "anyOf": [_TEXT, {"type": "object"}],
    },
    "text": {
        "description": "The words, with an ellipsis where the source has others in between.",
        **_TEXT,
    },
    "chain": {
        "description": "Who puts it forward: hop after hop, nearest the words first.",
        "type": "array",
        "minItems": 1,
        "items": _ref("Hop"),
    },
    "included": {
        "description": "What no value leads to, such as what points at the statement.",
        "type": "array",
        "items": _MENTION,
    },
}
"""What a statement's document has besides the properties of a statement."""

_WORKED_OUT = frozenset({"@context", "text", "chain", "speaker", "chainDepth", "generatedAt"})
"""What every statement has once it is stored."""


@cache
def json_schema() -> JSON:
    """The schema: at its root a statement's document, and every thing under `$defs`.

    Source: JSON Schema, draft 2020-12.
    """
    found = dict(_COMMON)
    for name in slots().of:
        found[name] = _definition(name, {}, found)
    found["Hop"] = _definition("Attribution", HOP, found)
    statement = _definition("Statement", STATEMENT, found)
    found["Statement"] = _object(
        {**statement["properties"], **_BESIDE}, {*statement["required"], *_WORKED_OUT}
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Statement",
        **_ref("Statement"),
        "$defs": dict(sorted(found.items())),
    }


@cache
def json_schema_bytes() -> bytes:
    """The schema as it is served."""
    return (json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n").encode()


@cache
def json_schema_name() -> str:
    """What the schema is called under a base: another name for each content."""
    return f"schema-{hashlib.sha256(json_schema_bytes()).hexdigest()[:12]}.json"


@cache
def definition_of(types: frozenset[NamedNode]) -> str:
    """The name of the definition that fits a thing of these classes; empty if none does."""
    return next(filter(None, map(slots().named, sorted(types, key=str))), "")


def _definition(name: str, frame: Mapping[str, Any], found: JSON) -> JSON:
    """A thing as a frame nests it; the definitions of its lists of concepts go to `found`."""
    properties: JSON = {"id": _IRI, "type": _TYPES}
    needed = {"id", "type"} if slots().has_class(name) else {"id"}
    for slot in slots().of[name].values():
        if term := _terms().get(slot.property.value):
            properties[term] = _property(slot, term, frame, found)
            if slot.least:
                needed.add(term)
    return _object(properties, needed)


def _object(properties: JSON, needed: Iterable[str]) -> JSON:
    return {
        "type": "object",
        "required": sorted(needed),
        "properties": dict(sorted(properties.items())),
    }


def _property(slot: Slot, term: str, frame: Mapping[str, Any], found: JSON) -> JSON:
    told = _told_of(term)
    if told.get("@container") == "@language":
        return _WORDS
    value = _value(slot, told, frame, found)
    if told.get("@container") == "@set":
        least = {"minItems": slot.least} if slot.least else {}
        return {"type": "array", "items": value, **least}
    if slot.most == 1 or slot.derived:
        return value
    return _any_of([value, {"type": "array", "items": value}])


def _value(slot: Slot, told: Mapping[str, Any], frame: Mapping[str, Any], found: JSON) -> JSON:
    if slot.datatypes:
        kinds = [_scalar(each, coerced="@type" in told) for each in slot.datatypes]
        return {**_any_of(kinds), **slot.bounds}
    if told.get("@type") == "@vocab":
        return _any_of([{"enum": sorted(map(_term_of, slot.values))}, _MENTION])
    nested = frame.get(slot.property.value, {})
    if nested == NEVER:
        return _IRI
    node = _node(slot, told, found)
    return node if nested.get("@embed") == ALWAYS["@embed"] else _any_of([_IRI, node])


def _node(slot: Slot, told: Mapping[str, Any], found: JSON) -> JSON:
    if slot.values:
        name = str(told["@id"]).removeprefix(ASC)
        name = name[0].upper() + name[1:]
        iris = {"enum": sorted(map(_term_of, slot.values))}
        found[name] = _object({"id": iris, "prefLabel": _WORDS}, ["id"])
        return _ref(name)
    names = filter(None, map(slots().meant, slot.classes))
    return _any_of([_nested(slot, name) for name in names] or [_MENTION])


def _nested(slot: Slot, name: str) -> JSON:
    """A thing that is described as a whole, or of which only the name is told."""
    needed = {each.property for each in slots().of[name].values() if each.least}
    return _ref(name) if slot.property in OWNED or needed <= NAMING else _MENTION


def _scalar(datatype: NamedNode, *, coerced: bool) -> JSON:
    if coerced and datatype in _COERCED:
        return _COERCED[datatype]
    return _WORDS if datatype == RDF.langString else _SCALARS.get(datatype, _ref("Typed"))


def _any_of(kinds: list[JSON]) -> JSON:
    """One of several schemas; a single one as it is."""
    apart = [each for number, each in enumerate(kinds) if each not in kinds[:number]]
    return apart[0] if len(apart) == 1 else {"anyOf": apart}


@cache
def _terms() -> dict[str, str]:
    """The terms of the context, by the IRI that they stand for."""
    terms = context()["@context"]
    found: dict[str, str] = {}
    for term in terms:
        iri = str(_told_of(term).get("@id", ""))
        prefix, _, local = iri.partition(":")
        namespace = terms.get(prefix)
        found.setdefault(f"{namespace}{local}" if isinstance(namespace, str) else iri, term)
    return found


def _told_of(term: str) -> Mapping[str, Any]:
    """What the context says of a term."""
    told = context()["@context"][term]
    return told if isinstance(told, dict) else {"@id": told}


def _term_of(term: Term) -> str:
    assert isinstance(term, NamedNode)
    return _terms().get(term.value) or shorten(term.value)
