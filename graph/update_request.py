"""A SPARQL Update request as its operations, by rdflib's grammar.

The grammar says where each part of an operation begins and ends; the parts stay
SPARQL text, for the engine that answers them. Parsed here first, a request can
neither reach out (LOAD, SERVICE) nor nest so deep that the engine dies of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.errors import BadInput, SyntaxFault
from graph.grammar import turn

if TYPE_CHECKING:
    from pyparsing import ParseResults


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a request, its parts as SPARQL text.

    Shape: `kind` is INSERT DATA, DELETE DATA, CHANGE (DELETE and INSERT with
        WHERE), CLEAR (also DROP), COPY, MOVE, ADD or CREATE; `parts` has, as the
        kind needs them, the groups `insert`, `delete` and `where`, and the
        graphs `with`, `target`, `from` and `to`; `prologue` are the prefixes
        declared so far.
    """

    kind: str
    prologue: str
    parts: dict[str, str]
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    silent: bool = False


def operations_of(request: str, base: str = "", *, data_unread: bool = False) -> list[Operation]:
    """The operations of an Update request without escaped characters, in their order.

    Shape: relative IRIs are meant against `base`; with `data_unread`, data is left for
        an engine to read, but where it nests.
    Raises: SyntaxFault with line and column; BadInput for what is never done here.
    Source: SPARQL 1.1 Query Language, section 19.8 (grammar, 29 to 51).
    """
    from pyparsing import ParseException

    from graph.update_grammar import update

    try:
        with turn():
            found = update(data_unread=data_unread).parse_string(request, parse_all=True)
    except ParseException as fault:
        raise SyntaxFault(
            f"The update is not SPARQL 1.1 from line {fault.lineno}, column {fault.column} on.",
            line=fault.lineno,
            column=fault.column,
        ) from None
    except RecursionError:
        raise BadInput("The update nests too deep to be read: write it flatter.") from None
    return list(_operations(found, f"BASE <{base}>\n" if base else ""))


def reaches_out(query: str) -> bool:
    """Whether a query would have another server asked, by SERVICE.

    Where only the word is certain, since the grammar cannot read the rest, it would.
    """
    if "SERVICE" not in query.upper():  # the engine reads `SERVICEex:sparql` as SERVICE
        return False
    from pyparsing import ParseException
    from rdflib.plugins.sparql.parser import parseQuery

    from graph.update_grammar import SERVICE, mentions

    try:
        with turn():
            return mentions(parseQuery(query), SERVICE)
    except (ParseException, RecursionError):
        return True


def unescaped(request: str) -> str:
    r"""A request with its \u escapes as the characters they stand for.

    Raises: SyntaxFault for an escape that stands for none.
    Source: SPARQL 1.1 Query Language, section 19.2.
    """
    return _ESCAPE.sub(_character, request)


_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def _character(escape: re.Match[str]) -> str:
    try:
        character = chr(int(escape[1] or escape[2], 16))
        character.encode()
    except (ValueError, OverflowError):
        raise SyntaxFault(f"The update is not SPARQL: {escape[0]} is no character.") from None
    return character


def _operations(steps: ParseResults, prologue: str) -> Iterator[Operation]:
    from graph.update_grammar import SERVICE, mentions

    for step in steps:
        prologue += _text(step["prologue"]) + "\n"
        parts = {name: _text(step[name]) for name in _PARTS if name in step}
        kind = " ".join(step.get("kind", ["CHANGE"] if parts else [])).upper()
        if kind == "LOAD" and "silent" in step:
            continue
        if kind == "LOAD" or mentions(step, SERVICE):
            raise BadInput(
                f"The update asks for {'LOAD' if kind == 'LOAD' else 'SERVICE'}, and nothing is "
                "fetched from elsewhere here: fetch it yourself and send what it says."
            )
        if kind:
            yield Operation(
                kind,
                prologue,
                parts,
                tuple(map(_text, step.get("using", ()))),
                tuple(map(_text, step.get("using_named", ()))),
                "silent" in step,
            )


_PARTS = ("insert", "delete", "where", "with", "target", "from", "to")


def _text(part: ParseResults) -> str:
    return str(part["text"])
