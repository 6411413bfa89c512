"""Addresses on pages: where a resource is served, and the query behind a page."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from flask import g, has_request_context, request
from jinja2 import pass_context
from jinja2.runtime import Context

from graph.formats import JSON_LD, NQUADS, TRIG, TURTLE
from graph.listings import CSV, WEB_ANNOTATION
from graph.queries import named_query
from graph.tokens import redacted
from graph.vocab import ASC, ASCV
from graph.web.words import asked_for

_TERMS = {ASC: "ns", ASCV: "vocab"}
_IRI_CHARACTERS = "/:?#[]@!$&'()*+,;=~%"


def root() -> str:
    """The path under which the application is mounted; no slash at its end."""
    return request.script_root.rstrip("/") if has_request_context() else ""


def here() -> str:
    """The path of this page below where the application is mounted."""
    return request.path if has_request_context() else ""


def kept(path: str) -> str:
    """A path of ours in the language, and as of the time, that this page was asked for."""
    given = _given()
    if not given:
        return path
    address, hash_mark, place = path.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{given}{hash_mark}{place}"


def _given() -> str:
    """The language and the time that every link of this page is to ask for."""
    if not has_request_context():
        return ""
    if "kept" not in g:
        wanted = {"lang": asked_for(), "asOf": as_of()}
        g.kept = urlencode({name: value for name, value in wanted.items() if value})
    given: str = g.kept
    return given


def as_of() -> str:
    """The past that this page was asked for, as it was written; empty for the present."""
    return request.values.get("asOf", "") if has_request_context() else ""


def as_it_is() -> str:
    """This page's address without `asOf`."""
    given = request.args.items(multi=True) if has_request_context() else ()
    others = urlencode([(name, value) for name, value in given if name != "asOf"])
    path = quote(f"{root()}{request.path}") if has_request_context() else ""
    return f"{path}?{others}" if others else path


def in_language(code: str) -> str:
    """This page's address in another language, without what looks like a token."""
    path = quote(f"{root()}{request.path}") if has_request_context() else ""
    given = request.args.items(multi=True) if has_request_context() else ()
    others = [(name, value) for name, value in given if name != "lang"]
    return redacted(f"{path}?{urlencode([*others, ('lang', code)])}")


@pass_context
def path_of(context: Context, iri: str) -> str:
    """Where a page links to for an IRI; empty where it must not link."""
    path: str = context["paths"][iri]
    return path


class Paths(dict[str, str]):
    """Where the links of one page lead, by IRI.

    Shape: a root-relative path under the dataset's base and for our terms, the
        IRI itself elsewhere on the web. Other schemes (javascript, data) get no link.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._root = root()

    def __missing__(self, iri: str) -> str:
        path = self[iri] = self._path(iri)
        return path

    def _path(self, iri: str) -> str:
        for namespace, place in _TERMS.items():
            if iri.startswith(namespace):
                name = quote(iri.removeprefix(namespace))
                return kept(f"{self._root}/{place}/{name}".rstrip("/"))
        if iri.startswith(self._base):
            local = quote(iri.removeprefix(self._base), safe=_IRI_CHARACTERS)
            return kept(f"{self._root}/{local}")
        return iri if iri.startswith(("http://", "https://")) else ""


def query_path(name: str, base: str, values: Mapping[str, str] | None = None) -> str:
    """A link that runs a named query with some values."""
    asked = urlencode({"query": query_text(name, base, values or {})})
    return kept(f"{root()}/sparql?{asked}")


def query_text(name: str, base: str, values: Mapping[str, str]) -> str:
    """A named query that any engine runs as it stands, its values written in.

    Shape: the values stand first in the pattern, as a VALUES block.
    Raises: NotFound for an unknown query; BadInput for a value of another kind.
    """
    return named_query(name).bound(values, base)


def alternates(path: str) -> tuple[tuple[str, str, str], ...]:
    """The other forms of a page: name, path and media type."""
    path = path.partition("?")[0]
    past = f"?{urlencode({'asOf': as_of()})}" if as_of() else ""
    return tuple(
        (form.name, f"{path}.{form.extension}{past}", form.media_type)
        for form in (JSON_LD, TURTLE, TRIG, NQUADS)
    )


def tables(choosing: str, iri: str) -> tuple[tuple[str, str, str], ...]:
    """The statements of a page for tools that read them one by one: name, path, media type.

    Shape: `choosing` is the parameter of `/export` that takes the IRI; nothing of the past.
    """
    if as_of() or not choosing:
        return ()
    return tuple(
        (form.name, f"{root()}/export?{urlencode({choosing: iri, 'format': form.extension})}", kind)
        for form in (CSV, WEB_ANNOTATION)
        for kind in (form.media_type.partition(";")[0],)
    )
