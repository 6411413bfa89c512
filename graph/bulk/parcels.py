"""The files of a bulk load, cut into jobs that are worth a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from graph.bulk.slicing import spans_of
from graph.bulk.splitting import parts_of
from graph.bulk.worker import Item, Job
from graph.errors import GraphError
from graph.formats import NQUADS, TRIG, Format, from_path
from graph.reading import read_limited
from graph.settings import Settings

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
        if sum(max(each.weight, len(each.data)) for each in held) >= _JOB_BYTES:
            yield Job(next(numbers), tuple(held))
            held = []
    if held:
        yield Job(next(numbers), tuple(held))


def _items(paths: Iterable[Path], form: Format | None, settings: Settings) -> Iterator[Item]:
    for path in paths:
        name = str(path)
        try:
            known = form or from_path(path)
            is_large = path.is_file() and path.stat().st_size > _SPLIT_BYTES
            if known == NQUADS and is_large:
                for span in spans_of(path, settings):
                    yield Item(name, known.extension, span.length, span=span)
            elif known == TRIG and is_large:
                for part in parts_of(path, known, settings):
                    yield Item(name, NQUADS.extension, part.weight, part.data, split=True)
            else:
                data = read_limited(path, settings)
                yield Item(name, known.extension, len(data), data)
        except GraphError as fault:
            yield Item(name, NQUADS.extension, 0, fault=fault)
