"""Who may write: tokens with a name and scopes, kept as digests only.

A token is 256 random bits, so a plain SHA-256 keeps it safe: slow password
hashes guard guessable secrets, and would cost each request 50 ms.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from graph.errors import BadInput, NotFound, StoreFault
from graph.texts import write_durably

SCOPES = ("read", "check", "write", "admin")
"""Each scope includes those before it."""

_PREFIX = "asc_"
_SECRET = re.compile(rf"{_PREFIX}[\w-]{{16,}}", re.ASCII)
_NAME = re.compile(r"(?=.{1,64}\Z)[\w.@-]+( [\w.@-]+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token."""

    name: str
    scope: str
    digest: str
    created: str

    def allows(self, scope: str) -> bool:
        """Whether this token may do what needs `scope`."""
        return SCOPES.index(scope) <= SCOPES.index(self.scope)


class TokenBook:
    """The tokens of one dataset folder, in `tokens.json`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[tuple[int, int, int], list[Token]] | None = None

    def create(self, scope: str, name: str = "") -> str:
        """A new token; this is the only time it can be seen.

        Raises: BadInput for an unknown scope, a name already taken, or one that
            would not read well in a log.
        """
        if scope not in SCOPES:
            raise BadInput(f"{scope!r} is no scope. Expected one of {', '.join(SCOPES)}.")
        tokens = self.tokens()
        name = name or f"{scope}-{len(tokens) + 1}"
        check_name(name)
        if any(token.name == name for token in tokens):
            raise BadInput(f"There is a token named {name!r} already: choose another name.")
        secret = _PREFIX + secrets.token_urlsafe(32)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        self._write([*tokens, Token(name, scope, _digest(secret), created)])
        return secret

    def revoke(self, name: str) -> None:
        """Forget a token.

        Raises: NotFound if there is none of that name.
        """
        tokens = self.tokens()
        kept = [token for token in tokens if token.name != name]
        if len(kept) == len(tokens):
            known = ", ".join(token.name for token in tokens) or "none"
            raise NotFound(f"There is no token named {name!r}. Tokens here: {known}.")
        self._write(kept)

    def tokens(self) -> list[Token]:
        """All tokens, oldest first; the file is read again when it has changed.

        Raises: StoreFault if the file is damaged.
        """
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return []
        state = (found.st_ino, found.st_mtime_ns, found.st_size)
        if self._seen is None or self._seen[0] != state:
            self._seen = (state, self._read())
        return self._seen[1]

    def find(self, secret: str) -> Token | None:
        """The token that a client holds, or None."""
        digest = _digest(secret)
        matching = [t for t in self.tokens() if hmac.compare_digest(t.digest, digest)]
        return matching[0] if matching else None

    def _read(self) -> list[Token]:
        try:
            return [Token(**each) for each in json.loads(self._path.read_text("utf-8"))]
        except (ValueError, TypeError, OSError):
            raise StoreFault(
                f"{self._path} cannot be read: expected what `ascribe token create` writes. "
                "Put it back from a backup, or delete it and make new tokens."
            ) from None

    def _write(self, tokens: list[Token]) -> None:
        text = json.dumps([asdict(token) for token in tokens], indent=2) + "\n"
        write_durably(self._path, text.encode())


def check_name(name: str) -> None:
    """Refuse a name that could be mistaken in a log, or for a token.

    Raises: BadInput.
    """
    if not _NAME.fullmatch(name) or _SECRET.search(name):
        raise BadInput(
            f"{redacted(name)!r} is no name here: write up to 64 letters, digits, "
            "single spaces and . @ _ -, and no token."
        )


def redacted(text: str) -> str:
    """The text with whatever looks like a token taken out.

    >>> redacted("GET /bundles?token=asc_5b0f1dd7a2c94f60")
    'GET /bundles?token=asc_...'
    """
    return _SECRET.sub(_PREFIX + "...", text)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
