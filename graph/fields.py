"""How a record's fields are written down: the property, the kind of value, one or many."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, NamedTuple

from pyoxigraph import NamedNode

from graph.vocab import ASC


class Kind(Enum):
    """The kinds of value a field takes."""

    IRI = "iri"
    TEXT = "text with a language"
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "integer or decimal"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "year, month, day or dateTime"
    DATE_TIME = "dateTime"


class Text(NamedTuple):
    """Words and the language they are in (BCP 47)."""

    words: str
    language: str = "en"


class Written(NamedTuple):
    """How a field is written: its property, its kind, and whether it repeats."""

    property: NamedNode
    kind: Kind
    many: bool


def one(term: NamedNode, kind: Kind = Kind.IRI) -> Any:
    """A field with at most one value."""
    return field(default=None, metadata={"written": Written(term, kind, many=False)})


def many(term: NamedNode, kind: Kind = Kind.IRI) -> Any:
    """A field with any number of values, sorted."""
    return field(default=(), metadata={"written": Written(term, kind, many=True)})


Iris = tuple[str, ...]
Texts = tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Anything with an IRI and types; repeating fields are sorted."""

    classes: ClassVar[frozenset[str]] = frozenset()
    """The IRIs of the classes whose members are written as this record."""

    iri: str
    types: Iris


def class_iris(*terms: NamedNode) -> frozenset[str]:
    """The IRIs of some classes."""
    return frozenset(term.value for term in terms)


def asc_classes(names: str) -> frozenset[str]:
    """The IRIs of some of our own classes, named in one string."""
    return class_iris(*(ASC.term(name) for name in names.split()))
