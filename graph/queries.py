"""The named queries: `.rq` files that run unedited in any SPARQL engine.

A file starts with comments that say what it answers and which variables a
caller may bind:

    # title: Statements by speaker
    # question: Which statements does a speaker make?
    # theme: voices
    # cost: reads every statement that has no event
    # param: $speaker iri -- the agent at hop 0
    # param: $event iri? -- the event; without it, all of them
    # param: $asOf dateTime = 2026-01-01T00:00:00Z -- the record time

Values are checked and written in as a VALUES block by the engine's own serializer, so
that the engine knows them when it decides where to begin; what may be left out is then a
variable like any other. `cost` says why a query takes longer the more is
stored; those without one look at what hangs on their parameters, or at a few things.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin

from pyoxigraph import Literal, NamedNode

from graph.errors import BadInput, NotFound
from graph.files import queries_dir
from graph.store import Term
from graph.vocab import PREFIXES, XSD

_PARAM = re.compile(
    r"^# param: \$(?P<name>\w+) (?P<kind>\w+)(?P<optional>\??)"
    r"(?: = (?P<default>.+?))? -- (?P<meaning>.+)$",
    re.M,
)
_TOLD = ("title", "question", "theme", "cost")
_HEAD = re.compile(rf"^# ({'|'.join(_TOLD)}): (.+)$", re.M)


@dataclass(frozen=True, slots=True)
class Param:
    """A variable that a caller binds.

    Shape: `kind` is iri or the local name of an XSD datatype; `optional` is "?" where
        it may be left out.
    """

    name: str
    kind: str
    optional: str
    default: str | None
    meaning: str

    def term(self, text: str, base: str) -> Term:
        """A caller's text as a term; IRIs may be relative or prefixed names.

        Raises: BadInput if the text is no value of this kind.
        """
        if self.kind == "iri":
            try:
                return NamedNode(_iri(text.strip("<>"), base))
            except ValueError as error:
                raise BadInput(f"${self.name}={text!r} is no IRI: {error}.") from None
        if self.kind == "string":
            return Literal(text)
        literal = Literal(text, datatype=XSD.term(self.kind))
        if not _LEXICAL[self.kind].fullmatch(text):
            raise BadInput(f"${self.name}={text!r} is no {self.kind}: it is {self.meaning}.")
        return literal


_LEXICAL = {
    "integer": re.compile(r"[+-]?\d+"),
    "decimal": re.compile(r"[+-]?\d+(\.\d+)?"),
    "boolean": re.compile(r"true|false"),
    "dateTime": re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"),
    "date": re.compile(r"-?\d{4,}-\d\d-\d\d"),
}


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query with its question and parameters, and what it costs if that grows."""

    name: str
    title: str
    question: str
    theme: str
    cost: str
    params: tuple[Param, ...]
    sparql: str

    def bound(self, given: Mapping[str, str], base: str) -> str:
        """The query with its values in it, which any engine runs as it stands.

        Shape: the values stand first in the pattern, as VALUES blocks.
        Raises: as `bindings`.
        """
        lines = self.sparql.splitlines()
        text = "\n".join(line for line in lines if not line.startswith(("# param:", "# theme:")))
        for name, term in self.bindings(given, base).items():
            block = " ".join(("WHERE {\n  VALUES", f"${name}", "{", str(term), "}"))
            text = text.replace("WHERE {", block, 1)
        return text

    def bindings(self, given: Mapping[str, str], base: str) -> dict[str, Term]:
        """The terms to bind: what is given, then the defaults.

        Raises: BadInput for an unknown parameter, a missing one or a wrong value.
        """
        known = {param.name: param for param in self.params}
        for name in given:
            if name not in known:
                expected = ", ".join(f"${each}" for each in known) or "none"
                raise BadInput(f"{self.name} has no parameter ${name}. It takes: {expected}.")
        values: dict[str, Term] = {}
        for name, param in known.items():
            text = given.get(name, param.default)
            if text is not None:
                values[name] = param.term(text, base)
            elif not param.optional:
                raise BadInput(
                    f"{self.name} needs ${name}, {param.meaning}: add --param {name}=VALUE."
                )
        return values


@cache
def named_queries() -> dict[str, NamedQuery]:
    """All named queries, by name."""
    files = sorted(queries_dir().glob("*.rq"))
    return {path.stem: _read(path.stem, path.read_text("utf-8")) for path in files}


def named_query(name: str) -> NamedQuery:
    """One named query.

    Raises: NotFound, listing the names there are.
    """
    found = named_queries().get(name)
    if found is None:
        raise NotFound(
            f"There is no query named {name!r}. Named queries: {', '.join(named_queries())}."
        )
    return found


def _read(name: str, sparql: str) -> NamedQuery:
    head = dict(_HEAD.findall(sparql))
    params = tuple(Param(**match.groupdict()) for match in _PARAM.finditer(sparql))
    title, question, theme, cost = (head.get(each, "") for each in _TOLD)
    return NamedQuery(name, title or name, question, theme, cost, params, sparql)


def _iri(text: str, base: str) -> str:
    prefix, colon, local = text.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    return urljoin(base, text)
