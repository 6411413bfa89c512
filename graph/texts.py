"""The archived texts: kept to check quotes against, never exported or served."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from pyoxigraph import Literal

from graph.bundle import Bundle
from graph.errors import StoreFault
from graph.vocab import ASC

UNFINISHED = ".unfinished-"
"""How the names of files begin that a killed process may leave behind."""

_DIGEST = re.compile("[0-9a-f]{64}")


class TextArchive:
    """Source texts by the SHA-256 of their bytes, in a folder or in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._held: dict[str, bytes] = {}

    def get(self, sha256: str) -> bytes | None:
        """The text with that digest, or None if it is not archived."""
        if self.folder is None or not _DIGEST.fullmatch(sha256):
            return self._held.get(sha256)
        try:
            return (self.folder / sha256).read_bytes()
        except FileNotFoundError:
            return None

    def of(self, bundle: Bundle) -> bytes | None:
        """The text that a bundle is about, or None if it is not archived."""
        digests = (each for said in bundle.facts.values() for each in said.get(ASC.sha256, ()))
        found = (self.get(each.value) for each in digests if isinstance(each, Literal))
        return next(found, None)

    def digests(self) -> list[str]:
        """The digests of all texts that are kept, sorted."""
        if self.folder is None:
            return sorted(self._held)
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(path.name for path in found if _DIGEST.fullmatch(path.name))

    def put(self, text: bytes) -> str:
        """Keep a text, on disk before this returns; gives its digest.

        Raises: StoreFault if the disk refuses.
        """
        digest = hashlib.sha256(text).hexdigest()
        if self.folder is None:
            self._held[digest] = text
        elif not (self.folder / digest).exists():
            write_durably(self.folder / digest, text)
        return digest


def write_durably(path: Path, content: bytes) -> None:
    """Put a file in place whole or not at all, readable by its owner only.

    Raises: StoreFault, with the file as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=UNFINISHED, delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink()
                raise
        sync_folder(path.parent)
    except OSError as error:
        raise StoreFault(f"{path} cannot be written: {error.strerror}.") from None


def sync_folder(folder: Path) -> None:
    """See the names in a folder onto the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
