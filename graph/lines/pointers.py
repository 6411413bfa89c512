"""Where each triple of a JSON-LD document stands, as a JSON pointer.

No processor tells which key a triple came from, so the document is read a second
time with a mark in the place of each value and on each object. What the marks come
out next to is then known, whatever the context makes of the keys.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from json.decoder import JSONObject  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import pyoxigraph as ox

from graph.lines.index import LineIndex
from graph.lines.places import Breaks
from graph.parse_worker import inlined
from graph.parsing import contexts_of
from graph.report import Place, Result
from graph.vocab import RDF

_MARK = "urn:ascribe:place:"
_HERE = _MARK + "here"
_DEEPEST = 100
_TRANSPARENT = {"@graph", "@included", "@reverse", "@set", "@list"}


class At(NamedTuple):
    """A value of the document and where it stands; objects hold values by key."""

    start: int
    end: int
    value: Any

    @property
    def parts(self) -> list[At]:
        """The values that it holds, in the order of the text."""
        return [*(self.value.values() if isinstance(self.value, dict) else self.value)]


class Spot(NamedTuple):
    """A value or object that the result speaks of, with the pointer to it."""

    pointer: str
    at: At


class PointerIndex(LineIndex):
    """The pointers of a JSON-LD document, by what the result is about."""

    def __init__(self, data: bytes, base: str) -> None:
        super().__init__()
        text = data.decode()
        self._breaks = Breaks(text)
        self._spots: list[Spot] = []
        self._objects: dict[str, list[int]] = defaultdict(list)
        self._values: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._terms = _Terms(inlined(json.loads(text), contexts_of(base)))
        self.root: At = _Decoder().decode(text)
        self._learn(self._probe(self.root, "", 0), base)

    def place_of(self, result: Result) -> Place | None:
        """The object or value that a result is about; `near` where it is one of several."""
        objects = self._objects.get(result.focus)
        if not objects:
            return None
        held = self._values.get((result.focus, result.path or ""), [])
        fitting = [spot for spot in held if _may_be(self._spots[spot].at, result.value)]
        if len(fitting) == 1 or (held and len(held) == 1):
            return self._place((fitting or held)[0])
        if result.path == RDF.type.value and len(objects) == 1:
            return self._place(objects[0], near=True)
        return self._place((held or objects)[0], near=len(held or objects) > 1, whole=bool(held))

    def objects_of(self, focus: str) -> list[Spot]:
        """The objects that describe a resource."""
        return [self._spots[each] for each in self._objects.get(focus, ())]

    def values_of(self, focus: str, path: str, value: str | None = None) -> list[Spot]:
        """The values of a property, or those that could be one in N-Triples syntax."""
        spots = [self._spots[each] for each in self._values.get((focus, path), ())]
        return [each for each in spots if value is None or _may_be(each.at, value)]

    def types_of(self, at: At) -> list[tuple[str, At]]:
        """The keys under which an object has its types, with what stands there."""
        return [(k, v) for k, v in at.value.items() if self._terms.keyword(k) == "@type"]

    def _place(self, spot: int, *, near: bool = False, whole: bool = False) -> Place:
        pointer, at = self._spots[spot]
        line, column = self._breaks.at(at.start)
        if near and whole:
            pointer = pointer.rpartition("/")[0]
        return Place(line, column, pointer or "/", near)

    def _learn(self, probe: Any, base: str) -> None:
        for quad in quads_of(probe, base):
            focus, path, value = quad.subject, quad.predicate.value, quad.object
            if not isinstance(focus, ox.NamedNode):
                continue
            if path == _HERE and isinstance(value, ox.Literal):
                self._objects[focus.value].append(int(value.value))
            elif isinstance(value, ox.NamedNode) and value.value.startswith(_MARK):
                self._values[focus.value, path].append(int(value.value.removeprefix(_MARK)))

    def _mark(self, pointer: str, at: At) -> int:
        self._spots.append(Spot(pointer, at))
        return len(self._spots) - 1

    def _probe(self, at: At, pointer: str, depth: int) -> Any:
        """The document with marks in the place of its values."""
        if depth > _DEEPEST:
            raise RecursionError
        if isinstance(at.value, list):
            return [
                self._probe(each, f"{pointer}/{number}", depth + 1)
                for number, each in enumerate(at.value)
            ]
        keywords = {self._terms.keyword(key) for key in at.value} if _is_object(at) else {"@value"}
        if "@value" in keywords:
            return {"@id": f"{_MARK}{self._mark(pointer, at)}"}
        out: dict[str, Any] = dict(self._members(at, pointer, depth))
        if not keywords & {"@set", "@list"}:
            out[_HERE] = {"@value": str(self._mark(pointer, at))}
        return out

    def _members(self, at: At, pointer: str, depth: int) -> Iterator[tuple[str, Any]]:
        for key, each in at.value.items():
            here = f"{pointer}/{_escaped(key)}"
            keyword = self._terms.keyword(key)
            if keyword.startswith("@") and keyword not in _TRANSPARENT:
                yield key, _plain(each.value)
            elif self._terms.is_map(key) and _is_object(each):
                inner = [
                    self._probe(part, f"{here}/{_escaped(name)}", depth + 1)
                    for name, part in each.value.items()
                ]
                yield self._terms.iri(key), inner
            else:
                yield key, self._probe(each, here, depth + 1)


def quads_of(document: Any, base: str) -> Iterator[ox.Quad]:
    """What a document says that has been read once, in a process that may die of it."""
    data = json.dumps(inlined(document, contexts_of(base)))
    return ox.parse(data, ox.RdfFormat.JSON_LD, base_iri=base)


class _Terms:
    """What the contexts of a document say of its keys."""

    def __init__(self, document: Any) -> None:
        self._defined: dict[str, Any] = {}
        self._gather(document, 0)

    def keyword(self, key: str) -> str:
        """The keyword that a key stands for, else the key."""
        defined = self._defined.get(key)
        return defined if isinstance(defined, str) and defined.startswith("@") else key

    def is_map(self, key: str) -> bool:
        """Whether the key's object holds values by language or index."""
        defined = self._defined.get(key)
        container = defined.get("@container", ()) if isinstance(defined, dict) else ()
        held = {container} if isinstance(container, str) else {*container}
        return bool(held & {"@language", "@index"})

    def iri(self, key: str) -> str:
        """What the key stands for, for a place where its container must not count."""
        return str(self._defined[key].get("@id", key))

    def _gather(self, value: Any, depth: int) -> None:
        if depth > _DEEPEST:
            raise RecursionError
        if isinstance(value, list):
            for each in value:
                self._gather(each, depth + 1)
        if isinstance(value, dict):
            context = value.get("@context", ())
            for each in context if isinstance(context, list) else [context]:
                if isinstance(each, dict):
                    self._defined.update(each)
            for each in value.values():
                self._gather(each, depth + 1)


