"""Following another Ascribe: what changed there goes through the gate here.

How far a source was followed is kept in the dataset's folder once what came is on disk,
so that a pull that was cut off goes on where it was.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

from graph.bundle import Bundle
from graph.errors import BadInput, Conflict, Gone, GraphError, NotFound, PeerFault, Refused
from graph.formats import NQUADS
from graph.kg import KnowledgeGraph
from graph.texts import write_durably

_TIMEOUT_S = 60
_FILE = "pulls.json"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What became here of one bundle that changed there.

    Shape: `state` is added, replaced, unchanged, retracted, or waiting, where `fault`
        says why it could not be kept: the next pull tries again.
    """

    bundle: str
    state: str
    fault: GraphError | None = None


@dataclass(slots=True)
class _Place:
    """How far a source was followed, and which of its bundles wait."""

    since: int = 0
    waiting: list[str] = field(default_factory=list)


def pull(kg: KnowledgeGraph, url: str, *, token: str = "") -> Iterator[Pulled]:
    """Bring a dataset what was added, replaced and retracted at another since the last pull.

    Each is on disk when it is yielded. What people judge there stays there. A bundle that
    is refused, for what it needs may come after it, is tried again at the end and in the
    next pull.

    Raises: BadInput if the other's IRIs have another base, or this dataset is in memory
        only; Conflict if the other has gone back to an earlier state; PeerFault if it
        does not answer as an Ascribe does; StoreFault.
    """
    if not kg.settings.data:
        raise BadInput("This dataset is in memory only: it cannot keep how far it has followed.")
    source = _Source(url.rstrip("/"), token, kg.settings.max_bytes)
    file = Path(kg.settings.data) / _FILE
    place = _places(file).get(source.url, _Place())
    while True:
        page = source.page(place.since)
        _accept(page, source.url, place.since, kg.settings.base)
        acts = {each["bundle"]: each["act"] for each in page["changes"]}
        todo = {**dict.fromkeys(place.waiting, "replaced"), **acts}
        outcomes = _followed(kg, source, todo)
        if not page["more"]:
            outcomes = _tried_again(kg, source, outcomes)
        place.since = page["next"]
        place.waiting = [each.bundle for each in outcomes if each.fault]
        _keep(file, source.url, place)
        yield from (each for each in outcomes if not (each.fault and page["more"]))
        if not page["more"]:
            return


def _accept(page: dict[str, Any], url: str, since: int, base: str) -> None:
    if page["base"] != base:
        raise BadInput(
            f"The IRIs at {url} begin with {page['base']} and those here with {base}. To follow "
            f"it, make a dataset for it: `ascribe init DIR --base {page['base']}`."
        )
    if page["revision"] < since:
        raise Conflict(
            f"{url} is at revision {page['revision']:,}, and was followed to {since:,}: it was "
            f"restored to an earlier state. To begin anew, remove it from {_FILE} in the "
            "dataset's folder."
        )


def _followed(kg: KnowledgeGraph, source: _Source, acts: dict[str, str]) -> list[Pulled]:
    """What becomes of some bundles, all on disk together."""
    with kg.writer.commits.grouped():
        return [_follow(kg, source, bundle, act) for bundle, act in acts.items()]


def _tried_again(kg: KnowledgeGraph, source: _Source, outcomes: list[Pulled]) -> list[Pulled]:
    """The outcomes once those that waited for each other were tried until none moves."""
    waiting = {each.bundle for each in outcomes if each.fault}
    while waiting:
        again = {each.bundle: each for each in _followed(kg, source, dict.fromkeys(waiting, ""))}
        outcomes = [again.get(each.bundle, each) for each in outcomes]
        still = {each.bundle for each in again.values() if each.fault}
        if still == waiting:
            break
        waiting = still
    return outcomes


def _follow(kg: KnowledgeGraph, source: _Source, iri: str, act: str) -> Pulled:
    by = f"pull from {source.url}"
    try:
        if act == "retracted" or (bundle := source.bundle(kg, iri)) is None:
            return Pulled(iri, kg.retract(iri, by=by).state)
        return Pulled(iri, kg.add(bundle, replace=True, by=by).state)
    except (NotFound, Gone):
        return Pulled(iri, "unchanged")
    except (Refused, Conflict, BadInput) as fault:
        return Pulled(iri, "waiting", fault)


@dataclass(frozen=True, slots=True)
class _Source:
    """Another Ascribe, over HTTP."""

    url: str
    token: str
    max_bytes: int

    def page(self, since: int) -> dict[str, Any]:
        """The changes after a revision.

        Raises: PeerFault.
        """
        address = f"{self.url}/changes?since={since}"
        try:
            page: dict[str, Any] = json.loads(self._get(address, "application/json"))
            _ = page["base"], page["changes"], page["next"], page["more"], page["revision"]
        except (ValueError, KeyError, TypeError):
            raise PeerFault(
                f"{address} answers with no page of changes: is it an Ascribe?"
            ) from None
        return page

    def bundle(self, kg: KnowledgeGraph, iri: str) -> Bundle | None:
        """A bundle as it stands there now; None if it was taken out.

        Raises: PeerFault; BadInput if it cannot be read.
        """
        local = quote(iri.removeprefix(kg.settings.base), safe="/")
        try:
            data = self._get(f"{self.url}/bundles/{local}", NQUADS.media_type)
        except NotFound:
            return None
        return kg.read(data, form=NQUADS)

    def _get(self, address: str, accept: str) -> bytes:
        headers = {"Accept": accept, "User-Agent": "ascribe"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if not address.startswith(("http://", "https://")):
            raise BadInput(f"{self.url} is no address: it begins with http:// or https://.")
        try:
            asked = urllib.request.Request(address, headers=headers)
            with urllib.request.urlopen(asked, timeout=_TIMEOUT_S) as answer:
                data: bytes = answer.read(self.max_bytes + 1)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in (404, 410) and "/bundles/" in address:
                    raise NotFound(address) from None
                raise PeerFault(f"{address} answers with status {error.code}.") from None
        except (OSError, ValueError, HTTPException) as error:
            raise PeerFault(f"{address} does not answer: {error}.") from None
        if len(data) > self.max_bytes:
            raise PeerFault(f"{address} answers with more than {self.max_bytes:,} bytes.")
        return data


def _places(file: Path) -> dict[str, _Place]:
    """How far each source was followed.

    Raises: BadInput if the file cannot be read.
    """
    try:
        return {url: _Place(**told) for url, told in json.loads(file.read_text("utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        raise BadInput(
            f"{file} cannot be read: expected how far each source was followed, as JSON. "
            "Without the file, every source is followed from its beginning; nothing is lost."
        ) from None


def _keep(file: Path, url: str, place: _Place) -> None:
    places = {**_places(file), url: place}
    told = {url: asdict(each) for url, each in places.items()}
    write_durably(file, (json.dumps(told, indent=2) + "\n").encode())
