"""The files of a bulk load, cut into jobs that are worth a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from graph.bulk_worker import Item, Job
from graph.errors import GraphError
from graph.formats import NQUADS, TRIG, Format, from_path
from graph.reading import read_limited
from graph.settings import Settings
from graph.splitting import parts_of

_JOB_BYTES = 100_000
"""How much is read and checked in one go: what a socket takes in without waiting."""

_SPLIT_BYTES = 2_000_000
"""Larger files that name their graphs are taken apart while they are read."""


def jobs_of(paths: Iterable[Path], form: Format | None, settings: Settings) -> Iterator[Job]:
    """Files, and the bundles of large ones, in parcels."""
    held: list[Item] = []
    numbers = count()
    for item in _items(paths, form, settings):
        held.append(item)
        if sum(len(each.data) for each in held) >= _JOB_BYTES:
            yield Job(next(numbers), tuple(held))
            held = []
    if held:
        yield Job(next(numbers), tuple(held))


def _items(paths: Iterable[Path], form: Format | None, settings: Settings) -> Iterator[Item]:
    for path in paths:
        try:
            known = form or from_path(path)
            named = known in (NQUADS, TRIG) and path.is_file()
            if named and path.stat().st_size > _SPLIT_BYTES:
                for part in parts_of(path, known, settings):
                    before = part.before if known == NQUADS else None
                    yield Item(
                        *(str(path), part.data, NQUADS.extension, part.weight),
                        split=True,
                        before=before,
                    )
            else:
                data = read_limited(path, settings)
                yield Item(str(path), data, known.extension, len(data))
        except GraphError as fault:
            yield Item(str(path), b"", NQUADS.extension, 0, fault=fault)
