"""The sources of statements for reference managers, as BibTeX and as CSL-JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import IO, Any

from pyoxigraph import Literal, NamedNode

from graph.extract import Extract
from graph.formats import Format
from graph.store import Store
from graph.vocab import ASC, DCTERMS, LABELS, SCHEMA

BIBTEX = Format("BibTeX", "application/x-bibtex", "bib")
CSL_JSON = Format("CSL-JSON", "application/vnd.citationstyles.csl+json", "csl")

_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{each: f"\\{each}" for each in "{}%&#_$"},
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """A source as a reference names it; what it does not say is empty.

    Shape: `issued` has a year, and a month and a day as far as they are said; `address`
        is where it was published.
    """

    iri: str
    title: str
    authors: tuple[str, ...]
    publishers: tuple[str, ...]
    issued: tuple[int, ...]
    language: str
    address: str

    @property
    def key(self) -> str:
        """A short name of its own: its document's, and which of its versions it is."""
        document, _, digest = self.iri.partition("/v/")
        name = document.rpartition("/")[2].removesuffix(f"-{digest[:8]}")
        return re.sub(r"[^\w-]", "", f"{name}-{digest[:8]}")


def write_bibtex(extract: Extract, output: IO[bytes]) -> None:
    """Write an entry for each source of what is chosen."""
    for source in _sources(extract):
        output.write(f"{bibtex('misc', source.key, _fields(source))}\n\n".encode())


def write_csl_json(extract: Extract, output: IO[bytes]) -> None:
    """Write an item for each source of what is chosen.

    Source: Citation Style Language, JSON schema for input data.
    """
    output.write(b"[")
    for number, source in enumerate(_sources(extract)):
        text = ("," if number else "") + "\n" + json.dumps(_item(source), ensure_ascii=False)
        output.write(text.encode())
    output.write(b"\n]\n")


def bibtex(kind: str, key: str, fields: dict[str, str]) -> str:
    """A BibTeX entry: a line for each field that has a value, in the order given."""
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def tex(text: str) -> str:
    """Words on one line, with TeX's own characters escaped."""
    return " ".join(text.split()).translate(_TEX)


def names(whole: tuple[str, ...] | list[str]) -> str:
    """Names for BibTeX, none of them taken apart into first and last."""
    return " and ".join(f"{{{tex(name)}}}" for name in whole)


def _fields(source: Source) -> dict[str, str]:
    year, month = (*source.issued, 0, 0)[:2]
    return {
        "author": names(source.authors),
        "title": f"{{{tex(source.title)}}}" if source.title else "",
        "publisher": names(source.publishers),
        "year": str(year or ""),
        "month": str(month or ""),
        "language": source.language,
        "url": source.address or source.iri,
    }


def _item(source: Source) -> dict[str, Any]:
    told = {
        "id": source.key,
        "type": "document",
        "title": source.title,
        "author": [{"literal": name} for name in source.authors],
        "publisher": "; ".join(source.publishers),
        "issued": {"date-parts": [[*source.issued]]} if source.issued else None,
        "language": source.language,
        "URL": source.address or source.iri,
    }
    return {name: value for name, value in told.items() if value}


def _sources(extract: Extract) -> Iterator[Source]:
    """The sources of what is chosen, one by one."""
    for version, rows in groupby(extract.rows(), key=lambda row: row.source):
        row = next(rows)
        store = extract.dataset.store
        document = next(_values(store, version, ASC.versionOf), "")
        yield Source(
            version,
            row.title,
            _called(store, document, DCTERMS.creator),
            _called(store, document, DCTERMS.publisher),
            tuple(map(int, re.findall(r"\d+", row.published.partition("T")[0])[:3])),
            row.language,
            next(_values(store, document, SCHEMA.url), ""),
        )


def _called(store: Store, iri: str, role: NamedNode) -> tuple[str, ...]:
    """What those are called who have a role in something."""
    found = (_values(store, each, *LABELS) for each in _values(store, iri, role))
    return tuple(filter(None, (next(called, "") for called in found)))


def _values(store: Store, subject: str, *predicates: NamedNode) -> Iterator[str]:
    for predicate in predicates if subject else ():
        found = (quad.object for quad in store.match(NamedNode(subject), predicate))
        yield from sorted(each.value for each in found if isinstance(each, NamedNode | Literal))
