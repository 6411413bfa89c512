"""Answers as plain Python values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from graph.store import Term

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a SELECT query, plain Python values in the order of its variables."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a data frame; needs the `pandas` extra."""
        import pandas

        return pandas.DataFrame(list(self.rows), columns=list(self.variables))


def as_python(term: Term | None) -> Any:
    """A term as a plain Python value: IRIs and texts as str, numbers as numbers."""
    if isinstance(term, Literal):
        reader = _READERS.get(term.datatype.value.rpartition("#")[2])
        return reader(term.value) if reader else term.value
    return term.value if isinstance(term, NamedNode) else None if term is None else str(term)


_READERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "decimal": float,
    "double": float,
    "boolean": lambda text: text == "true",
}
