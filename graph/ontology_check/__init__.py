"""Whether the ontology keeps its own promises.

Every term is explained, every use of one is defined, every shape names what
there is; no axiom leaves OWL 2 RL; and HermiT finds no contradiction. These are
checks for the authors of the ontology, run by the tests and by `ascribe check`,
never on a request.
"""

from graph.ontology_check.finding import Finding
from graph.ontology_check.hermit import ConsistencyProof, find_java, prove_consistent
from graph.ontology_check.owl_rl import outside_owl_rl
from graph.ontology_check.own_shapes import shacl_findings
from graph.ontology_check.shape_terms import unknown_in_shapes
from graph.ontology_check.terms import (
    files_using_terms,
    load_ontology,
    undefined_terms,
    undocumented_terms,
)

__all__ = [
    "ConsistencyProof",
    "Finding",
    "files_using_terms",
    "find_java",
    "load_ontology",
    "outside_owl_rl",
    "prove_consistent",
    "shacl_findings",
    "undefined_terms",
    "undocumented_terms",
    "unknown_in_shapes",
]
