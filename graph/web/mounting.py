"""Where the application is mounted: under the path of the dataset's base.

With the base https://example.org/said/ a proxy may pass /said/agent/cnn-f2e80d on as it
is, or without /said: both are the same address, and links in answers begin with /said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Mounted:
    """An application under the path of a base; where the server mounts it, that counts."""

    def __init__(self, application: WSGIApplication, base: str) -> None:
        self._application = application
        self._prefix = urlsplit(base).path.rstrip("/")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        prefix, path = self._prefix, environ.get("PATH_INFO", "")
        if prefix and not environ.get("SCRIPT_NAME"):
            environ["SCRIPT_NAME"] = prefix
            if f"{path}/".startswith(f"{prefix}/"):
                environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return self._application(environ, start_response)
