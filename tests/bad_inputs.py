"""About a hundred bad inputs: how each differs from a good one, and what its refusal must name.

The good one is the river report with its text. `names` are rules (`shapes:...`) where the
input can be read and breaks them, otherwise words of the sentence that says why it cannot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from conftest import BASE, RIVER, ROOT
from pyoxigraph import parse

from graph.formats import JSON_LD, NQUADS, RDF_XML, TURTLE, Format, dumps

CASES = ROOT / "tests" / "cases"
VERSION = "doc/river-49a12453/v/49a1245337d2dbaa"
DIGEST = "49a1245337d2dbaa5845a4202d5e0b1d92d062835498012aff5689b18315625f"
LIMITS = {
    "ASCRIBE_MAX_BYTES": "300000",
    "ASCRIBE_MAX_TRIPLES": "2000",
    "ASCRIBE_MAX_LITERAL_BYTES": "5000",
}
"""What the roads are limited to, so that no input here need be large."""


class Bad(NamedTuple):
    """One bad input.

    Shape: `text` is the source's text that comes with it, None where the archived one serves.
    """

    name: str
    data: bytes
    names: tuple[str, ...]
    form: Format = TURTLE
    text: bytes | None = None


GOOD = (CASES / "bundle" / "valid-river-report.ttl").read_text("utf-8")
SMALL = (CASES / "bundle" / "valid-smallest.ttl").read_text("utf-8")
PREFIXES = GOOD[GOOD.index("@prefix") : GOOD.index("<doc/")]

WAVE = (
    "\U0001f30a The mayor, Jos\u00e9 Brandt, said it had told two families to leave. Nobody left.\n"
)
"""A text in which code points, UTF-16 units and bytes are counted differently."""


def changed(name: str, old: str, new: str, *names: str, text: bytes | None = None) -> Bad:
    """The good bundle with its first `old` made `new`."""
    assert old in GOOD, old
    return Bad(name, GOOD.replace(old, new, 1).encode(), names, text=text)


def more(name: str, turtle: str, *names: str) -> Bad:
    """The good bundle with something added."""
    return Bad(name, f"{GOOD}\n{turtle}\n".encode(), names)


def from_case(path: str) -> Bad:
    """A case of `tests/cases`, with the rules that its header expects."""
    data = (CASES / f"{path}.ttl").read_bytes()
    expected = [line for line in data.decode().splitlines() if line.startswith("# expect: ")]
    rules = (line.removeprefix("# expect: ").partition(" | ")[0] for line in expected)
    return Bad(path.replace("/invalid-", ": ").replace("-", " "), data, tuple(rules))


def written_as(form: Format) -> bytes:
    """The good bundle in another format."""
    return dumps(parse(GOOD.encode(), TURTLE.rdf, base_iri=BASE), form)


def wave(start: int, end: int, exact: str) -> str:
    """The smallest bundle, of the text `WAVE`, with its one span as told."""
    data = WAVE.encode()
    head = SMALL[: SMALL.index("<span/49a1245337d2/166-170> a")]
    return (
        head.replace("    asc:cueSpan <span/49a1245337d2/166-170> ;\n", "")
        .replace(DIGEST, hashlib.sha256(data).hexdigest())
        .replace("asc:codePoints 481", f"asc:codePoints {len(WAVE)}")
        .replace("asc:byteLength 489", f"asc:byteLength {len(data)}")
        + f"""<span/49a1245337d2/171-204> a asc:TextSpan ;
    asc:inVersion <{VERSION}> ; oa:start {start} ; oa:end {end} ;
    oa:exact "{exact}" ; oa:prefix "{WAVE[start - 4 : start]}" .
