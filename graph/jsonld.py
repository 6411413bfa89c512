"""JSON-LD that reads like JSON: a statement is one object, with its words, voices and source.

Nothing is lost by it. What no value leads to stands under `included`; the hops of a
statement stand under `chain`, in their order, since both names mean `@included`. `text`
repeats the words of the spans for readers of JSON, and means nothing in RDF.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from graph.context import context
from graph.errors import BadInput
from graph.facts import Term
from graph.selectors import BETWEEN
from graph.vocab import ASC, PROV

_FIRST = ("@context", "id", "type", "text", "speaker", "chain", "source", "event")
NEVER = {"@embed": "@never"}
ALWAYS = {"@embed": "@always"}
_SPAN = {**ALWAYS, ASC.inVersion.value: NEVER}
_TIME = {**ALWAYS, ASC.timeSpan.value: _SPAN}
STATEMENT: dict[str, Any] = {
    PROV.wasAttributedTo.value: NEVER,
    ASC.attribution.value: NEVER,
    ASC.contentSpan.value: _SPAN,
    ASC.timeMention.value: _TIME,
    **dict.fromkeys((ASC.speaker.value, ASC.relay.value, ASC.source.value), ALWAYS),
    **dict.fromkeys((ASC.polarity.value, ASC.certainty.value, ASC.temporality.value), ALWAYS),
    ASC.event.value: ALWAYS,
}
"""What the object of a statement holds as objects, whatever else holds it too."""
HOP: dict[str, Any] = {
    ASC.relayedBy.value: NEVER,
    **dict.fromkeys((ASC.cueSpan.value, ASC.agentSpan.value), _SPAN),
    ASC.saidAt.value: _TIME,
    **dict.fromkeys((ASC.agent.value, ASC.act.value), ALWAYS),
}
"""The same for one hop of its chain."""


_OURS = {"@context": "urn:ascribe:context"}
"""Our context by a name under which PyLD keeps it: by its content it took a quarter longer."""


def _only_ours(url: str, _options: object) -> dict[str, Any]:
    if url != _OURS["@context"]:
        raise BadInput(f"The context {url} would have to be fetched, and that is never done.")
    return {"contextUrl": None, "documentUrl": url, "document": context(), "tag": "static"}


_OPTIONS = {
    **{"omitGraph": True, "embed": "@once", "omitDefault": True},
    "documentLoader": _only_ours,
}


def as_jsonld(quads: Iterable[Quad | Triple], iri: str = "") -> dict[str, Any]:
    """Quads as compact JSON-LD; with `iri`, one nested object about it.

    Source: JSON-LD 1.1 Framing, by PyLD.
    """
    from pyld import jsonld  # 80 ms, only where needed

    triples = {each.triple if isinstance(each, Quad) else each for each in quads}
    dataset = {"@default": [_as_pyld_has_it(each) for each in sorted(triples, key=str)]}
    expanded = jsonld.from_rdf(dataset, {"useNativeTypes": True})
    nodes = {node["@id"]: node for node in expanded}
    if iri not in nodes:
        return dict(jsonld.compact(expanded, _OURS, _OPTIONS)) | context()
    hops = [*_hops(nodes, iri)]
    met = _reached(nodes, [iri], hops)
    (tree,) = _framed(nodes, met, {"@id": iri, **(STATEMENT if hops else {})})
    if hops:
        voices = {*hops, *_reached(nodes, hops, hops)}
        held = _framed(nodes, voices, {"@id": hops, **HOP})
        tree["chain"] = sorted(held, key=lambda hop: hops.index(hop["id"]))
        met |= voices
    if rest := [node for name, node in nodes.items() if name not in met]:
        tree["included"] = _nodes_in(jsonld.compact(rest, _OURS, _OPTIONS))
    tree |= context()
    if words := _words(tree.get("contentSpan", [])):
        tree["text"] = words
    return {name: tree[name] for name in sorted(tree, key=_place)}


def _as_pyld_has_it(triple: Triple) -> dict[str, dict[str, str]]:
    """A triple for PyLD, whose own reader of N-Quads leaves `\\u0001` as it is written, takes
    a backslash before an n for a line's end, and stops at U+2028."""
    parts = ("subject", "predicate", "object")
    return {part: _term(each) for part, each in zip(parts, triple, strict=True)}


def _term(term: Term) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "IRI", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "blank node", "value": str(term)}
    if not isinstance(term, Literal):
        raise BadInput("JSON-LD has no triple terms: name another format.")
    told = {"type": "literal", "value": term.value, "datatype": term.datatype.value}
    return told | ({"language": term.language} if term.language else {})


def _framed(nodes: dict[str, Any], names: set[str], frame: dict[str, Any]) -> list[dict[str, Any]]:
    from pyld import jsonld

    held = [node for name, node in nodes.items() if name in names]
    return _nodes_in(jsonld.frame(held, {**_OURS, **frame}, _OPTIONS))


def _nodes_in(tree: dict[str, Any]) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = tree.get("graph", [tree])
    return [{name: node[name] for name in node if name != "@context"} for node in nodes]


def _hops(nodes: dict[str, Any], iri: str) -> Iterator[str]:
    """The hops of a statement, each chain outward, those that chains share once."""
    met: set[str] = set()
    for first in _values(nodes[iri], ASC.attribution.value):
        hop: str | None = first
        while hop in nodes and hop not in met:
            met.add(hop)
            yield hop
            hop = next(_values(nodes[hop], ASC.relayedBy.value), None)


def _values(node: dict[str, Any], name: str) -> Iterator[str]:
    return (each["@id"] for each in node.get(name, ()) if "@id" in each)


def _reached(nodes: dict[str, Any], roots: list[str], apart: list[str]) -> set[str]:
    """What can be got to from some nodes by their values, past none of those apart."""
    met, waiting = {*roots}, [*roots]
    while waiting:
        node = nodes[waiting.pop()]
        for name in (name for name in node if not name.startswith("@")):
            new = {each for each in _values(node, name) if each in nodes} - met - {*apart}
            met |= new
            waiting += new
    return met


def _words(spans: list[Any]) -> str:
    """The words of a statement, an ellipsis standing for what lies between the spans."""
    pieces = [span for span in spans if isinstance(span, dict) and "exact" in span]
    return BETWEEN.join(each["exact"] for each in sorted(pieces, key=lambda each: each["start"]))


def _place(name: str) -> tuple[int, str]:
    rank = _FIRST.index(name) if name in _FIRST else len(_FIRST) + (name == "included")
    return rank, name
