"""A change of some triples as an edit of the JSON-LD that states them.

A value can be written in many ways, of which a context allows some. So the ways are
tried, the shortest first, and that one is taken after which the document says what it
said, less what goes and with what comes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode

from graph.facts import Term
from graph.lines.pointers import At, PointerIndex, quads_of
from graph.mending.change import Change, Triple3, edited_by_trial, named_triples
from graph.vocab import RDF, XSD, shorten

_SPACE = re.compile(r"\s*")
_COMMA = re.compile(r"\s*,")


class _Slot(NamedTuple):
    """A value among those of an object or array, whose `number` it is."""

    holder: At
    number: int

    @property
    def at(self) -> At:
        return self.holder.parts[self.number]

    @property
    def before(self) -> int:
        """The end of what stands before it: another value, or the bracket."""
        return self.holder.parts[self.number - 1].end if self.number else self.holder.start + 1


def edited_document(text: str, change: Change, base: str) -> str | None:
    """The text with some triples taken out and others put in; None where it cannot be done."""
    return edited_by_trial(
        text,
        change,
        lambda each: _triples_in(each, base),
        lambda each, said, old, new: _ways(each, said, old, new, base),
    )


def _triples_in(text: str, base: str) -> set[Triple3]:
    """What a document says of nodes that have a name; nothing if it cannot be read."""
    with suppress(SyntaxError, ValueError):
        return named_triples(quads_of(json.loads(text), base))
    return set()


def _ways(
    text: str, said: set[Any], old: Triple3 | None, new: Triple3 | None, base: str
) -> Iterator[str]:
    """The texts that might come of one triple going, coming, or giving way to another."""
    index = PointerIndex(text.encode(), base)
    if old is None:
        yield from _with_added(text, index, said, new, base) if new else ()
        return
    slots = _slots(index, old)
    values = [*map(_json, _values(new, base))] if new else [None]
    for chosen in (slots, *([each] for each in slots if len(slots) > 1)):
        for value in values if chosen else ():
            yield _spliced(text, [_replaced(text, index.root, each, value) for each in chosen])


def _replaced(text: str, root: At, slot: _Slot, value: str | None) -> tuple[int, int, str]:
    return _cut(text, root, slot) if value is None else (slot.at.start, slot.at.end, value)


def _slots(index: PointerIndex, triple: Triple3) -> list[_Slot]:
    """Where a triple seems to be stated."""
    focus, path, value = triple
    if not isinstance(focus, NamedNode):
        return []
    found = [each.at for each in index.values_of(focus.value, path.value, str(value))]
    for about in index.objects_of(focus.value):
        if isinstance(value, NamedNode):
            linked = [each.at for each in index.objects_of(value.value)]
            found += [at for at in linked if any(at is each for each in _held(about.at))]
        if path == RDF.type:
            types = [each for _, held in index.types_of(about.at) for each in _listed(held)]
            found += [each for each in types if _names(value, str(each.value))]
    slots = (_slot_of(index.root, at) for at in found)
    return [each for each in slots if each]


def _held(about: At) -> Iterator[At]:
    """The values of an object's members, those in lists one by one."""
    for each in about.parts:
        yield from _listed(each)


def _listed(at: At) -> list[At]:
    return at.parts if isinstance(at.value, list) else [at]


def _names(value: Term, written: str) -> bool:
    local = written.rpartition(":")[2]
    return bool(local) and str(value).endswith((f"{local}>", f"{written}>"))


def _slot_of(holder: At, at: At) -> _Slot | None:
    """The place of a value below another."""
    for number, each in enumerate(holder.parts):
        if each is at:
            return _Slot(holder, number)
        if isinstance(each.value, dict | list) and each.start <= at.start < each.end:
            return _slot_of(each, at)
    return None


def _cut(text: str, root: At, slot: _Slot) -> tuple[int, int, str]:
    """What to take out so that a value goes, and what holds nothing else."""
    parts = slot.holder.parts
    if isinstance(slot.holder.value, list) and len(parts) == 1:
        above = _slot_of(root, slot.holder)
        if above is not None:
            return _cut(text, root, above)
    if slot.number:
        return slot.before, slot.at.end, ""
    comma = _COMMA.match(text, slot.at.end)
    if comma is None:
        return slot.before, slot.at.end, ""
    return slot.before, _space(text, comma.end()).end(), _space(text, slot.before)[0]


def _with_added(
    text: str, index: PointerIndex, said: set[Any], new: Triple3, base: str
) -> Iterator[str]:
    """The texts in which one more triple is stated, by the side of others of its subject."""
    focus, path, _ = new
    if not isinstance(focus, NamedNode):
        return
    others = [each for each in said if each[:2] == (focus, path) and each != new]
    held = [slot for each in others for slot in _slots(index, each)]
    for value in map(_json, _values(new, base)):
        for slot in held:
            yield _spliced(text, [_beside(text, slot, value)])
        for spot in index.objects_of(focus.value) if not held else ():
            for key in (*_keys(path), path.value):
                yield _spliced(text, [_after(text, spot.at, f"{_json(key)}: {value}")])


def _beside(text: str, slot: _Slot, value: str) -> tuple[int, int, str]:
    """One more value where there is one already, or a list of them."""
    if isinstance(slot.holder.value, list):
        return _after(text, slot.holder, value)
    return slot.at.start, slot.at.end, f"[{text[slot.at.start : slot.at.end]}, {value}]"


def _after(text: str, holder: At, what: str) -> tuple[int, int, str]:
    """One more member at the end of an object or array, spaced like the one before it."""
    if not holder.parts:
        return holder.start + 1, holder.start + 1, what
    last = _Slot(holder, len(holder.parts) - 1)
    comma = _COMMA.match(text, last.before) if last.number else None
    space = _space(text, comma.end() if comma else last.before)[0] or " "
    return last.at.end, last.at.end, f",{space}{what}"


def _space(text: str, start: int) -> re.Match[str]:
    found = _SPACE.match(text, start)
    assert found is not None, "none of it is space enough"
    return found


def _keys(path: NamedNode) -> list[str]:
    if path == RDF.type:
        return ["@type"]
    return [path.value.rpartition("#")[2].rpartition("/")[2], shorten(path.value)]


def _values(triple: Triple3, base: str) -> Iterator[Any]:
    """The ways to write a triple's object, the shortest first."""
    _, path, term = triple
    if isinstance(term, NamedNode):
        iri = term.value
        short = (iri.rpartition("#")[2].rpartition("/")[2], shorten(iri), iri.removeprefix(base))
        names = [*dict.fromkeys((*short, iri))]
        yield from names
        if path != RDF.type:
            yield from ({"@id": name} for name in names[2:])
    elif isinstance(term, Literal):
        if term.datatype in (XSD.integer, XSD.boolean):
            with suppress(ValueError):
                yield json.loads(term.value)
        yield term.value
    yield _in_full(term)


def _in_full(term: Term) -> dict[str, str]:
    """A term as it can be written under any context."""
    if isinstance(term, Literal):
        kind = {"@language": term.language} if term.language else {"@type": term.datatype.value}
        return {"@value": term.value, **kind}
    return {"@id": term.value if isinstance(term, NamedNode) else str(term)}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _spliced(text: str, pieces: list[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(pieces, reverse=True):
        text = text[:start] + new + text[end:]
    return text
