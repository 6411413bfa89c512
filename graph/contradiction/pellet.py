"""Pellet's word on whether axioms and data can all hold, and on what keeps them from it.

owlready2 brings Pellet as Java classes, run directly for the reasons that hold for
HermiT. Pellet prints no more of a name than its end and garbles some texts, so names
and texts go in as short tokens, and what it prints is read back exactly. They go in as
RDF/XML: its OWLAPI misreads N-Triples, and owlready2's Jena needs Java 25.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from graph.errors import BadInput, TooLarge, ToolMissing
from graph.facts import Term
from graph.ontology_check.hermit import IN_A_HURRY, find_java, java_said
from graph.schema import ontology
from graph.vocab import OWL, RDF, RDFS, XSD

MEMORY = "-Xmx1500M"
TIMEOUT_S = 300
MOST_TRIPLES = 300_000
MOST_EXPLAINED = 5

Axiom = tuple[str | Term, ...]
"""An axiom as Pellet prints it: its own words as text, names and values as terms."""

_NAMES = "http://names/#"
_KEPT = (OWL, RDF, RDFS, XSD)
_SAY_NOTHING = {RDFS.label, RDFS.comment, RDFS.isDefinedBy, RDFS.seeAlso}
_FIRST_LINE = re.compile(r"^\d+\)\s+", re.MULTILINE)
_BARE = re.compile(r"[-+.\d][-+.\deE]*|true|false")
_TOKEN = re.compile(r'"[^"]*"(?:@[\w-]+|\^\^\S+)?|[^\s(){}\[\],]+')


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Pellet found.

    Shape: each contradiction is a smallest set of axioms that cannot all hold;
        none says that everything can. There may be more than are given.
    Units: `seconds` of wall-clock time, starting Java included.
    """

    contradictions: tuple[tuple[Axiom, ...], ...]
    triples: int
    seconds: float

    @property
    def consistent(self) -> bool:
        """Whether everything can hold."""
        return not self.contradictions


def find_contradictions(
    triples: Iterable[Triple], java: str | None = None, empty: NamedNode | None = None
) -> Verdict:
    """Ask Pellet for contradictions, or why the class `empty` can have no member.

    Raises: TooLarge over `MOST_TRIPLES` or the time; JavaMissing; ToolMissing without
        owlready2; BadInput if Pellet refuses the triples.
    """
    held = [*dict.fromkeys(triples)]  # in their order, so that the answer is the same each time
    if len(held) > MOST_TRIPLES:
        raise TooLarge(
            f"There are more than {MOST_TRIPLES:,} triples, ontology included, and no more can "
            "be reasoned over at a time: name the files of fewer bundles."
        )
    runtime, classes = find_java(java), pellet_classes()
    started = time.perf_counter()
    names = _Names()
    with tempfile.TemporaryDirectory(prefix="ascribe-") as folder:
        path = Path(folder) / "all.rdf"
        serialize(names.shortened(held), str(path), RdfFormat.RDF_XML)
        asked = ["--inconsistent"] if empty is None else ["--unsat", names.named(empty)]
        output = _run(runtime, classes, [*asked, "-x", str(MOST_EXPLAINED), str(path)])
    found = tuple(names.read_back(output))
    return Verdict(found, len(held), time.perf_counter() - started)


class _Names:
    """Short tokens for names and texts, and the way back."""

    def __init__(self) -> None:
        self._short: dict[Term, Term] = {}
        self._long: dict[str, Term] = {}

    def shortened(self, triples: Sequence[Triple]) -> Iterator[Triple]:
        """The triples with short names, less those that say nothing to a reasoner."""
        silent = {t.subject for t in triples if t.object == OWL.AnnotationProperty}
        for triple in triples:
            if triple.predicate not in silent and triple.predicate not in _SAY_NOTHING:
                yield Triple(*(self.short(term) for term in triple))  # type: ignore[arg-type]

    def short(self, term: Term) -> Term:
        """The token of a term; what is OWL's own, and a blank node of an axiom, stays."""
        if term not in self._short:
            self._short[term] = self._token(term)
        return self._short[term]

    def named(self, iri: NamedNode) -> str:
        """The short name of a term that is an IRI."""
        short = self.short(iri)
        assert isinstance(short, NamedNode)
        return short.value

    def _token(self, term: Term) -> Term:
        name = f"n{len(self._short)}"
        if isinstance(term, NamedNode) and not term.value.startswith(_KEPT):
            self._long[name] = term
            return NamedNode(_NAMES + name)
        if isinstance(term, Literal):
            if term.language or term.datatype == XSD.string:
                self._long[f'"{name}"'] = term
                return Literal(name, language=term.language)
            self._long[f'"{term.value}"'] = term
            if _BARE.fullmatch(term.value):
                self._long[term.value] = term
        return term

    def read_back(self, output: str) -> Iterator[tuple[Axiom, ...]]:
        """The contradictions that Pellet printed."""
        for block in _FIRST_LINE.split(output)[1:]:
            yield tuple(self._axiom(text) for text in _axioms(block))

    def _axiom(self, text: str) -> Axiom:
        return tuple(map(self._term, _TOKEN.findall(text)))

    def _term(self, token: str) -> str | Term:
        text = re.sub(r'(?<=")[@^].*', "", token)
        if text in self._long:
            return self._long[text]
        return _datatypes().get(token, token)


@cache
def _datatypes() -> dict[str, NamedNode]:
    """The datatypes of the ontology, by the names that Pellet prints."""
    ranges = (quad.object for quad in ontology() if quad.predicate == RDFS.range)
    found = (each for each in ranges if isinstance(each, NamedNode))
    return {each.value.removeprefix(XSD): each for each in found if each.value.startswith(XSD)}


def _axioms(block: str) -> Iterator[str]:
    """The axioms of one explanation, each as one text; a list goes over several lines."""
    text = ""
    for line in block.splitlines():
        text = f"{text} {line.strip()}"
        if text.strip() and text.count("(") == text.count(")"):
            yield text
            text = ""


def pellet_classes() -> str:
    spec = importlib.util.find_spec("owlready2")
    if spec is None or spec.origin is None:
        raise ToolMissing("Pellet comes with owlready2: `pip install owlready2`.")
    return os.pathsep.join(map(str, (Path(spec.origin).parent / "pellet").glob("*.jar")))


def _run(java: str, classes: str, asked: list[str]) -> str:
    command = [
        java,
        MEMORY,
        *IN_A_HURRY,
        "-cp",
        classes,
        "pellet.Pellet",
        "explain",
        "--ignore-imports",
    ]
    try:
        run = subprocess.run(
            [*command, *asked],
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TooLarge(
            f"Pellet found no answer in {TIMEOUT_S} seconds: name the files of fewer bundles."
        ) from None
    if "OutOfMemoryError" in run.stderr:
        raise TooLarge(f"Pellet needs more memory than {MEMORY[4:]}: name fewer bundles.")
    # It may fail once it has printed what it found, or say that it found nothing.
    if not _FIRST_LINE.search(run.stdout) and "NOT ENTAILED" not in run.stdout:
        raise BadInput(f"Pellet refused the triples: {java_said(run.stderr)}")
    return run.stdout
