"""One table of an annotation file: its values, and faults that say where they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graph.errors import AnnotationFault


class Table:
    """A TOML table that knows its place in the file and which keys it may have."""

    __slots__ = ("_data", "where")

    def __init__(self, data: object, where: str, keys: Iterable[str]) -> None:
        if not isinstance(data, dict):
            raise AnnotationFault(f"{where} is {data!r}. Expected a table: key = value lines.")
        self._data: dict[str, Any] = data
        self.where = where
        known = sorted(keys)
        for key in data:
            if key not in known:
                raise self.fault(key, f"no such key here; expected one of {', '.join(known)}")

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def fault(self, key: str, problem: str, in_a_file: str = "") -> AnnotationFault:
        """The error to raise: table, key, what was expected.

        Shape: `in_a_file` is what only an annotation can do about it, and no row of a table.
        """
        message = f"{self.where}, {key}: {problem}{in_a_file}."
        return AnnotationFault(message, self.where, key, problem)

    def text(self, key: str) -> str:
        """The words under a key that must be there."""
        value = self.get(key, str, "words in quotation marks")
        if not value:
            raise self.fault(key, "nothing there; expected words in quotation marks")
        return str(value)

    def maybe(self, key: str) -> str | None:
        """The words under a key, if it is there."""
        return self.text(key) if key in self._data else None

    def texts(self, key: str) -> list[str]:
        """One string or a list of strings under a key; empty if it is not there."""
        value = self._data.get(key, [])
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise self.fault(key, f"it is {value!r}; expected a string or a list of strings")
        return listed

    def number(self, key: str) -> int | None:
        """The whole number under a key, if it is there."""
        value = self.get(key, int, "a whole number")
        return None if value is None else int(value)

    def get(self, key: str, kind: type | tuple[type, ...] = object, expected: str = "") -> Any:
        """The value under a key, None if it is not there.

        Raises: AnnotationFault if it is of another kind.
        """
        value = self._data.get(key)
        flag_for_number = isinstance(value, bool) and kind not in (bool, object)
        if value is not None and (flag_for_number or not isinstance(value, kind)):
            raise self.fault(key, f"it is {value!r}; expected {expected}")
        return value

    def items(self, key: str) -> list[Any]:
        """What stands under a key, as a list; one value is a list of one."""
        value = self._data.get(key, [])
        return value if isinstance(value, list) else [value]

    def tables(self, key: str, keys: Iterable[str], name: str = "id") -> Iterator[Table]:
        """The tables of `[[key]]`, each called by its `name` or else by its number."""
        for number, data in enumerate(self.items(key), 1):
            title = data.get(name) if isinstance(data, dict) else None
            yield Table(data, f"[[{key}]] {title or number}", keys)

    def named(self, key: str, keys: Iterable[str]) -> dict[str, Table]:
        """The tables `[key.name]` by their names."""
        section = self._data.get(key, {})
        if not isinstance(section, dict):
            raise self.fault(key, f"expected tables headed [{key}.some-name]")
        return {name: Table(data, f"[{key}.{name}]", keys) for name, data in section.items()}
