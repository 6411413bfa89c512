"""A dataset's folder: what lies in it, the file that says what it is, how one is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from graph.errors import BadInput, NotFound, StoreFault
from graph.texts import sync_folder, write_durably

DATASET, LOG, TOKENS = "ascribe.json", "journal.log", "tokens.json"


def holds_something(folder: Path) -> bool:
    """Whether a folder cannot be made there, since something is."""
    return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))


def write_manifest(folder: Path, base: str) -> None:
    """Have a folder say that it is a dataset, and under which address its IRIs lie."""
    manifest = {"ascribe": 1, "base": base}
    write_durably(folder / DATASET, (json.dumps(manifest, indent=2) + "\n").encode())


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a folder says about its dataset.

    Raises: NotFound if it is no dataset; BadInput if that cannot be read.
    """
    try:
        return dict(json.loads((folder / DATASET).read_text("utf-8")))
    except FileNotFoundError:
        raise NotFound(
            f"{folder} is no dataset: it has no {DATASET}. Make one with `ascribe init {folder}`."
        ) from None
    except (json.JSONDecodeError, NotADirectoryError, UnicodeDecodeError):
        raise BadInput(
            f"{folder / DATASET} cannot be read: expected the JSON that `ascribe init` writes."
        ) from None


@contextmanager
def made_whole(folder: Path, doing: str, done: str, what: str) -> Iterator[Path]:
    """A folder that takes its place once the block has ended well, and not before.

    Shape: what is given lies beside the place until then. `doing`, `done` and `what`
        stand in its name and in messages: restoring, restored, what is restored.
    Raises: BadInput if the place holds something; StoreFault if the disk refuses, with
        nothing left behind.
    """
    if holds_something(folder):
        raise BadInput(f"{folder} is not empty. Name a new folder for {what}.")
    place = folder.absolute()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{place.name}-{doing}-", dir=place.parent) as parent:
            made = Path(parent) / "dataset"
            made.mkdir(mode=0o700)
            yield made
            sync_folder(made)
            made.rename(place)
        sync_folder(place.parent)
    except OSError as error:
        raise StoreFault(f"Nothing was {done} to {folder}: {error.strerror}.") from None
