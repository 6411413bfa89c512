"""The engine's errors as ours: what it says is wrong with a query, in one sentence and at its
place."""

from __future__ import annotations

import re

from graph.errors import GraphError, StoreFault, SyntaxFault

_LONGEST = 40
_WORD = re.compile(r"\b[A-Za-z]{2,}\d?\b")
_SENTENCE = re.compile(r"\b[A-Z][a-z]*(?: [A-Za-z]+){2,}")


def as_ours(error: Exception, sparql: str = "") -> GraphError:
    """An error of the engine as ours; one that is ours already as it is."""
    if isinstance(error, GraphError):
        return error
    if isinstance(error, SyntaxError):
        return syntax_fault(error, sparql)
    return StoreFault(f"The query stopped: {error}.")


def syntax_fault(error: SyntaxError, text: str, what: str = "query") -> SyntaxFault:
    """The engine's message with its place and the piece of text there, less its grammar."""
    message = " ".join(str(error).split())
    at = re.match(r"error at (\d+):(\d+): (.*)", message)
    if at is None:
        return SyntaxFault(f"The {what} is not SPARQL 1.1: {message}.")
    if not text.strip():
        return SyntaxFault(f"The {what} is empty.", line=1, column=1)
    expected = at[3].split("['")[0].removeprefix("expected ").removeprefix("one of ")
    place = _start(text, _index(text, int(at[1]), int(at[2])), expected)
    before = text[:place]
    line, column = before.count("\n") + 1, place - (before.rfind("\n") + 1) + 1
    piece = " ".join(text[place : place + _LONGEST].split())
    said = _SENTENCE.search(expected)
    return SyntaxFault(
        f"The {what} is not SPARQL 1.1 from line {line}, column {column} on, "
        f"{f'at “{piece}”' if piece else 'where it ends'}.{f' {said[0]}.' if said else ''}",
        line=line,
        column=column,
    )


def _index(text: str, line: int, column: int) -> int:
    return sum(map(len, text.splitlines(keepends=True)[: line - 1])) + column - 1


def _start(text: str, index: int, expected: str) -> int:
    """Where the piece of text begins that the engine stopped in.

    It reads as many characters as a keyword has before it compares them, and stops
    after these; a name, it reads to its end.
    """
    words = _WORD.findall(expected)
    if words and not re.search(r'"|[a-z] [a-z]', expected):
        index = max(0, index - min(map(len, words)))
    if not text[index:].strip():
        return index
    while index > 0 and re.match(r"[\w:?$-]", text[index - 1]):
        index -= 1
    return index
