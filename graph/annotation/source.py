"""The source an annotation is about: its text, its records, its words as spans."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urljoin

from graph.annotation.table import Table
from graph.errors import AnnotationFault, SelectorMismatch
from graph.fields import Record, Text
from graph.iris import Minter
from graph.model import Agent, Document, DocumentVersion, TextSpan
from graph.selectors import Selector, find
from graph.vocab import ASC

KEYS = frozenset(
    {"slug", "title", "language", "sha256", "narrator", "issued", "authors", "publisher"}
)


@dataclass(frozen=True, slots=True)
class Source:
    """A document version with its text at hand."""

    text: str
    sha256: str
    mint: Minter
    document_iri: str
    version_iri: str
    narrator_iri: str
    records: tuple[Record, ...]

    def elsewhere(self, iri: str) -> str:
        """The IRI of something another bundle describes, which may be written relative."""
        return urljoin(self.mint.base, iri)

    def span(self, selector: Selector) -> TextSpan:
        """The words a selector points at, as a record."""
        return TextSpan(
            iri=self.mint.span(self.sha256, selector.start, selector.end),
            types=(ASC.TextSpan.value,),
            in_version=self.version_iri,
            start=selector.start,
            end=selector.end,
            exact=selector.exact,
            prefix=selector.prefix,
            suffix=selector.suffix,
        )

    def point(self, table: Table, key: str, paragraph_of: TextSpan | None = None) -> TextSpan:
        """The span of the words under `key`; `near` and `occurrence` say which.

        Shape: with `paragraph_of`, and without `near`, the words are looked for
            in that span's paragraph first, then in the whole source.
        Raises: AnnotationFault, with the table, the key and what was found.
        """
        words, near = table.text(key), table.maybe("near")
        occurrence = table.number("occurrence")
        try:
            if paragraph_of is not None and near is None:
                place = self._paragraph(paragraph_of)
                if words in self.text[slice(*place)]:
                    return self.span(find(self.text, words, None, occurrence, place))
            return self.span(find(self.text, words, near, occurrence))
        except SelectorMismatch as mismatch:
            message = f"{table.where}, {key}: {mismatch}"
            raise AnnotationFault(message, table.where, key, mismatch.problem) from mismatch

    def stretch(self, table: Table) -> TextSpan:
        """The span from the words under `from` to the words under `to`."""
        first, last = self.point(table, "from"), self.point(table, "to")
        start, end = first.start or 0, last.end or 0
        if start >= end:
            raise table.fault("to", f"it ends at {end}, before `from` starts at {start}")
        return self.span(find(self.text, self.text[start:end], within=(start, end)))

    def _paragraph(self, span: TextSpan) -> tuple[int, int]:
        start, end = span.start or 0, span.end or 0
        after = self.text.find("\n", end)
        return self.text.rfind("\n", 0, start) + 1, after if after >= 0 else len(self.text)


def read_source(table: Table, data: bytes, base: str) -> Source:
    """The source that a [source] table describes.

    Raises: AnnotationFault if the bytes are not UTF-8, or not the ones annotated.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if table.text("sha256") != sha256:
        raise table.fault(
            "sha256",
            f"the text's SHA-256 is {sha256}, the annotation was made for "
            f"{table.text('sha256')}; expected the same bytes, so fetch the text it names",
        )
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise table.fault("sha256", f"the text is not UTF-8 at byte {error.start}") from None
    mint = Minter(base)
    document = mint.document(table.text("slug"), sha256)
    version = mint.version(document, sha256)
    title, language = table.text("title"), table.text("language")
    if title not in text:
        raise table.fault("title", f"{title!r} is not in the text; expected the headline's words")
    label = table.maybe("narrator") or f"Narrator of “{title}”"
    narrator = mint.agent(label, "Narrator", document)
    records = (
        Document(iri=document, types=(ASC.Document.value,), title=(Text(title, language),)),
        DocumentVersion(
            iri=version,
            types=(ASC.DocumentVersion.value,),
            version_of=document,
            sha256=sha256,
            code_points=len(text),
            byte_length=len(data),
            language=language,
        ),
        Agent(iri=narrator, types=(ASC.Narrator.value,), label=(Text(label),), narrates=document),
    )
    return Source(text, sha256, mint, document, version, narrator, records)