"""
    )


def _wave(name: str, start: int, end: int, exact: str, *names: str) -> Bad:
    return Bad(name, wave(start, end, exact).encode(), names)


def _unreadable() -> Iterator[Bad]:
    """What is not RDF, or not of the format it is sent as."""
    good, jsonld, xml, nq = GOOD.encode(), *map(written_as, (JSON_LD, RDF_XML, NQUADS))
    dtd = b'?><!DOCTYPE r [<!ENTITY a "x">]>'
    yield Bad("an empty file", b"", ("no asc:DocumentVersion",))
    yield Bad("nothing but a comment", b"# Later.\n", ("no asc:DocumentVersion",))
    yield Bad("an empty file as JSON-LD", b"", ("not JSON",), JSON_LD)
    yield Bad("an empty file as RDF/XML", b"", ("no element found",), RDF_XML)
    yield Bad("a picture", b"\x89PNG\r\n\x1a\n\0\0", ("1:1", "not UTF-8 text"))
    yield Bad("a web page", b"<!doctype html><p>Hello", ("1:1", "Turtle"))
    yield Bad("UTF-16", GOOD.encode("utf-16"), ("1:1", "not UTF-8 text"))
    yield Bad("Latin-1", good.replace(b"Ida Brandt", b"Ida Br\xe4ndt"), ("not UTF-8 text",))
    yield Bad("a byte order mark", b"\xef\xbb\xbf" + good, ("byte order mark",))
    yield Bad("a NUL", good.replace(b"Valley", b"Val\0ley"), ("is a NUL",))
    yield changed("an escaped NUL", '"Valley News"@en', '"Valley\\u0000News"@en', "holds a NUL")
    yield changed("half a character", '"Valley News"@en', '"\\uD800"@en', "D800")
    yield Bad("Turtle cut short", good[:-200], ("Unexpected end",))
    yield Bad("Turtle sent as N-Quads", good, ("N-Quads",), NQUADS)
    yield Bad("N-Quads with a torn line", nq[:-40], ("Unexpected end", "N-Quads"), NQUADS)
    yield Bad("N-Quads with a relative IRI", b'<doc/a> <http://x/p> "x" .\n', ("1:1",), NQUADS)
    yield Bad("JSON-LD cut short", jsonld[:-9], ("not JSON",), JSON_LD)
    yield Bad("JSON that is no JSON-LD", b"[1, 2]", ("no asc:DocumentVersion",), JSON_LD)
    yield Bad("JSON nested 5,000 deep", b'{"a":' * 5000 + b"1" + b"}" * 5000, ("deeply",), JSON_LD)
    remote = b'{"@context": "https://context.example/", "@graph": ' + jsonld + b"}"
    yield Bad("JSON-LD with a remote context", remote, ("<https://context.example/>",), JSON_LD)
    yield Bad("RDF/XML cut short", xml[:-9], ("not well-formed XML",), RDF_XML)
    yield Bad("RDF/XML with a DTD", xml.replace(b"?>", dtd, 1), ("<!DOCTYPE",), RDF_XML)
    yield more("an undeclared prefix", ":x a asc:Person .", "prefix : has not been declared")
    yield more("a variable", "?x a asc:Person .", "?x is not a valid subject")
    yield more("a rule of Notation3", "{ ?x a asc:Person } => { ?x a asc:Event } .", "{ is not")
    yield more("a graph in Turtle", "<g> { <a> <b> <c> . }", "{ is not")
    yield more("words as a subject", '"Ida" a asc:Person .', "not a valid subject")
    yield more("a triple term", "<a> rdfs:seeAlso <<( <a> a <c> )>> .", "triple term")
    yield more("an IRI with a space", "<agent/a b> a asc:Person .", "Invalid IRI code point ' '")
    yield more("an IRI with half an escape", "<agent/%z> a asc:Person .", "percent encoding")
    yield changed(
        "a locale for a language",
        '"Ida Brandt"@en',
        '"Ida Brandt"@en_US',
        "Unexpected character 'U'",
    )
    yield changed("a long subtag", '"Ida Brandt"@en', '"Ida"@englishlanguage', "eight characters")


def _too_large() -> Iterator[Bad]:
    agents = "".join(f"<agent/{number}> a asc:Person .\n" for number in range(2500))
    yield more("too many triples", agents, "2,000 triples")
    yield changed("too long a literal", '"Ida Brandt"@en', f'"{"I" * 6000}"@en', "5,000 characters")


def _not_for_bundles() -> Iterator[Bad]:
    """What a bundle has no business with: several sources, terms, rules, bookkeeping."""
    sh = "<http://www.w3.org/ns/shacl#"
    owl = "<http://www.w3.org/2002/07/owl#"
    leave = "leave it out"
    blank = GOOD.replace(f"<{VERSION}>", "_:version").encode()
    yield more("two versions", "<doc/b/v/1> a asc:DocumentVersion .", "2 document versions")
    yield Bad("no version", f"{PREFIXES}<a> a asc:Person .".encode(), ("no asc:DocumentVersion",))
    yield Bad("a version without IRI", blank, ("is a blank node",))
    yield more("a class of ours redefined", 'asc:Statement rdfs:label "x"@en .', "ns#Statement")
    yield more("a property of ours redefined", "asc:agent a asc:Event .", "ns#agent")
    yield more(
        "a concept of ours redefined", 'ascv:positive rdfs:label "no"@en .', "vocab#positive"
    )
    yield more("a concept added to ours", "ascv:utters a skos:Concept .", "vocab#utters")
    yield more(
        "a rule of ours switched off",
        f"<https://w3id.org/ascribe/shapes#Statement> {sh}deactivated> true .",
        "shapes#Statement",
    )
    yield more("a shape of one's own", f"<my/shape> a {sh}NodeShape> .", "sh:NodeShape", leave)
    yield more(
        "a target of one's own", f"<my/s> {sh}targetClass> <my/c> .", "sh:targetClass", leave
    )
    yield more("a class of one's own", f"<my/kind> a {owl}Class> .", "owl:Class", leave)
    yield more("a subclass", "<my/kind> rdfs:subClassOf asc:Person .", "rdfs:subClassOf", leave)
    yield more(
        "a subproperty", "<my/p> rdfs:subPropertyOf asc:agent .", "rdfs:subPropertyOf", leave
    )
    same = f"<agent/ida-brandt-d6a578> {owl}sameAs> <agent/ines-falk-0fd3f3> ."
    yield more("two agents made one", same, "owl:sameAs", "asc:IdentityAssessment")
    yield more("a digest in the catalog", f'<{VERSION}> asc:bundleDigest "0" .', "asc:bundleDigest")
    yield more("a count", f"<{VERSION}> asc:statementCount 9 .", "asc:statementCount", leave)
    yield more("a claim to an agent", f"<{VERSION}> asc:describes <agent/a> .", "asc:describes")
    for graph in ("catalog", "entailed", "entities", "ontology", "propositions"):
        yield more(
            f"words on the graph {graph}", f'<graph/{graph}> rdfs:label "x"@en .', f"graph/{graph}"
        )


def _hostile_literals() -> Iterator[Bad]:
    ida, lauter = '"Ida Brandt"@en', '"Rise of the Lauter"@en'
    yield changed("a bell in a name", ida, '"Ida\\u0007"@en', "shapes:Agent-label")
    yield changed("a name that turns round", ida, '"Ida \\u202Etdnarb"@en', "shapes:Agent-label")
    yield changed("a name that isolates", ida, '"\\u2066Ida"@en', "shapes:Agent-label")
    yield changed("a name of blanks", ida, '"   "@en', "shapes:Agent-label")
    yield changed(
        "a terminal's escape in an event", lauter, '"\\u001B[31m"@en', "shapes:Event-label"
    )
    yield changed("an empty place", '"below the flood line"@en', '""@en', "shapes:Place-label")
    yield changed("a post of blanks", '"mayor"@en', '" "@en', "shapes:Post-label")
    yield changed(
        "a concept that turns", '"homes"@en', '"\\u202Ehomes"@en', "shapes:Concept-prefLabel"
    )
    yield changed(
        "a content that breaks the line",
        '"The dam is old."@en',
        '"Old\\nhat"@en',
        "shapes:Proposition-label",
    )
    yield changed("a name without language", '"Valley News"@en', '"Valley"', "shapes:Agent-label")


def _offsets() -> Iterator[Bad]:
    there, exact = "oa:start 171 ; oa:end 204", "shapes:TextSpan-exact"
    start, end, length = "shapes:TextSpan-start", "shapes:TextSpan-end", "shapes:TextSpan-length"
    huge = "1" + "0" * 40

    def at(name: str, offsets: str, *names: str) -> Bad:
        return changed(name, there, offsets, *names)

    yield at("one too far", "oa:start 172 ; oa:end 205", exact)
    yield at("the end before the start", "oa:start 204 ; oa:end 171", "shapes:TextSpan-order")
    yield at("past the end of the text", "oa:start 471 ; oa:end 504", "shapes:TextSpan-inside")
    yield at("a huge offset", f"oa:start 171 ; oa:end {huge}", length)
    yield at("an offset below 0", "oa:start -1 ; oa:end 204", start)
    yield at("an offset in words", 'oa:start "here" ; oa:end 204', start)
    yield at("an offset as text", 'oa:start "171" ; oa:end 204', start)
    yield at("an offset that is no number", 'oa:start "x"^^xsd:integer ; oa:end 204', start)
    yield at("an offset in other digits", 'oa:start "١٧١"^^xsd:integer ; oa:end 204', start)
    yield at("an offset with underscores", 'oa:start 171 ; oa:end "2_04"^^xsd:integer', end)
    yield at("an offset as a double", "oa:start 1.71e2 ; oa:end 204", start)
    yield at("no offset", "oa:end 204", start)
    words = "it had told two families to leave"
    here = WAVE.index(words)
    units = len(WAVE[:here].encode("utf-16-le")) // 2
    bytes_ = len(WAVE[:here].encode())
    yield _wave("offsets in UTF-16 units", units, units + len(words), words, exact)
    yield _wave("offsets in bytes", bytes_, bytes_ + len(words), words, exact)
    mayor = "Jose\u0301 Brandt"
    yield _wave("an accent apart from its letter", 13, 13 + len(mayor), mayor, exact)


def _quotes() -> Iterator[Bad]:
    exact, digest = "shapes:TextSpan-exact", "shapes:DocumentVersion-digest"
    old, homes = 'oa:exact "Nobody was told to leave."', 'oa:exact "“more than 60 homes”'
    yield changed("words of other length", old, 'oa:exact "Nobody left."', "shapes:TextSpan-length")
    yield changed("words not in the text", old, 'oa:exact "Nobody was told to stay.."', exact)
    yield changed("words in another case", old, old.replace("Nobody", "nobody"), exact)
    yield changed("words with another space", old, old.replace("y w", "y\u00a0w"), exact)
    yield changed("straight quotation marks", homes, 'oa:exact "\\"more than 60 homes\\"', exact)
    river, other = RIVER.read_bytes(), b"Another text.\n"
    good = GOOD.encode()
    yield Bad("another text", good, (digest,), text=other)
    yield Bad("the text with other line ends", good, (digest,), text=river.replace(b"\n", b"\r\n"))
    latin = b"\xff\xfe" + other
    stated = good.replace(DIGEST.encode(), hashlib.sha256(latin).hexdigest().encode())
    yield Bad("a text that is not UTF-8", stated, (digest, "not UTF-8"), text=latin)
    yield changed("a wrong number of characters", "codePoints 481", "codePoints 480", digest)
    capitals = f'"{DIGEST.upper()}"'
    yield changed("a digest in capitals", f'"{DIGEST}"', capitals, "shapes:DocumentVersion-sha256")


def _terms_and_values() -> Iterator[Bad]:
    says, act = "asc:act ascv:says", "shapes:Attribution-act"
    date, ended = '"2031-05-04T09:30:00Z"', "shapes:Activity-endedAtTime"
    agent = "asc:agent <agent/ida-brandt-d6a578>"
    lower, bound = "asc:lowerBound 60", "shapes:QuantityProposition-lowerBound"
    yield changed("an unknown concept", says, "asc:act ascv:utters", act)
    yield changed("a concept of nobody's", says, "asc:act <http://example.org/says>", act)
    yield changed("words for a concept", says, 'asc:act "says"', act)
    yield changed("a misspelt property", "asc:event <", "asc:evnt <", "shapes:Bundle-property")
    yield changed(
        "a misspelt class", "a asc:IndirectSpeech", "a asc:IndirectSpech", "shapes:Bundle-class"
    )
    yield changed(
        "a speaker that is nobody", agent, "asc:agent <agent/nobody>", "shapes:Attribution-agent"
    )
    yield changed("no speaker", f"{agent} ; ", "", "shapes:Attribution-agent")
    hop = "asc:relayedBy <attribution/49a1245337d2/b147e2e5e5>"
    gap = "asc:relayedBy <attribution/49a1245337d2/0000000000>"
    yield changed("a chain with a gap", hop, gap, "shapes:Attribution-relayedBy")
    own = "asc:relayedBy <attribution/49a1245337d2/6bb6f3b4b8>"
    yield changed("a chain that is its own next hop", hop, own, "shapes:Attribution-acyclic")
    whole = "<statement/49a1245337d2/411-459-efa928d5>"
    part = "<statement/49a1245337d2/411-430-66257480>"
    yield more(
        "two that are part of each other",
        f"{whole} asc:partOf {part} .",
        "shapes:Statement-nesting",
    )
    stated = "asc:certainty ascv:certain"
    yield changed("certainty in words", stated, 'asc:certainty "yes"', "shapes:Statement-certainty")
    yield changed("a month that is not", date, '"2031-13-04T09:30:00Z"', ended)
    yield changed("a date in words", date, '"yesterday"', ended)
    yield changed("a day that is not", '"XXXX-09-17"', '"XXXX-02-30"', "shapes:TimeExpression-edtf")
    yield changed("a duration in words", '"P1D"', '"a day"', "shapes:TimeExpression-offset")
    yield changed("a number that is none", lower, 'asc:lowerBound "NaN"^^xsd:double', bound)
    yield changed("a number in words", lower, 'asc:lowerBound "sixty"', bound)
    yield changed(
        "neither true nor false",
        "Inclusive false",
        'Inclusive "no"^^xsd:boolean',
        "shapes:QuantityProposition-lowerInclusive",
    )
    infinite = 'asc:confidence "INF"^^xsd:double'
    yield changed(
        "endless confidence", "asc:confidence 0.9", infinite, "shapes:Assessment-confidence"
    )
    yield changed(
        "a language in words",
        'schema:inLanguage "en"',
        'schema:inLanguage "plain English"',
        "shapes:DocumentVersion-inLanguage",
    )


FROM_CASES = (
    *("agent/invalid-also-a-post", "agent/invalid-blank-node", "agent/invalid-part-of-itself"),
    *("agent/invalid-joint-group-of-one", "agent/invalid-narrator-of-two"),
    *("assessment/invalid-author-missing", "assessment/invalid-compared-with-itself"),
    *("attribution/invalid-agent-missing", "attribution/invalid-agent-twice"),
    *("attribution/invalid-chain-goes-round", "attribution/invalid-chain-open"),
    *("attribution/invalid-chain-goes-on-after-the-narrator", "attribution/invalid-relayed-twice"),
    *("bundle/invalid-relation-without-assessment", "event/invalid-event-with-a-date"),
    *("event/invalid-year-supplied", "proposition/invalid-bounds-in-the-wrong-order"),
    *("source/invalid-prefix-from-elsewhere", "source/invalid-review-of-another-text"),
    *("source/invalid-words-tidied-up", "statement/invalid-attribution-missing"),
    *("statement/invalid-blank-node", "statement/invalid-narrator-and-somebody-else"),
    *("statement/invalid-source-missing", "statement/invalid-speaker-given"),
    *("statement/invalid-verbatim-given", "statement/invalid-withdrawn-before-recorded"),
)


def bad_inputs() -> list[Bad]:
    """All of them, each by another name."""
    found = [
        *_unreadable(),
        *_too_large(),
        *_not_for_bundles(),
        *_hostile_literals(),
        *_offsets(),
        *_quotes(),
        *_terms_and_values(),
        *map(from_case, FROM_CASES),
    ]
    assert len({bad.name for bad in found}) == len(found)
    return found
