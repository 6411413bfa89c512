"""The rules as the shapes state them: one message per rule, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal, NamedNode

from graph.report import VIOLATION, Result
from graph.schema import shapes
from graph.vocab import SH, SHAPES


@dataclass(frozen=True, slots=True)
class Rule:
    """A property shape or constraint with its name, severity and message."""

    iri: str
    name: str
    message: str
    severity: str
    checked_in_python: bool

    def broken(
        self,
        focus: str,
        *,
        path: NamedNode | None = None,
        value: Literal | NamedNode | None = None,
        detail: str = "",
    ) -> Result:
        """A result that says this rule is broken at `focus`."""
        return Result(
            line=None,
            rule=self.iri,
            focus=focus,
            path=path.value if path else None,
            value=str(value) if value is not None else None,
            component=SHAPES.SelectorConstraintComponent.value,
            severity=self.severity,
            message=f"{self.message} {detail}".strip(),
        )


@cache
def rules() -> dict[str, Rule]:
    """Every rule that has a message, by IRI."""
    found: dict[str, dict[str, str]] = {}
    for quad in shapes():
        if isinstance(quad.subject, NamedNode):
            value = quad.object.value if isinstance(quad.object, Literal | NamedNode) else ""
            found.setdefault(quad.subject.value, {})[quad.predicate.value] = value
    return {
        iri: Rule(
            iri,
            facts.get(SH.term("name").value, ""),
            facts[SH.message.value],
            facts.get(SH.severity.value, VIOLATION),
            facts.get(SH.deactivated.value) == "true",
        )
        for iri, facts in found.items()
        if SH.message.value in facts
    }


def rule(name: str) -> Rule:
    """The rule `shapes:name`."""
    return rules()[SHAPES.term(name).value]
