"""Slow work: little of it may keep threads busy at a time, so that others are served.

The server has no time limit for a body that trickles in or is fetched slowly, and
a thread that waits for one cannot be called back: 8 such requests stopped a
server of 8 threads for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack, closing
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import IO, TYPE_CHECKING, Any, cast

from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wsgi import FileWrapper

from graph.asking.answering import Cut
from graph.asking.question import Told
from graph.errors import OverLimit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_IN_MEMORY_BYTES = 1_000_000
_SENDERS = 8
_DOWNLOADS = 4
_CHECKS = 3  # below the 4 inputs that are parsed at a time: a write finds one free


class Receiving:
    """An application in which few requests at a time wait for their body to arrive."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._slots = Slots(_SENDERS, "sending a body")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        environ["wsgi.input"] = _Body(environ["wsgi.input"], self._slots)
        return self._application(environ, start_response)


class Slots:
    """Places for a number of clients at a time."""

    def __init__(self, number: int, activity: str) -> None:
        self._free = BoundedSemaphore(number)
        self._busy = f"{number} clients are {activity} right now, as many as may. Try again."

    def take(self) -> None:
        """Take a place until it is given back.

        Raises: ServiceUnavailable at once if none is free.
        """
        if not self._free.acquire(blocking=False):
            raise ServiceUnavailable(self._busy, retry_after=1)

    def give_back(self) -> None:
        """Let another have the place."""
        self._free.release()


class _Body:
    """A request's body; each read that may wait takes a place."""

    def __init__(self, stream: Any, slots: Slots) -> None:
        self._stream = stream
        self._slots = slots

    def read(self, size: int = -1) -> bytes:
        self._slots.take()
        try:
            return bytes(self._stream.read(size))
        finally:
            self._slots.give_back()


downloads = Slots(_DOWNLOADS, "downloading everything")
checks = Slots(_CHECKS, "having a bundle checked without a token")


def spooled(told: Told) -> Iterable[bytes]:
    """An answer in chunks, once all of it has come; on disk where it is long.

    For HTTP/1.0, in which an answer that breaks off looks like one that ends.

    Raises: OverLimit where it breaks off.
    """
    with ExitStack() as stack:
        file = stack.enter_context(SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES))
        stack.enter_context(closing(told))
        try:
            file.writelines(told)
        except Cut as cut:
            raise OverLimit(str(cut)) from None
        told.close()
        file.seek(0)
        stack.pop_all()
        return FileWrapper(cast("IO[bytes]", file))
