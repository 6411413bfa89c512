"""Statements as a network of who says what, where and about what, for Gephi and the like.

Nodes are statements, agents, sources and events; an arrow leads from who says a
statement, or passes it on, to it, from it to its source and its events, and to the
statements that it relates to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

from pyoxigraph import NamedNode

from graph.extract import Extract
from graph.formats import Format
from graph.rows import StatementRow
from graph.schema import relations
from graph.store import Store
from graph.vocab import ASC, LABELS

GRAPHML = Format("GraphML", "application/graphml+xml", "graphml")
GEXF = Format("GEXF", "application/gexf+xml", "gexf")

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_graphml(extract: Extract, output: IO[bytes]) -> None:
    """Write the network as GraphML, all of it held: some 25 KB a statement (tracemalloc)."""
    import networkx

    networkx.write_graphml(_network(extract), output)


def write_gexf(extract: Extract, output: IO[bytes]) -> None:
    """Write the network as GEXF 1.2, all of it held: some 35 KB a statement (tracemalloc)."""
    import networkx

    networkx.write_gexf(_network(extract), output)


def _network(extract: Extract) -> Any:
    import networkx

    network = networkx.MultiDiGraph()
    store, told = extract.dataset.store, relations()
    for row in extract.rows():
        network.add_node(row.statement, **_statement(row))
        network.add_node(row.source, kind="source", label=_in_xml(row.title or row.source))
        network.add_edge(row.statement, row.source, kind="source")
        for agent, kind in (*_ends(store, row, ASC.speaker), *_ends(store, row, ASC.relay)):
            network.add_node(agent, kind="agent", label=_name(store, agent))
            network.add_edge(agent, row.statement, kind=kind)
        for event, kind in _ends(store, row, ASC.event):
            network.add_node(event, kind="event", label=_name(store, event))
            network.add_edge(row.statement, event, kind=kind)
        for relation in sorted(told, key=str):
            for other, kind in _ends(store, row, relation):
                network.add_edge(row.statement, other, kind=kind)
    network.remove_nodes_from([node for node, kind in network.nodes(data="kind") if not kind])
    return network


def _statement(row: StatementRow) -> dict[str, Any]:
    names = ("polarity", "certainty", "temporality", "said_on", "language")
    return {
        "kind": "statement",
        "label": _in_xml(row.text),
        "statement_kind": row.kind,
        **{name: getattr(row, name) for name in names},
    }


def _ends(store: Store, row: StatementRow, property_: NamedNode) -> Iterator[tuple[str, str]]:
    """Where a statement's property leads, and what the arrow is called."""
    for quad in store.match(NamedNode(row.statement), property_):
        if isinstance(quad.object, NamedNode):
            yield quad.object.value, property_.value.removeprefix(ASC)


def _name(store: Store, iri: str) -> str:
    for label in LABELS:
        for quad in store.match(NamedNode(iri), label):
            return _in_xml(getattr(quad.object, "value", iri))
    return iri


def _in_xml(text: str) -> str:
    """Words without what XML cannot hold at all."""
    return _NOT_IN_XML.sub("\ufffd", text)
