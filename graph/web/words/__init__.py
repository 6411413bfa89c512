"""The words of the interface, in the language of whoever asks.

One file per language, `en.toml` and its like, all with the same keys. A template writes
`say("home.latest")`, a module `say("count.row", n=3)`. What is said in English elsewhere,
such as the labels of the ontology and the named questions, other languages have under
`ELSEWHERE`. What sources say is in no such file and keeps the language it came with.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

FIRST = "en"
"""The language of who wishes for none that we have."""

ELSEWHERE = ("route", "question", "group", "label")
"""What has its English where it belongs, so that only other languages have it in their files."""

Wording = str | dict[str, str]


def say(key: str, **values: Any) -> str:
    """The words of a key as plain text, with values filled in.

    Shape: `n` chooses between one and many; whole numbers are grouped.
    Raises: KeyError for a key that no file has.

    >>> say("count.statement", n=1200)
    '1,200 statements'
    """
    return _wording(key, values).format(**_filled(values))


@cache
def saying(code: str) -> Callable[..., Markup]:
    """The words of a key for the templates of a page, which may hold markup; what values bring
    is escaped."""
    return lambda key, **values: _in_markup(code, key, values)


def translated(key: str, english: str) -> str:
    """What is said in English elsewhere, in the reader's language if its file has it.

    >>> translated("group.Record", "Record")
    'Record'
    """
    wording = wordings(language()).get(key, english)
    assert isinstance(wording, str)
    return wording


def knows(key: str) -> bool:
    """Whether there are words for a key."""
    return key in wordings(FIRST)


def number(count: int) -> str:
    """A whole number, grouped as the language does it."""
    return f"{count:,}".replace(",", str(wordings(language())["language.thousands"]))


def language() -> str:
    """The language of this request: `?lang=`, else what its client likes best of ours."""
    if not has_request_context():
        return FIRST
    held = g._get_current_object()  # one look in place of three: pages ask hundreds of times
    if "language" not in held:
        held.language = asked_for() or liked(request.headers.get("Accept-Language", ""))
    chosen: str = held.language
    return chosen


def asked_for() -> str:
    """The language that the address asks for; empty if it asks for none that we have."""
    if not has_request_context():
        return ""
    if "asked_for" not in g:
        wanted = request.args.get("lang", "")
        g.asked_for = wanted if wanted in languages() else ""
    chosen: str = g.asked_for
    return chosen


@lru_cache(512)
def liked(header: str) -> str:
    """The language for an `Accept-Language`: the first wish of which we have any kind.

    Source: RFC 4647, lookup.

    >>> liked("de-AT, en;q=0.8"), liked("fr")
    ('de', 'en')
    """
    accept = parse_accept_header(header, LanguageAccept)
    wanted = (value.partition("-")[0].lower() for value, quality in accept if quality)
    return next((code for code in wanted if code in languages()), FIRST)


@cache
def languages() -> dict[str, str]:
    """Our languages with their own names, the first one first."""
    codes = sorted(path.stem for path in Path(__file__).parent.glob("*.toml"))
    codes.sort(key=lambda code: code != FIRST)
    return {code: str(wordings(code)["language.name"]) for code in codes}


@cache
def wordings(code: str) -> dict[str, Wording]:
    """All that is said in a language, by key."""
    tables = tomllib.loads((Path(__file__).parent / f"{code}.toml").read_text("utf-8"))
    return {
        f"{table}.{key}": words for table, keys in tables.items() for key, words in keys.items()
    }


def register(app: Flask) -> None:
    """Have pages say which language they are in, and what that depended on."""
    app.after_request(_tell)


def _tell(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.content_language.add(language())
        response.vary.add("Accept-Language")
    return response


def _in_markup(code: str, key: str, values: Mapping[str, Any]) -> Markup:
    pieces = _pieces(code, key, values.get("n") == 1)
    if len(pieces) == 1 and not pieces[0][1]:
        return pieces[0][0]
    filled = _filled(values)
    return Markup("").join(
        piece for words, name in pieces for piece in ((words, filled[name]) if name else (words,))
    )


@lru_cache(4096)
def _pieces(code: str, key: str, one: bool) -> tuple[tuple[Markup, str], ...]:
    """A wording taken apart: words, each with the name of the value that follows, if one does."""
    parsed = Formatter().parse(_chosen(wordings(code)[key], one))
    return tuple((Markup(words), name or "") for words, name, _, _ in parsed) or ((Markup(""), ""),)


def _wording(key: str, values: Mapping[str, Any]) -> str:
    return _chosen(wordings(language())[key], values.get("n") == 1)


def _chosen(wording: Wording, one: bool) -> str:
    return wording if isinstance(wording, str) else wording["one" if one else "other"]


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: number(each) if type(each) is int else each for name, each in values.items()}
