"""The named queries: `.rq` files that run unedited in any SPARQL engine.

A file starts with comments that say what it answers and which variables a
caller may bind:

    # title: Statements by speaker
    # question: Which statements does a speaker make?
    # param: $speaker iri -- the agent at hop 0
    # param: $asOf dateTime = 2026-01-01T00:00:00Z -- the record time

Values are bound as terms by the engine, never spliced into the text.
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
    r"^# param: \$(?P<name>\w+) (?P<kind>\w+)(?: = (?P<default>.+?))? -- (?P<meaning>.+)$", re.M
)
_HEAD = re.compile(r"^# (title|question): (.+)$", re.M)


@dataclass(frozen=True, slots=True)
class Param:
    """A variable that a caller binds.

    Shape: `kind` is iri or the local name of an XSD datatype.
    """

    name: str
    kind: str
    default: str | None
    meaning: str

    def term(self, text: str, base: str) -> Term:
        """A caller's text as a term; IRIs may be relative or prefixed names.

        Raises: BadInput if the text is no value of this kind.
        """
        if self.kind == "iri":
            return NamedNode(_iri(text.strip("<>"), base))
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
    """A query with its question and parameters."""

    name: str
    title: str
    question: str
    params: tuple[Param, ...]
    sparql: str

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
            if text is None:
                raise BadInput(
                    f"{self.name} needs ${name}, {param.meaning}: add --param {name}=VALUE."
                )
            values[name] = param.term(text, base)
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
    return NamedQuery(name, head.get("title", name), head.get("question", ""), params, sparql)


def _iri(text: str, base: str) -> str:
    prefix, colon, local = text.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    return urljoin(base, text)
