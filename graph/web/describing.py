"""What tells machines what this is and what there is: VoID, sitemaps, robots.txt, llms.txt."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable

from flask import Blueprint, Response

from graph.errors import NotFound
from graph.formats import RDF_FORMATS, Format
from graph.index import LISTED
from graph.web.dataset import dataset_document
from graph.web.negotiation import choose, negotiated
from graph.web.pages import guide, rules_for_robots
from graph.web.state import kg, reading

blueprint = Blueprint("describing", __name__)

_XML = "application/xml"
_NUMBER = re.compile("[1-9][0-9]{0,6}")


@blueprint.get("/.well-known/void")
def void() -> Response:
    """The dataset, described: what is in it, how much of it, and where to get it."""
    return dataset_in(choose(RDF_FORMATS))


def dataset_in(form: Format) -> Response:
    """The description of the dataset that this request reads; kept only once it is of now."""
    graph = reading()
    census = graph.counter.census() if graph is kg() else None
    response = negotiated(dataset_document(graph, form, census), form)
    if census is None or census.revision != graph.revision():
        response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What programs that follow every link may fetch."""
    return _plain(rules_for_robots(kg()))


@blueprint.get("/llms.txt")
def llms() -> Response:
    """What this is and how to ask it, in Markdown, for language models and their users."""
    return _plain(guide(kg()))


@blueprint.get("/sitemap.xml")
def sitemaps() -> Response:
    """The sitemaps of the pages there are."""
    index = kg().index.asked_soon()
    parts = ((f"sitemap-{kind}-{n}.xml", at) for kind in LISTED for n, at in index.lists(kind))
    return _listed("sitemapindex", "sitemap", parts)


@blueprint.get("/sitemap-<listing>-<number>.xml")
def sitemap(listing: str, number: str) -> Response:
    """The pages of a kind, up to 50,000 of them."""
    if listing not in LISTED or not _NUMBER.fullmatch(number):
        raise NotFound(f"There are sitemaps of {', '.join(LISTED)}. Start at /sitemap.xml.")
    base = kg().settings.base
    found = kg().index.asked_soon().listed(listing, int(number))
    pages = (each for each in found if each.iri.startswith(base))
    return _listed("urlset", "url", ((p.iri.removeprefix(base), p.recorded) for p in pages))


def _listed(root: str, element: str, parts: Iterable[tuple[str, str]]) -> Response:
    """Addresses below the base, each with the time of its last change, if that is known.

    Source: sitemaps.org, Protocol.
    """
    tree = ET.Element(root, xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    for local, recorded in parts:
        entry = ET.SubElement(tree, element)
        ET.SubElement(entry, "loc").text = kg().settings.base + local
        if recorded:
            ET.SubElement(entry, "lastmod").text = recorded
    ET.indent(tree, space="")
    return Response(ET.tostring(tree, "utf-8", xml_declaration=True), content_type=_XML)


def _plain(text: str) -> Response:
    return Response(text, content_type="text/plain; charset=utf-8")
