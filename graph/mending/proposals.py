"""Changes that might mend a broken rule, the likeliest first; none of them is tried here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher, get_close_matches
from itertools import chain

from pyoxigraph import BlankNode, Literal, NamedNode

from graph.facts import Facts, Properties, Subject, Term
from graph.mending.change import Change, Triple3, replaced
from graph.mending.needs import Needs, values_of
from graph.mending.quoted import quote_changes
from graph.report import Result
from graph.schema import concepts, labels, subclasses
from graph.shacl import name_of
from graph.vocab import ASC, ASCV, OA, PROV, RDF, RDFS, SCHEMA, SH, XSD

_NUMBERS = (XSD.integer, XSD.nonNegativeInteger, XSD.decimal)


def proposals(result: Result, facts: Facts, text: str | None) -> Iterator[Change]:
    """Changes to try, in order."""
    focus = next((node for node in facts if name_of(node) == result.focus), None)
    if focus is None or isinstance(focus, BlankNode):
        return
    path = NamedNode(result.path) if result.path else None
    needs = values_of(result.rule, path)
    yield from quote_changes(result, focus, facts, text)
    values = facts[focus].get(path, ()) if path else ()
    wrong = [value for value in values if str(value) == result.value]
    if path and wrong:
        if result.component == SH.ClosedConstraintComponent.value:
            yield from _fewer(focus, RDF.type, facts[focus].get(RDF.type, ()), least=1)
        yield from _other_value((focus, path, wrong[0]), facts, needs)
    elif path and len(values) > 1:
        yield from _fewer(focus, path, values)
    elif path:
        yield from (
            Change((), ((focus, path, value),)) for value in _fillers(focus, path, facts, needs)
        )
        yield from (Change(((focus, path, value),)) for value in values)
    else:
        yield from _about(focus, facts, needs)


def _other_value(wrong: Triple3, facts: Facts, needs: Needs) -> Iterator[Change]:
    """Another value, another spelling of the property, or neither."""
    focus, path, value = wrong
    likely = [*_recast(value, needs, _language(facts)), *_near(value, needs, facts)]
    yield from replaced(wrong, *dict.fromkeys(each for each in likely if each != focus))
    if needs.classes and isinstance(value, NamedNode) and value in facts:
        yield from (Change((), ((value, RDF.type, kind),)) for kind in needs.classes)
    for name in _close(path, (each for each in labels() if each.startswith(ASC))):
        yield Change((wrong,), ((focus, name, value),))
    for each in _placeholders(path, facts):
        yield from replaced(wrong, each)
    yield Change((wrong,))
    yield from replaced(wrong, *_fillers(focus, path, facts, needs))


def _fewer(
    focus: Subject, path: NamedNode, values: Iterable[Term], least: int = 0
) -> Iterator[Change]:
    """One of the values kept, or none."""
    held = [*values]
    for kept in held:
        yield Change(tuple((focus, path, value) for value in held if value != kept))
    if least:
        return
    yield from (Change(((focus, path, value),)) for value in held)
    yield Change(tuple((focus, path, value) for value in held))


def _about(focus: Subject, facts: Facts, needs: Needs) -> Iterator[Change]:
    """Changes for a rule about a node as a whole, or about what a longer path leads to."""
    said = facts[focus]
    types = said.get(RDF.type, ())
    if len(types) > 1:
        yield from (Change(((focus, RDF.type, kind),)) for kind in types)
    known = {kind for kind in needs.classes if kind not in types}
    yield from (Change((), ((focus, RDF.type, kind),)) for kind in sorted(known, key=str))
    for kind in types:
        below = {each for one in needs.classes for each in subclasses().get(one, ())}
        others = sorted(below | known | {ASC.Statement}, key=str)
        yield from replaced((focus, RDF.type, kind), *others)
    for path in needs.predicates:
        for value in said.get(path, ()):
            yield Change(((focus, path, value),))
        if path not in said:
            fillers = _fillers(focus, path, facts, needs)
            yield from (Change((), ((focus, path, value),)) for value in fillers)
    yield from _further(focus, facts, needs)


def _further(focus: Subject, facts: Facts, needs: Needs) -> Iterator[Change]:
    """Other values for the properties that the rule looks at, near the node and further on."""
    seen, ahead = {focus}, [focus]
    while ahead:
        node = ahead.pop(0)
        for path in needs.predicates:
            for value in facts.get(node, {}).get(path, ()):
                old = (node, path, value)
                yield from replaced(old, *_recast(value, needs, _language(facts)))
                yield from replaced(old, *_like(value, facts))
                yield Change((old,))
                if isinstance(value, NamedNode) and value in facts and value not in seen:
                    seen.add(value)
                    ahead.append(value)


def _like(value: Term, facts: Facts) -> list[Term]:
    """The nodes that other triples of the same kind could point at."""
    if not isinstance(value, NamedNode):
        return []
    nodes = [node for node in facts if isinstance(node, NamedNode) and node != value]
    described = facts.get(value, {}).get(RDF.type, ())
    alike = [node for node in nodes if {*facts[node].get(RDF.type, ())} & {*described}]
    versions = [
        node
        for node in nodes
        if {ASC.DocumentVersion, ASC.Document} & {*facts[node].get(RDF.type, ())}
    ]
    return [*dict.fromkeys([*alike, *versions])]


def _recast(  # noqa: PLR0912 (a line for each kind of slip)
    value: Term, needs: Needs, language: str
) -> Iterator[Term]:
    """The same value as another kind of literal."""
    if not isinstance(value, Literal):
        return
    text = value.value
    plain = re.sub("[\\u202a-\\u202e\\u2066-\\u2069\\x00-\\x1f]", "", text).strip()
    bare = str(int(text)) if re.fullmatch(r"[+-]?\d+", text) else ""
    whole = bare or (str(int(float(text))) if re.fullmatch(r"[+-]?\d+\.\d*", text) else "")
    for kind in needs.datatypes:
        if kind in (RDF.langString,) and plain:
            yield Literal(plain, language=language)
        elif kind == XSD.dateTime and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            yield Literal(f"{text}T00:00:00Z", datatype=kind)
        elif kind == XSD.boolean:
            yes = text.lower() in ("yes", "true", "1")
            yield Literal("true" if yes else "false", datatype=kind)
        elif kind in _NUMBERS and whole:
            yield Literal(whole + (".0" if kind == XSD.decimal else ""), datatype=kind)
        elif kind == XSD.string:
            yield Literal(text.lower() if text.isupper() else text)
    for end in needs.bounds:
        yield end if kind_of(end) == kind_of(value) else Literal(end.value, datatype=kind_of(value))
    if kind_of(value) in _NUMBERS and whole:
        yield Literal(whole, datatype=XSD.integer)
        yield Literal(whole.lstrip("-"), datatype=kind_of(value))
    for spoken in (*needs.languages, language if value.language is None else ""):
        if spoken and plain:
            yield Literal(plain, language=spoken)
    if plain != text:
        yield Literal(plain, language=value.language) if value.language else Literal(plain)
    if text.lower() != text:
        yield Literal(text.lower())
    if needs.longest and len(text) > needs.longest:
        yield Literal(text[: needs.longest])
        yield Literal(text[-needs.longest :])


def kind_of(value: Literal) -> NamedNode | None:
    """The datatype of a literal."""
    return value.datatype


def _near(value: Term, needs: Needs, facts: Facts) -> list[Term]:
    """What may stand there, that which reads most like the value first."""
    wanted = name_of(value).rpartition("#")[2]
    schemes = [
        name for s in needs.schemes for name in concepts(s.value.removeprefix(ASCV)).values()
    ]
    classes = (
        [NamedNode(each) for each in labels() if each.startswith(ASC)]
        if value in _kinds(facts)
        else []
    )
    found = [*needs.allowed, *schemes, *_of_class(needs.classes, facts), *classes]
    linked = {each for said in (_about_node(value, facts),) for vs in said.values() for each in vs}
    pointing = {node for node, said in facts.items() if any(value in vs for vs in said.values())}

    def distance(term: Term) -> tuple[bool, float]:
        name = name_of(term).rpartition("#")[2]
        label = next(iter(_about_node(term, facts).get(RDFS.label, ())), None)
        said = label.value if isinstance(label, Literal) else name
        near = SequenceMatcher(None, wanted.lower(), said.lower()).ratio()
        return (term not in linked and term not in pointing, -near)

    return sorted(dict.fromkeys(found), key=distance)[:12]


def _about_node(node: Term, facts: Facts) -> Properties:
    return {} if isinstance(node, Literal) else facts.get(node, {})


def _kinds(facts: Facts) -> set[Term]:
    return {kind for said in facts.values() for kind in said.get(RDF.type, ())}


def _of_class(classes: Iterable[NamedNode], facts: Facts) -> list[Term]:
    """The nodes of the bundle that have one of some classes."""
    kinds = {each for one in classes for each in subclasses().get(one, {one})}
    return [
        node
        for node, said in facts.items()
        if isinstance(node, NamedNode) and kinds & {*said.get(RDF.type, ())}
    ]


def _fillers(focus: Subject, path: NamedNode, facts: Facts, needs: Needs) -> Iterator[Term]:
    """Values for a property that is missing, from the bundle where it has any."""
    yield from _placeholders(path, facts)
    used = {value for said in facts.values() for value in said.get(path, ())}
    members = [node for node in _of_class(needs.classes, facts) if node != focus]
    pointing = {node for node, said in facts.items() if any(focus in vs for vs in said.values())}
    near = [node for node in members if node in pointing]
    spare = [node for node in members if node not in used]
    yield from dict.fromkeys(chain(near, spare, members))
    yield from needs.allowed
    for scheme in needs.schemes:
        local = scheme.value.removeprefix(ASCV)
        yield from sorted(concepts(local).values(), key=lambda concept: concept not in used)
    for kind in needs.datatypes:
        if kind == RDF.langString:
            yield Literal(_words_for(focus, facts), language=_language(facts))
        elif kind == XSD.string:
            yield Literal(_words_for(focus, facts))
        elif kind == XSD.boolean:
            yield from (Literal("true", datatype=kind), Literal("false", datatype=kind))
        elif kind == XSD.dateTime:
            yield from _times(facts)
        elif kind in _NUMBERS:
            yield Literal("0.5" if kind == XSD.decimal else "1", datatype=kind)
    if not needs.datatypes and not members:
        yield Literal(_words_for(focus, facts), language=_language(facts))
        yield Literal(_words_for(focus, facts))


def _words_for(focus: Subject, facts: Facts) -> str:
    """What a thing may be called: by its IRI, or by the words of the source for it."""
    name = re.sub(r"-[0-9a-f]{6,}$", "", name_of(focus).rpartition("/")[2])
    if not re.fullmatch(r"[0-9a-f]+", name):
        return name.replace("-", " ")
    for said in (facts[focus], *facts.values()):
        if said is facts[focus] or any(focus in values for values in said.values()):
            spans = *said.get(ASC.timeSpan, ()), *said.get(ASC.contentSpan, ())
            for span in spans:
                for words in _about_node(span, facts).get(OA.exact, ()):
                    return name_of(words)
    people = (
        _about_node(node, facts).get(RDFS.label, ()) for node in _of_class([ASC.Person], facts)
    )
    return next((name_of(label) for labels_ in people for label in labels_), "?")


def _placeholders(path: NamedNode, facts: Facts) -> Iterator[Term]:
    """What usually stands there."""
    if path == ASC.textDigest:
        yield from (value for said in facts.values() for value in said.get(ASC.sha256, ()))
    yield from map(Literal, _USUAL.get(path, ()))


_USUAL: dict[NamedNode, tuple[str, ...]] = {
    SCHEMA.inLanguage: ("en",),
    ASC.originalLanguage: ("en",),
    ASC.offset: ("P1D",),
    ASC.edtf: ("XXXX-01-01",),
    ASC.quoteMarks: ("“”", '""', "‘’", "«»", "„“"),
}


def _times(facts: Facts) -> Iterator[Term]:
    known = (PROV.endedAtTime, PROV.generatedAtTime)
    yield from (v for said in facts.values() for path in known for v in said.get(path, ()))
    yield Literal("2026-01-01T00:00:00Z", datatype=XSD.dateTime)


def _language(facts: Facts) -> str:
    """The language that most labels are in."""
    labelled = (value for said in facts.values() for value in said.get(RDFS.label, ()))
    tags = [value.language for value in labelled if isinstance(value, Literal) and value.language]
    return max(tags, key=tags.count, default="en")


def _close(term: NamedNode, names: Iterable[str]) -> list[NamedNode]:
    """The terms that are spelt most like one that is not known."""
    if not term.value.startswith(ASC) or term.value in labels():
        return []
    return [NamedNode(each) for each in get_close_matches(term.value, [*names], 3, 0.8)]
