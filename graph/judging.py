"""What people make of assessments: confirmed or rejected, by whom and when.

A judgement names its assessment and not the bundle it came with, so it outlives a
new computation, and a rejected candidate that is found again is rejected still.
One assessment has one judgement; the log remembers those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from graph import catalog
from graph.bundle import Bundle, Graphs
from graph.errors import BadInput, NotFound, Refused
from graph.formats import NQUADS, dumps
from graph.ingest import Writer
from graph.iris import digest
from graph.journal import Write
from graph.store import Term
from graph.validation import validate
from graph.vocab import ASC, ASCV, PROV, RDF

VERDICTS = ("confirmed", "rejected", "withdrawn")
"""What a judgement can be; a withdrawn one leaves the assessment as it was found."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a committed judgement returns."""

    iri: str
    assessment: str
    verdict: str
    by: str
    at: str
    revision: int


def judge(
    writer: Writer, graphs: Graphs, assessment: NamedNode, verdict: str, name: str, *, by: str = ""
) -> Judgement:
    """Keep somebody's verdict on an assessment, on disk before this returns.

    Shape: `name` is the person's, `by` names who asked, for the log.
    Raises: NotFound if there is no such assessment; BadInput for another verdict;
        Refused with the report if the judgement breaks a rule.
    """
    told = writer.commits.stated.match(assessment)
    if not any(quad.predicate == ASC.relation or _says_one(quad) for quad in told):
        raise NotFound(
            f"<{assessment.value}> is no assessment of a relation, and of none that two are one. "
            "`ascribe query --name conflicts` lists relations, `--name merged` who is merged."
        )
    ends = [quad.object for quad in told if quad.predicate in (ASC.subject, ASC.object)]
    return keep(writer, graphs, assessment, verdict, name, ends, by=by)


def keep(
    writer: Writer,
    graphs: Graphs,
    assessment: NamedNode,
    verdict: str,
    name: str,
    ends: Iterable[Term],
    made: frozenset[Quad] = frozenset(),
    *,
    by: str = "",
) -> Judgement:
    """Keep a verdict on an assessment of two `ends`.

    Shape: `made` is the assessment where the person who judges made it, too; it goes
        when the verdict is withdrawn.
    Raises: as `judge`.
    """
    if verdict not in VERDICTS:
        raise BadInput(f"{verdict!r} is no verdict: it is {', '.join(VERDICTS[:-1])} or withdrawn.")
    node = NamedNode(f"{graphs.base}judgement/{digest(assessment.value[len(graphs.base) :])[:16]}")
    with writer.commits.trial() as layer:
        view = writer.commits.view
        old = {*view.find(node, graph=graphs.judgements)}
        time, revision = writer.time(), writer.commits.next_revision()
        new: set[Quad] = set()
        if verdict == "withdrawn":
            old |= {*view.find(assessment, graph=graphs.judgements)}
        else:
            new |= {*_stated(graphs, node, assessment, verdict, name, time)}
            new |= {Quad(node, PROV.used, end, graphs.judgements) for end in ends}
        report, _ = validate(Bundle(node, graphs, frozenset(new)))
        if not report.conforms:
            raise Refused(report)
        books = {*catalog.activity(graphs, assessment, revision, time, by)}
        # What stands already does not come: it would go where this write is taken back.
        coming = new | {quad for quad in made | books if not any(view.find(*quad))}
        layer.apply(coming, old)
        write = Write(
            *(revision, time.value, verdict, assessment.value, by),
            coming=dumps(coming - old, NQUADS),
            leaving=dumps(old - coming, NQUADS),
            exact=True,
        )
        group = writer.commits.enlist([write], layer)
    writer.commits.settle(group)
    return Judgement(node.value, assessment.value, verdict, name, time.value, revision)


def _says_one(quad: Quad) -> bool:
    return quad.predicate == RDF.type and quad.object == ASC.IdentityAssessment


def _stated(
    graphs: Graphs, node: NamedNode, assessment: NamedNode, verdict: str, name: str, time: Literal
) -> Iterator[Quad]:
    """A judgement as an activity.

    Source: PROV-O, section 3.1 (Activity, used, endedAtTime).
    """
    said = (
        (RDF.type, ASC.JudgementActivity),
        (ASC.judged, assessment),
        (ASC.verdict, ASCV.term(verdict)),
        (ASC.judgedBy, Literal(name)),
        (PROV.endedAtTime, time),
    )
    for predicate, value in said:
        yield Quad(node, predicate, value, graphs.judgements)
