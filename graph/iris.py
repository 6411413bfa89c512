"""Minting: which IRI a thing gets.

The same input gives the same IRI on every machine. Hashes are taken over
relative references, so they do not depend on the base; times of record,
confidence and tool versions never enter them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from graph.fields import Text

_SPELLED_OUT = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d"})
_APOSTROPHES = re.compile("['’ʼ.]")
_OTHERS = re.compile("[^a-z0-9]+")
MAX_SLUG = 40


def digest(*parts: str) -> str:
    """The SHA-256 of several strings, each with its length written before it.

    Shape: 64 hexadecimal digits. The lengths keep ("ab", "c") and ("a", "bc")
        apart.

    >>> digest("ab", "c") == digest("a", "bc")
    False
    """
    hasher = hashlib.sha256()
    for part in parts:
        data = part.encode()
        hasher.update(f"{len(data)}:".encode() + data)
    return hasher.hexdigest()


def slug(words: str) -> str:
    """A readable piece of an IRI: lower-case ASCII letters, digits and hyphens.

    Shape: at most 40 characters, cut between words where that is possible;
        `x` where nothing can be spelled in ASCII.

    >>> slug("Da'esh fighting position"), slug("Agence França-Presse")
    ('daesh-fighting-position', 'agence-franca-presse')
    """
    plain = unicodedata.normalize("NFKD", words.lower().translate(_SPELLED_OUT))
    ascii_only = plain.encode("ascii", "ignore").decode()
    hyphened = _OTHERS.sub("-", _APOSTROPHES.sub("", ascii_only)).strip("-")
    if len(hyphened) > MAX_SLUG:
        whole_words = hyphened[: MAX_SLUG + 1].rpartition("-")[0]
        hyphened = whole_words or hyphened[:MAX_SLUG]
    return hyphened or "x"


def content_of(values: Mapping[str, object]) -> list[str]:
    """The values of a record to be, each after its name: what its IRI is a hash of.

    >>> content_of({"wording": "now", "edtf": None, "anchor": ()})
    ['wording', 'now']
    """
    content: list[str] = []
    for name, value in sorted(values.items()):
        for each in value if isinstance(value, tuple) else () if value is None else (value,):
            content += (name, each.words if isinstance(each, Text) else str(each))
    return content


@dataclass(frozen=True, slots=True)
class Minter:
    """Mints every kind of data IRI under one base.

    Shape: `base` ends in a slash. `sha256` is the hexadecimal digest of the
        source's bytes; `content` is what makes the thing itself.

    >>> Minter("https://claims.example/").span("ab" * 32, 3, 9)
    'https://claims.example/span/abababababab/3-9'
    """

    base: str

    def relative(self, iri: str) -> str:
        """`iri` without the base: what hashes are taken over."""
        return iri.removeprefix(self.base)

    def document(self, name: str, sha256: str) -> str:
        """The IRI of a document: readable name, and the bytes it was first read as."""
        return f"{self.base}doc/{slug(name)}-{sha256[:8]}"

    def version(self, document_iri: str, sha256: str) -> str:
        """The IRI of one byte string of a document, and of its named graph."""
        return f"{document_iri}/v/{sha256[:16]}"

    def statement(self, sha256: str, start: int, end: int, *content: str) -> str:
        """The IRI of a statement; `start` of its first span, `end` of its last."""
        short = self._hash("statement", content)[:8]
        return f"{self.base}statement/{sha256[:12]}/{start}-{end}-{short}"

    def span(self, sha256: str, start: int, end: int) -> str:
        """The IRI of a text span: the same words at the same place are one span."""
        return f"{self.base}span/{sha256[:12]}/{start}-{end}"

    def attribution(self, sha256: str, *content: str) -> str:
        """The IRI of one hop, shared by all statements of a source that pass through it."""
        return self._of_text("attribution", sha256, content)

    def time(self, sha256: str, *content: str) -> str:
        """The IRI of a time expression."""
        return self._of_text("time", sha256, content)

    def activity(self, sha256: str, *content: str) -> str:
        """The IRI of an extraction or a review."""
        return self._of_text("activity", sha256, content)

    def assessment(self, sha256: str, *content: str) -> str:
        """The IRI of a judgement about two things; its confidence is not content."""
        return self._of_text("assessment", sha256, content)

    def proposition(self, *content: str) -> str:
        """The IRI of a proposition, shared by every statement that expresses it."""
        return f"{self.base}proposition/{self._hash('proposition', content)[:16]}"

    def agent(self, label: str, *content: str) -> str:
        """The IRI of an agent; a document's own agents have its IRI in `content`."""
        return self._named("agent", label, content)

    def event(self, label: str, *content: str) -> str:
        """The IRI of an event."""
        return self._named("event", label, content)

    def place(self, label: str, *content: str) -> str:
        """The IRI of a place."""
        return self._named("place", label, content)

    def post(self, label: str, *content: str) -> str:
        """The IRI of a post."""
        return self._named("post", label, content)

    def membership(self, label: str, *content: str) -> str:
        """The IRI of somebody's holding a post."""
        return self._named("membership", label, content)

    def concept(self, label: str, *content: str) -> str:
        """The IRI of a concept that a source needs and the vocabulary lacks."""
        return self._named("concept", label, content)

    def graph(self, name: str) -> str:
        """The IRI of a shared graph: entities, propositions, catalog, ..."""
        return f"{self.base}graph/{name}"

    def _of_text(self, kind: str, sha256: str, content: tuple[str, ...]) -> str:
        return f"{self.base}{kind}/{sha256[:12]}/{self._hash(kind, content)[:10]}"

    def _named(self, kind: str, label: str, content: tuple[str, ...]) -> str:
        return f"{self.base}{kind}/{slug(label)}-{self._hash(kind, (label, *content))[:6]}"

    def _hash(self, kind: str, content: tuple[str, ...]) -> str:
        return digest(kind, *map(self.relative, content))
