"""That two are one: said by a person, taken back by a person.

Two are merged by an identity assessment that its maker confirms in the same write; the
judgement names the person, in the place of an author. What follows is the merger's.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad

from graph.bundle import Graphs
from graph.errors import BadInput, Conflict, NotFound
from graph.ingest import Writer
from graph.iris import digest
from graph.judging import Judgement, keep
from graph.merging.standing import confirmed
from graph.schema import subclasses
from graph.store import Term
from graph.vocab import ASC, ASCV, RDF, shorten

_KINDS = (ASC.Agent, ASC.Event, ASC.Place, ASC.Post)
_APART = (ASC.Person, ASC.Organization, ASC.Group)


def merge(
    writer: Writer,
    graphs: Graphs,
    kept: NamedNode,
    other: NamedNode,
    name: str,
    *,
    because: str = "",
    by: str = "",
) -> Judgement:
    """Have one thing stand for another wherever the dataset is read, until they are parted.

    Shape: `name` is whose judgement it is, `because` why, in a sentence in English.
    Raises: NotFound if one of them is not described; BadInput if they cannot be one;
        Conflict if they are one already.
    """
    with writer.alone():
        standing = writer.commits.merged.kept
        ends = [standing.get(each, each) for each in (kept, other)]
        if ends[0] == ends[1]:
            raise Conflict(f"{_named(graphs, kept)} and {_named(graphs, other)} are one already.")
        _refuse_unlike(*((each, _kinds(writer, graphs, each)) for each in ends))
        content = (each.value.removeprefix(graphs.base) for each in ends)
        assessment = NamedNode(f"{graphs.base}assessment/identity/{digest(*content)[:16]}")
        made = frozenset(_assessment(graphs, assessment, ends, because))
        return keep(writer, graphs, assessment, "confirmed", name, ends, made, by=by)


def part(
    writer: Writer, graphs: Graphs, one: NamedNode, other: NamedNode, name: str, *, by: str = ""
) -> Judgement:
    """Take back that two are one: all is as it would be if it had never been said.

    Raises: NotFound if nobody said so, naming with whom they are merged.
    """
    with writer.alone():
        pairs = confirmed(writer.commits.stated, graphs)
        wanted = {one.value, other.value}
        for pair in pairs:
            if {pair.kept, pair.gone} == wanted:
                ends = [NamedNode(pair.kept), NamedNode(pair.gone)]
                return keep(
                    writer, graphs, NamedNode(pair.assessment), "withdrawn", name, ends, by=by
                )
    with_whom = [
        f"{_named(graphs, NamedNode(pair.gone))} with {_named(graphs, NamedNode(pair.kept))}"
        for pair in pairs
        if wanted & {pair.kept, pair.gone}
    ]
    known = f" Merged are: {'; '.join(with_whom)}." if with_whom else ""
    raise NotFound(
        f"Nobody merged {_named(graphs, one)} and {_named(graphs, other)}.{known} "
        "`ascribe query --name merged` lists all."
    )


def _kinds(writer: Writer, graphs: Graphs, node: NamedNode) -> set[NamedNode]:
    """The classes of a thing that is described."""
    types = writer.commits.stated.match(node, RDF.type, None, graphs.entities)
    if not types:
        raise NotFound(
            f"{_named(graphs, node)} is no agent, event, place or post that is described here. "
            "`ascribe show IRI` tells what is."
        )
    return {quad.object for quad in types if isinstance(quad.object, NamedNode)}


def _refuse_unlike(
    one: tuple[NamedNode, set[NamedNode]], other: tuple[NamedNode, set[NamedNode]]
) -> None:
    """Refuse to make one of an agent and an event, or of a person and an organization."""
    below = subclasses()
    for classes in (_KINDS, _APART):
        found = [{kind for kind in classes if below[kind] & types} for _, types in (one, other)]
        if all(found) and found[0].isdisjoint(found[1]):
            names = [shorten(min(each, key=str).value) for each in found]
            raise BadInput(
                f"<{one[0].value}> is of the class {names[0]} and <{other[0].value}> of "
                f"{names[1]}: nothing is both, so they cannot be one."
            )


def _assessment(
    graphs: Graphs, node: NamedNode, ends: list[NamedNode], because: str
) -> Iterator[Quad]:
    said: list[tuple[NamedNode, Term]] = [
        (RDF.type, ASC.IdentityAssessment),
        (RDF.type, ASC.Assessment),
        (ASC.subject, ends[0]),
        (ASC.object, ends[1]),
        (ASC.basis, ASCV.inferred),
        *([(ASC.rationale, Literal(because, language="en"))] if because else []),
    ]
    for predicate, value in said:
        yield Quad(node, predicate, value, graphs.judgements)


def _named(graphs: Graphs, node: NamedNode) -> str:
    return f"<{node.value.removeprefix(graphs.base)}>"
