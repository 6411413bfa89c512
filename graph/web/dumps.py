"""Everything at once: exports, the ontology, the shapes, and descriptions."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import IO, cast

from flask import Blueprint, Response, request

from graph.export import as_document, context
from graph.formats import RDF_FORMATS, Format, from_extension
from graph.schema import ontology as ontology_quads
from graph.schema import shapes as shapes_quads
from graph.web.descriptions import dataset_description
from graph.web.negotiation import choose, if_changed, negotiated
from graph.web.slow import downloads
from graph.web.state import kg

blueprint = Blueprint("dumps", __name__)

_CHUNK_BYTES = 65_536


@blueprint.get("/export")
def export() -> Response:
    """What bundles state, in any RDF format, streamed."""
    form = choose(RDF_FORMATS)
    return negotiated(_exported(form), form)


@blueprint.get("/dump.<extension>.gz")
def dump(extension: str) -> Response:
    """The same as a compressed file."""
    form = from_extension(extension, f"dump.{extension}.gz")
    response = Response(_exported(form, compress=True), content_type="application/gzip")
    response.headers["Content-Disposition"] = f"attachment; filename=ascribe.{extension}.gz"
    return response


@blueprint.get("/ontology")
def ontology() -> Response:
    """The ontology, negotiated."""
    form = choose(RDF_FORMATS)
    return if_changed(negotiated(_ontology_as(form), form))


@blueprint.get("/shapes")
def shapes() -> Response:
    """The shapes, negotiated."""
    form = choose(RDF_FORMATS)
    return if_changed(negotiated(_shapes_as(form), form))


@blueprint.get("/context.jsonld")
def jsonld_context() -> Response:
    """The JSON-LD context."""
    text = json.dumps(context(), indent=2)
    return Response(text + "\n", content_type="application/ld+json")


@blueprint.get("/.well-known/void")
def void() -> Response:
    """The dataset, described."""
    graph = kg()
    quads = dataset_description(graph.settings.base, graph.stats())
    form = choose(RDF_FORMATS)
    return if_changed(negotiated(as_document(quads, form), form))


@cache
def _ontology_as(form: Format) -> bytes:
    return as_document(ontology_quads(), form)


@cache
def _shapes_as(form: Format) -> bytes:
    return as_document(shapes_quads(), form)


def _exported(form: Format, *, compress: bool = False) -> Iterator[bytes]:
    """What bundles state, in constant memory."""
    graph = kg()

    def export(pipe: IO[bytes]) -> None:
        if compress:
            with gzip.GzipFile(fileobj=pipe, mode="wb", mtime=0) as packed:
                graph.export(cast("IO[bytes]", packed), form)
        else:
            graph.export(pipe, form)

    return streamed(export)


def streamed(write: Callable[[IO[bytes]], None]) -> Iterator[bytes]:
    """What is written to a pipe, as a response reads it.

    The engine's iterators panic on a thread that is not their own, and a server
    may read a response on any: one thread writes, the response reads.

    Raises: ServiceUnavailable while several others are under way.
    """
    if request.method == "HEAD":
        return iter(())
    downloads.take()
    reading, writing = os.pipe()

    def fill() -> None:
        try:
            with os.fdopen(writing, "wb") as pipe:
                write(pipe)
        except BrokenPipeError:
            pass  # the client hung up

    def chunks() -> Iterator[bytes]:
        try:
            with os.fdopen(reading, "rb") as pipe:
                while chunk := pipe.read(_CHUNK_BYTES):
                    yield chunk
        finally:
            downloads.give_back()

    threading.Thread(target=fill, daemon=True).start()
    return chunks()
