"""RDF bytes to quads, safely: strangers' input is parsed in another process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from queue import Empty, LifoQueue
from typing import Any

from pyoxigraph import Quad, RdfFormat
from pyoxigraph import parse as parse_trusted

from graph import errors
from graph.context import context, context_name
from graph.errors import BadInput, SyntaxFault, TooLarge
from graph.files import PACKAGE
from graph.formats import Format
from graph.malloc import MALLOC
from graph.processors import spread
from graph.settings import Settings
from graph.vocab import ASC

CONTEXT_IRI = ASC.removesuffix("ns#") + "context.jsonld"
"""The address of our JSON-LD context; it is read from our own file."""

_AT_ONCE = 4
_Child = subprocess.Popen[bytes]


class Parser:
    """Child processes that parse, started when first needed and after a death.

    Up to four inputs at a time, so that one made to take long stops nobody else;
    further callers wait.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self._busy: list[None] = []
        self._idle: LifoQueue[_Child] = LifoQueue()

    def parse(self, data: bytes, form: Format, base: str) -> list[Quad]:
        """The quads of `data`, with relative IRIs resolved against `base`.

        Raises: SyntaxFault with line and column; TooLarge over a limit of
            bytes, triples, literal length, memory, depth or time; BadInput for
            what is not text, has a DTD or needs a remote context.
        """
        check_size(len(data), self._settings)
        request = {
            "length": len(data),
            "media_type": form.media_type,
            "base": base,
            "contexts": contexts_of(base) if b"@context" in data else {},
        }
        with self._places:
            self._busy.append(None)
            try:
                payload = self._ask(json.dumps(request).encode() + b"\n" + data)
            finally:
                self._busy.pop()
        return list(parse_trusted(payload, RdfFormat.N_QUADS, rename_blank_nodes=True))

    @property
    def busy(self) -> int:
        """How many inputs are being parsed right now."""
        return len(self._busy)

    def close(self) -> None:
        """End the child processes."""
        while not self._idle.empty():
            _end(self._idle.get())

    def _ask(self, request: bytes) -> bytes:
        try:
            process = self._idle.get_nowait()
        except Empty:
            process = _start(self._settings)
        try:
            return _answer(process, request, self._settings.parse_timeout_s)
        finally:
            if process.poll() is None:
                self._idle.put(process)


def _answer(process: _Child, request: bytes, limit_s: float) -> bytes:
    """What a child makes of a request; it is ended if it gives no answer."""
    assert process.stdin and process.stdout
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(limit_s, stop)
    timer.start()
    try:
        process.stdin.write(request)
        process.stdin.flush()
        answer = json.loads(process.stdout.readline() or b"{}")
        payload = process.stdout.read(answer.get("length", 0))
    except BrokenPipeError:
        answer, payload = {}, b""
    finally:
        timer.cancel()
    if "length" in answer and len(payload) == answer["length"]:
        return payload
    if "error" in answer:
        raise _fault(answer)
    _end(process)
    if late.is_set():
        raise TooLarge(
            f"it took longer than {limit_s:g} s to parse: split it, or raise "
            "ASCRIBE_PARSE_TIMEOUT_S"
        )
    raise TooLarge(
        "it is nested too deeply, or needs more memory than one input may use "
        "(ASCRIBE_PARSE_MEMORY_BYTES)"
    )


def check_size(size: int, settings: Settings) -> None:
    """Refuse an input over the limit before it is read.

    Raises: TooLarge, with both sizes and the setting that moves the limit.
    """
    if size > settings.max_bytes:
        raise TooLarge(
            f"it is {size:,} bytes long and the limit is {settings.max_bytes:,}: "
            "split it, or raise ASCRIBE_MAX_BYTES"
        )


def _end(process: _Child) -> None:
    process.kill()
    process.communicate()


def _start(settings: Settings) -> _Child:
    limits = {
        "memory_bytes": settings.parse_memory_bytes,
        "max_triples": settings.max_triples,
        "max_literal_bytes": settings.max_literal_bytes,
    }
    worker = str(PACKAGE / "parse_worker.py")
    with spread():
        return subprocess.Popen(
            [sys.executable, "-I", worker, json.dumps(limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=MALLOC,
        )


def _fault(answer: dict[str, Any]) -> BadInput:
    if answer["error"] == "SyntaxFault":
        return SyntaxFault(answer["message"], line=answer["line"], column=answer["column"])
    kind: type[BadInput] = getattr(errors, answer["error"])
    return kind(answer["message"])


def contexts_of(base: str) -> dict[str, Any]:
    """Our JSON-LD context by the addresses that it is known by."""
    names = (CONTEXT_IRI, base + "context.jsonld", base + context_name())
    return dict.fromkeys(names, context()["@context"])
