"""Which format to answer in: by extension, by `?format=`, by Accept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from flask import Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from graph.conditions import Condition
from graph.errors import BadInput, Unacceptable
from graph.formats import RDF_FORMATS, Format

HTML = Format("HTML", "text/html", "html")

RESOURCE_FORMATS: tuple[Format, ...] = (HTML, *RDF_FORMATS)
"""What a resource is described in, in order of preference."""


def choose(offers: Sequence[Format], accept: MIMEAccept | None = None) -> Format:
    """The offer that the client likes best; the first where it has no wish.

    Shape: an offer's aliases count as the offer; ties go to the earlier offer.
    Raises: Unacceptable, listing what there is.
    Source: RFC 9110, section 12.5.1.
    """
    wanted = request.args.get("format") if accept is None else None
    if wanted:
        for offer in offers:
            if wanted in (offer.extension, offer.media_type, *offer.aliases, offer.name.lower()):
                return offer
        raise Unacceptable(f"format={wanted} is not on offer here. {_offered(offers)}")
    header = request.headers.get("Accept", "") if accept is None else accept.to_header()
    return _liked_best(tuple(offers), header)


def split_extension(path: str) -> tuple[str, Format | None]:
    """A path without its format's extension, and that format."""
    stem, dot, extension = path.rpartition(".")
    for offer in RESOURCE_FORMATS:
        if dot and extension == offer.extension:
            return stem, offer
    return path, None


def negotiated(body: bytes | str | Iterable[bytes], form: Format, status: int = 200) -> Response:
    """A response in the format that was chosen, which caches keep apart by Accept."""
    response = Response(body, status, content_type=form.content_type)
    response.vary.add("Accept")
    return response


def condition() -> Condition | None:
    """What a write asks to be stored before; None if it asks for nothing.

    Shape: weak tags do not count in `If-Match`, and do in `If-None-Match`. There is
        no `If-Unmodified-Since`: two writes within a second would share their time.
    """
    wanted, unwanted = request.if_match, request.if_none_match
    if not wanted and not unwanted:
        return None
    one_of = {"*"} if wanted.star_tag else {*map(_digest_in, wanted)}
    none_of = {"*"} if unwanted.star_tag else {_digest_in(t) for t in unwanted.as_set(True)}
    return Condition(frozenset(one_of) if wanted else None, frozenset(none_of))


def _digest_in(tag: str | None) -> str:
    """The digest in a tag, which names the format and the coding after it."""
    return re.split("[.-]", tag or "", maxsplit=1)[0]  # an empty tag is read as none


def as_utf8(data: bytes, what: str) -> str:
    """Bytes as the text that they are.

    Raises: BadInput with the place where they are none.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"{what} is not UTF-8 at byte {error.start}.") from None


@lru_cache(512)
def _liked_best(offers: tuple[Format, ...], header: str) -> Format:
    """The offer that a client with that header likes best: few headers, asked again and again.

    Weighing them each time was a sixth of what a look-up costs.
    """
    accept = _bare(parse_accept_header(header, MIMEAccept))
    if not accept:
        return offers[0]
    best = max(offers, key=lambda offer: _quality(offer, accept))
    if _quality(best, accept) <= 0:
        raise Unacceptable(f"Accept: {accept} names nothing that is on offer. {_offered(offers)}")
    return best


def _bare(accept: MIMEAccept) -> MIMEAccept:
    """Media types without parameters: each format has one charset and one profile."""
    return MIMEAccept((value.partition(";")[0].strip(), quality) for value, quality in accept)


def _quality(offer: Format, accept: MIMEAccept) -> float:
    return max(
        accept.quality(offer.media_type),
        *(0.99 * accept.quality(a) for a in offer.aliases if _is_named(a, accept)),
        0.0,
    )


def _is_named(media_type: str, accept: MIMEAccept) -> bool:
    """An alias counts only if it is asked for by name, not by a wildcard."""
    return any(value == media_type for value, _ in accept)


def _offered(offers: Sequence[Format]) -> str:
    return f"On offer: {', '.join(offer.media_type for offer in offers)}."
