"""Everything at once: exports, the ontology and the shapes."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from functools import cache
from typing import IO, cast

from flask import Blueprint, Response, g, request

from graph.context import context_bytes, context_name
from graph.errors import NotFound, ToolMissing, Unacceptable
from graph.export import as_document
from graph.exports import EXPORTS
from graph.formats import RDF_FORMATS, Format
from graph.rows import EVERYTHING, Selection, selection
from graph.schema import ontology as ontology_quads
from graph.schema import shapes as shapes_quads
from graph.web.freshness import FOR_EVER
from graph.web.negotiation import choose, negotiated
from graph.web.slow import downloads
from graph.web.state import asked_revision, kg

TIMES = {
    "saidFrom": "said_from",
    "saidUntil": "said_until",
    "recordedFrom": "recorded_from",
    "recordedUntil": "recorded_until",
}
"""The parameters that choose among statements by time, and what `Selection` calls them."""

blueprint = Blueprint("dumps", __name__)

_CHUNK_BYTES = 65_536


@blueprint.get("/export")
def export() -> Response:
    """What bundles state in RDF, or statements one by one in CSV and the like, streamed.

    `statement`, `source`, `speaker` and `event` choose among statements; so do `saidFrom` and
    `saidUntil`, `recordedFrom` and `recordedUntil`. `asOf` goes back to what was stored then.
    """
    form = choose(tuple(EXPORTS))
    response = negotiated(_exported(form, chosen=_chosen()), form)
    if form.media_type.startswith("application/vnd."):  # of one program, which goes by the name
        response.headers["Content-Disposition"] = f"attachment; filename=ascribe.{form.extension}"
    return response


@blueprint.get("/dump.<extension>.gz")
def dump(extension: str) -> Response:
    """The same as a compressed file."""
    form = next((each for each in RDF_FORMATS if each.extension == extension), None)
    if form is None:
        known = ", ".join(f"dump.{each.extension}.gz" for each in RDF_FORMATS)
        raise NotFound(f"There is no dump.{extension}.gz. There are {known}.")
    response = Response(_exported(form, compress=True), content_type="application/gzip")
    response.headers["Content-Disposition"] = f"attachment; filename=ascribe.{extension}.gz"
    return response


@blueprint.get("/ontology")
def ontology() -> Response:
    """The ontology, negotiated."""
    form = choose(RDF_FORMATS)
    return negotiated(_ontology_as(form), form)


@blueprint.get("/shapes")
def shapes() -> Response:
    """The shapes, negotiated."""
    form = choose(RDF_FORMATS)
    return negotiated(_shapes_as(form), form)


@blueprint.get("/context.jsonld")
@blueprint.get("/context-<digest>.jsonld")
def jsonld_context(digest: str = "") -> Response:
    """The JSON-LD context; by the name that has its digest, for ever."""
    if digest and request.path != f"/{context_name()}":
        raise NotFound(f"That context is not served here any more. Today's is /{context_name()}.")
    response = Response(context_bytes(), content_type="application/ld+json")
    if digest:
        response.headers["Cache-Control"] = FOR_EVER
    return response


@cache
def _ontology_as(form: Format) -> bytes:
    return as_document(ontology_quads(), form)


@cache
def _shapes_as(form: Format) -> bytes:
    return as_document(shapes_quads(), form)


def _chosen() -> Selection:
    """The statements that the address asks for, by IRIs that may be relative to the base."""
    return selection({TIMES.get(name, name): it for name, it in request.args.items()}, kg().iri)


def _exported(
    form: Format, *, chosen: Selection = EVERYTHING, compress: bool = False
) -> Iterable[bytes]:
    """What bundles state, or stated at `asOf`, in constant memory.

    Raises: Unacceptable where a package that it needs is not installed; as `asked_revision`.
    """
    try:
        EXPORTS[form].check()
    except ToolMissing as missing:
        raise Unacceptable(str(missing)) from None
    present, revision = kg(), asked_revision()
    if revision is not None:
        g.revision = revision
        present.past_store(revision)  # faults are told before the first byte is sent

    def export(pipe: IO[bytes]) -> None:
        with ExitStack() as stack:
            graph = present
            if revision is not None:
                graph = stack.enter_context(present.as_of(revision))
            if compress:
                packed = stack.enter_context(gzip.GzipFile(fileobj=pipe, mode="wb", mtime=0))
                pipe = cast("IO[bytes]", packed)
            graph.export(pipe, form, chosen=chosen)

    return streamed(export)


def streamed(write: Callable[[IO[bytes]], None]) -> Iterable[bytes]:
    """What is written to a pipe, as a response reads it.

    Raises: ServiceUnavailable while several others are under way.
    """
    return iter(()) if request.method == "HEAD" else _Pipe(write)


class _Pipe:
    """A pipe that one thread fills and a response reads, which closes it.

    The engine's iterators panic on a thread that is not their own, and a server
    may read a response on any.
    """

    def __init__(self, write: Callable[[IO[bytes]], None]) -> None:
        downloads.take()
        reading, self._writing = os.pipe()
        self._pipe = os.fdopen(reading, "rb")
        self._write = write
        threading.Thread(target=self._fill, daemon=True).start()

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._pipe.read(_CHUNK_BYTES):
            yield chunk

    def close(self) -> None:
        """Let the writer end, and another client have the place."""
        if not self._pipe.closed:
            self._pipe.close()
            downloads.give_back()

    def _fill(self) -> None:
        with suppress(BrokenPipeError), os.fdopen(self._writing, "wb") as pipe:
            self._write(pipe)  # until the client hangs up
