"""Which column of a table holds what: a TOML file, or the names of our own CSV export.

[columns]   what it holds here = "what the table calls it"
[defaults]  what it holds here = "what holds where the cell is empty"
[values.kind]  "what the table says" = "what is meant", for any column
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from graph.annotation.table import Table
from graph.errors import AnnotationFault, BadInput
from graph.importing.rows import COLUMNS, Row


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a table is read; empty, a column is called what it holds."""

    columns: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)

    def called(self, header: Sequence[str]) -> dict[str, str]:
        """What the table calls each column that it has.

        Raises: BadInput if a column is named that is not there, or none holds the words.
        """
        for name in self.columns.values():
            if name not in header:
                raise BadInput(f"there is no column {name!r}; it has {', '.join(header)}")
        found = {each: self.columns.get(each, each) for each in COLUMNS}
        called = {each: name for each, name in found.items() if name in header}
        if "text" not in called:
            raise BadInput(
                f"no column holds the words: it has {', '.join(header)}. Name the one that does "
                'in a mapping, such as [columns] text = "Quote"'
            )
        return called

    def filled(self, row: Row) -> Row:
        """A row of another format, with the defaults where it tells nothing."""
        told = {name: self.read(name, cell) for name, cell in row.cells.items()}
        return replace(row, cells={**self.defaults, **told})

    def read(self, column: str, cell: str) -> str:
        """What a cell means."""
        told = cell.strip() or self.defaults.get(column, "")
        return self.values.get(column, {}).get(told, told)


def read_mapping(data: bytes, name: str) -> Mapping:
    """The mapping that a TOML file holds.

    Raises: BadInput naming the table and the key that cannot be read.
    """
    try:
        file = Table(tomllib.loads(data.decode()), "the mapping", ("columns", "defaults", "values"))
        tables = [
            Table(file.get(section, dict, "a table") or {}, f"[{section}]", COLUMNS)
            for section in ("columns", "defaults")
        ]
        columns, defaults = ({k: t.text(k) for k in COLUMNS if k in t} for t in tables)
        values = Table(file.get("values", dict, "tables") or {}, "[values]", COLUMNS)
        meant: dict[str, dict[str, str]] = {
            k: values.get(k, dict, "a table") for k in COLUMNS if k in values
        }
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{name}: not readable as TOML: {error}.") from None
    except AnnotationFault as fault:
        raise BadInput(f"{name}: {fault}") from None
    return Mapping(columns, defaults, meant)