class _Decoder(json.JSONDecoder):
    """A reader of JSON that notes where each value begins."""

    def __init__(self) -> None:
        super().__init__()
        self.parse_object = self._object
        self.parse_array = self._array
        self._scan = py_make_scanner(self)
        self.scan_once = self._noting

    def _noting(self, text: str, start: int) -> tuple[At, int]:
        value, end = self._scan(text, start)
        return At(start, end, value), end

    def _object(self, at: tuple[str, int], strict: bool, *_: Any) -> tuple[Any, int]:
        pairs, end = JSONObject(at, strict, self._noting, None, list)
        return dict(pairs), end

    def _array(self, at: tuple[str, int], *_: Any) -> tuple[Any, int]:
        values, end = json.decoder.JSONArray(at, self._noting)  # type: ignore[attr-defined]
        return values, end


def _is_object(at: At) -> bool:
    return isinstance(at.value, dict)


def _plain(value: Any) -> Any:
    """A value without places."""
    if isinstance(value, dict):
        return {key: _plain(each.value) for key, each in value.items()}
    return [_plain(each.value) for each in value] if isinstance(value, list) else value


def _may_be(at: At, value: str | None) -> bool:
    """Whether what is written in the document could be a result's value."""
    if value is None:
        return False
    written = _plain(at.value)
    if isinstance(written, dict):
        written = written.get("@value", written.get("@id"))
    if value.startswith("<"):
        local = str(written).rpartition(":")[2]
        return bool(local) and value.endswith((f"{local}>", f"{written}>"))
    if isinstance(written, bool | None):
        written = json.dumps(written)
    lexical = value[: value.rfind('"') + 1]
    return lexical == str(ox.Literal(str(written)))


def _escaped(key: str) -> str:
    """A key as part of a pointer.

    Source: RFC 6901, section 3.
    """
    return key.replace("~", "~0").replace("/", "~1")
