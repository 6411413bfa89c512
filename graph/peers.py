"""Asking another SPARQL endpoint: one that the operator lists, and nothing behind it.

No redirect is followed and no proxy used; a name is looked up once, and the address
that was judged is the one that is connected to, so that a name cannot be bound to
another meanwhile. An answer is limited in time, as a whole, and in bytes.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from graph.errors import PeerFault
from graph.store import Term

_AT_ONCE = 4
_places = BoundedSemaphore(_AT_ONCE)
_UNICAST = ip_network("2000::/3")
_TUNNELS = tuple(map(ip_network, ("2001::/32", "2002::/16")))  # they lead to IPv4 addresses


@dataclass(frozen=True, slots=True)
class Table:
    """What an endpoint answered.

    Shape: `variables` are written with their question mark; a row has a value or None
        for each of them.
    """

    variables: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    received_bytes: int


def ask(endpoint: str, query: str, timeout_s: float, max_bytes: int) -> Table:
    """What an endpoint answers to a SELECT query.

    Raises: PeerFault if it cannot be reached, redirects, or answers with anything but
        a short enough table in time.
    """
    if not _places.acquire(blocking=False):
        raise PeerFault(f"{_AT_ONCE} other endpoints are being asked right now. Try again.")
    try:
        data = _fetch(urlsplit(endpoint), endpoint, query, timeout_s, max_bytes)
    finally:
        _places.release()
    try:
        return _table(data)
    except (SyntaxError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise PeerFault(f"{endpoint} answered with what is no SPARQL JSON table.") from None


def _fetch(where: SplitResult, endpoint: str, query: str, timeout_s: float, most: int) -> bytes:
    body = urlencode({"query": query})
    headers = {
        "Accept": "application/sparql-results+json",
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "ascribe",
    }
    target = (where.path or "/") + (f"?{where.query}" if where.query else "")
    try:
        with _connected(where, timeout_s) as connection:
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise PeerFault(f"{endpoint} answered with status {answer.status}.")
            data = answer.read(most + 1)
    except (OSError, http.client.HTTPException) as error:
        reason = str(error) or type(error).__name__
        raise PeerFault(f"{endpoint} did not answer within {timeout_s:g} s: {reason}.") from None
    if len(data) > most:
        raise PeerFault(f"{endpoint} answered with more than {most:,} bytes.")
    return data


@contextmanager
def _connected(where: SplitResult, timeout_s: float) -> Iterator[http.client.HTTPConnection]:
    """A connection to the host that is ended once the time is up, whatever it is doing."""
    host, port = where.hostname or "", where.port or (443 if where.scheme == "https" else 80)
    connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
    line = socket.create_connection((_address_of(host, port), port), timeout_s)

    def end() -> None:
        with suppress(OSError):  # it has ended by itself
            line.shutdown(socket.SHUT_RDWR)

    alarm = threading.Timer(timeout_s, end)
    alarm.daemon = True
    alarm.start()
    try:
        if where.scheme == "https":
            tls = ssl.create_default_context()
            line = tls.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
            line.do_handshake()
        connection.sock = line
        yield connection
    finally:
        alarm.cancel()
        connection.close()
        line.close()


def _address_of(host: str, port: int) -> str:
    """The address to connect to: a name's only if all that it has are public.

    A private address is the one that the operator listed, or `localhost`.
    """
    found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if host != "localhost" and not _is_address(host) and not all(map(_is_public, found)):
        raise PeerFault(f"{host} leads to a private address: list the address itself instead.")
    return found[0]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(text: str) -> bool:
    address: IPv4Address | IPv6Address = ip_address(text)
    tunnelled = any(address in each for each in _TUNNELS)
    unicast = address.version == 4 or address in _UNICAST
    return unicast and not tunnelled and address.is_global and not address.is_multicast


def _table(data: bytes) -> Table:
    """A table in SPARQL JSON, nothing in it nested: a deep one would end the engine.

    Raises: SyntaxError, ValueError, TypeError, KeyError, AttributeError, RecursionError.
    """
    told: dict[str, Any] = json.loads(data)
    rows = told["results"]["bindings"]
    for row in rows:
        for term in row.values():
            if not all(isinstance(each, str) for each in term.values()):
                raise ValueError("nested")
    plain = {"head": {"vars": told["head"]["vars"]}, "results": {"bindings": rows}}
    found = parse_query_results(json.dumps(plain), QueryResultsFormat.JSON)
    if not isinstance(found, QuerySolutions):
        raise TypeError("no table")
    return Table(tuple(map(str, found.variables)), tuple(map(tuple, found)), len(data))
