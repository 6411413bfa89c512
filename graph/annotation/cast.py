"""Who and what an annotation speaks of: each made when it is first named.

Agents, events, places, posts, concepts, times and propositions share one set of
names, so that an argument of a proposition is just a name.
"""

from __future__ import annotations

import difflib

from graph.annotation.makers import SECTIONS
from graph.annotation.source import Source
from graph.annotation.table import Table
from graph.fields import Record
from graph.schema import concepts


class Cast:
    """Names to IRIs; `records` grows as names are used."""

    def __init__(self, file: Table, source: Source) -> None:
        self.source = source
        self.mint = source.mint
        self.records: dict[str, Record] = {}
        self._iris: dict[str, str] = {"narrator": source.narrator_iri}
        self._making: list[str] = []
        self._tables: dict[str, tuple[str, Table]] = {}
        for section, (keys, _) in SECTIONS.items():
            for name, table in file.named(section, keys).items():
                if name in self._tables or name in self._iris:
                    raise table.fault(name, "this name is taken; names are shared by all sections")
                self._tables[name] = (section, table)

    def make_all(self) -> None:
        """Make what no statement has named: an unused entry is checked as well."""
        for name, (_, table) in self._tables.items():
            self.iri(name, table, name)

    def iri(self, name: str, user: Table, key: str) -> str:
        """The IRI of what `name` stands for; `user` and `key` say who asks.

        Raises: AnnotationFault if nothing has that name, or it is made of itself.
        """
        if name in self._iris:
            return self._iris[name]
        if name not in self._tables:
            sections = ", ".join(f"[{section}.*]" for section in SECTIONS)
            raise user.fault(
                key, f"nothing is called {name!r}", f"; add it under one of {sections}"
            )
        if name in self._making:
            raise user.fault(key, f"{name!r} is part of itself: {' > '.join(self._making)}")
        self._making.append(name)
        section, table = self._tables[name]
        record = SECTIONS[section].make(self, table)
        self._making.pop()
        if record.iri in self.records:
            raise table.fault("label", "another entry says just the same; use one name for both")
        self._iris[name] = self.keep(record)
        return record.iri

    def iris(self, table: Table, key: str) -> tuple[str, ...]:
        """The IRIs of the names under a key, sorted."""
        return tuple(sorted({self.iri(name, table, key) for name in table.texts(key)}))

    def maybe(self, table: Table, key: str) -> str | None:
        """The IRI of the name under a key, if the key is there."""
        name = table.maybe(key)
        return None if name is None else self.iri(name, table, key)

    def concept(
        self, table: Table, key: str, scheme: str, default: str | None = None
    ) -> str | None:
        """The IRI of the concept a word under a key stands for, if it is there.

        Shape: a word of our scheme first, then a name of `[concepts.*]`.
        Raises: AnnotationFault naming the nearest words of the scheme.
        """
        word = table.maybe(key) or default
        if word is None:
            return None
        known = concepts(scheme)
        if word in known:
            return known[word].value
        if word in self._tables and self._tables[word][0] == "concepts":
            return self.iri(word, table, key)
        near = difflib.get_close_matches(word, known, n=5, cutoff=0.4) or sorted(known)
        raise table.fault(
            key,
            f"{word!r} is no word of the scheme ascv:{scheme}; expected one such as "
            f"{', '.join(near)}",
            ", or a name of your own under [concepts.*]",
        )

    def keep(self, record: Record) -> str:
        """Add a record; the same record twice is one."""
        self.records[record.iri] = record
        return record.iri
