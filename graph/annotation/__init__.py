"""The readable annotation of one article, a TOML file, and the records it makes.

    [source]             slug, title, language, sha256 of the text's bytes;
                         authors, publisher, issued where the text names them
    [annotator]          label, kind, tool, version, date: who read the article
    [agents.NAME]        label, kind, names, part_of, speaks_for, members, only_here,
                         iri of one that another bundle speaks of
    [events.NAME]        label, kind, iri of an event that another bundle speaks of
    [places.NAME]        label, only_here       [concepts.NAME]  label, only_here
    [posts.NAME]         label, in, held_by
    [times.NAME]         words, edtf, anchor, offset, weekday, approximate
    [propositions.NAME]  label, kind, predicate, arguments (agent, patient, ...),
                         cause, effect, blames, counts, more_than, margin, ...
    [hops.NAME]          a hop that several chains share
    [[statement]]        id, kind, quote, chain, expresses, ...
    [[relation]]         subject, relation, object, hop, confidence, basis, because
    [[identity]]         subject, object, confidence, basis, because

Names are shared by all sections; `only_here = true` keeps a description such as
"the coalition" apart from the same words in other documents. Words of the
source are found, never counted: `near` (a longer piece that stands once) or
`occurrence` says which. A `quote` may be a list, or `{from = "...", to = "..."}`.
A `chain` lists hops from the words outward; the narrator's is added where it is
left out, with the act that the kind of statement calls for. Left out,
`polarity` is positive, `certainty` certain, `temporality` past, and `about` and
`times` are what the propositions speak of. A cue is looked for in the paragraph
of its quote, then everywhere. `names` are an agent's names in other scripts, by
language. The `object` of a relation is an id of this file, or the `<IRI>` of what
another bundle says; `hop` (0 is the speaker) points at who passed it on, where the
report and not its content is meant, as `deniesSaying` always does.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

from pyoxigraph import NamedNode, Quad

from graph.annotation import source as source_section
from graph.annotation.cast import Cast
from graph.annotation.claims import JUDGEMENT_KEYS, RELATION_KEYS, STATEMENT_KEYS, Claims
from graph.annotation.makers import SECTIONS
from graph.annotation.source import Source, read_source
from graph.annotation.table import Table
from graph.annotation.trig import to_trig
from graph.errors import AnnotationFault
from graph.fields import Text
from graph.mapping import graph_of
from graph.model import Activity, Agent, Assessment, Document, TextSpan
from graph.records import Records
from graph.vocab import ASC

__all__ = ["annotate", "annotated", "to_trig"]

_KEYS = frozenset({"source", "annotator", "hops", "statement", "relation", "identity", *SECTIONS})
_ANNOTATOR_KEYS = frozenset({"label", "kind", "tool", "version", "date"})


def annotate(toml_text: str, source_text: bytes, base: str) -> Records:
    """The records that an annotation makes of its source.

    Shape: IRIs are absolute, under `base`; every quote is checked against the
        text, which the last record, an asc:ReviewActivity, attests.
    Raises: AnnotationFault naming the table, the key and what was expected.
    """
    try:
        tables = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise AnnotationFault(f"This is not TOML: {error}.") from None
    return annotated(tables, source_text, base)[0]


def annotated(
    tables: dict[str, Any], source_text: bytes, base: str, *, attest: bool = True
) -> tuple[Records, dict[str, str]]:
    """The records that the tables of an annotation make, and its statements by their ids.

    Shape: with `attest` off no record says that the quotes were compared with the source.
    Raises: as `annotate`.
    """
    file = Table(tables, "the file", _KEYS)
    source = read_source(_section(file, "source", source_section.KEYS), source_text, base)
    annotator = _section(file, "annotator", _ANNOTATOR_KEYS)
    cast = Cast(file, source)
    for record in source.records:
        cast.keep(_published(record, file, cast) if isinstance(record, Document) else record)
    agent_iri = cast.keep(_annotator(annotator, source))
    activity_iri = cast.keep(_activity(annotator, source, agent_iri, "ExtractionActivity"))
    claims = Claims(file, source, cast, activity_iri)
    for table in file.tables("statement", STATEMENT_KEYS):
        claims.statement(table)
    cast.make_all()
    relations = file.tables("relation", RELATION_KEYS, "subject")
    backed = [claims.relation(table, agent_iri) for table in relations]
    for table in file.tables("identity", JUDGEMENT_KEYS, "subject"):
        claims.identity(table, agent_iri)
    if attest:
        cast.keep(_review(annotator, source, agent_iri, cast))
    graphs = {
        iri: graph_of(record, source.version_iri, base) for iri, record in cast.records.items()
    }
    triples = [_backed_triple(each, graphs[each.iri]) for each in backed]
    return Records(cast.records.values(), triples, graphs), claims.statements


def _section(file: Table, name: str, keys: frozenset[str]) -> Table:
    if name not in file:
        raise file.fault(name, f"not there; expected a table [{name}]")
    return Table(file.get(name), f"[{name}]", keys)


def _published(document: Document, file: Table, cast: Cast) -> Document:
    """The document with the author, publisher and date that the text itself names."""
    table = _section(file, "source", source_section.KEYS)
    return replace(
        document,
        creator=cast.iris(table, "authors"),
        publisher=cast.iris(table, "publisher"),
        issued=table.maybe("issued"),
    )


def _annotator(table: Table, source: Source) -> Agent:
    label, kind = table.text("label"), table.maybe("kind") or "Organization"
    iri = source.mint.agent(label, kind)
    return Agent(iri=iri, types=(ASC.term(kind).value,), label=(Text(label),))


def _activity(table: Table, source: Source, agent_iri: str, kind: str, **more: Any) -> Activity:
    return Activity(
        iri=source.mint.activity(source.sha256, kind, agent_iri, table.text("tool")),
        types=(ASC.term(kind).value,),
        associated_with=agent_iri,
        ended_at=table.text("date"),
        tool=table.text("tool"),
        tool_version=table.text("version"),
        **more,
    )


def _review(table: Table, source: Source, agent_iri: str, cast: Cast) -> Activity:
    """The record that each quote was compared with the text: no span is made otherwise."""
    return _activity(
        table,
        source,
        agent_iri,
        "ReviewActivity",
        reviewed=source.version_iri,
        text_digest=source.sha256,
        quotes_checked=sum(isinstance(each, TextSpan) for each in cast.records.values()),
    )


def _backed_triple(judgement: Assessment, graph: str) -> Quad:
    """The relation itself, which stands beside the judgement that backs it."""
    subject, relation, object_ = judgement.subject, judgement.relation, judgement.object
    assert subject and relation and object_
    return Quad(NamedNode(subject), NamedNode(relation), NamedNode(object_), NamedNode(graph))
