"""What an Update would change, worked out where it can hang or kill nobody else."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from graph.asking.answering import Answering, Cut, blamed
from graph.asking.child import Child, Gone, limits_of
from graph.asking.copies import Copy
from graph.asking.nursery import Nursery
from graph.asking.trial import Trial, effect_in
from graph.errors import OverLimit, StoreFault
from graph.settings import Settings
from graph.store import Store
from graph.store.oxigraph import OxigraphStore, engine_faults, place_of_copies
from graph.updating import Effect, Update, effect_of

_OPENING_S = 60.0
_TRIES = 4
_PLAIN = 2_000
_LOOKING = re.compile(r"[()]|WHERE|SELECT|COPY|MOVE|ADD", re.I)


class Updater:
    """One worker, started when first needed, over a copy of the store for each Update.

    Shape: its limits are those of a query.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limits = replace(limits_of(settings), nice=0)  # others wait to write
        self._child: Child | None = None
        self._turn = threading.Lock()
        self._nursery = Nursery("graph.updating")

    def effect_of(self, store: Store, update: Update) -> Effect:
        """As `graph.updating.effect_of`; what cannot take long is worked out here.

        Raises: as that, and OverLimit.
        """
        if not isinstance(store, OxigraphStore) or store.path is None or is_plain(update.request):
            return effect_of(store, update)
        beside, prefix = place_of_copies(store.path)
        with (
            self._turn,
            engine_faults(),
            TemporaryDirectory(prefix=prefix, dir=beside) as folder,
        ):
            copy = Path(folder) / "copy" / "store"
            copy.parent.mkdir()
            store.copy(copy)
            return effect_in(self._answer(Trial(copy, update)))

    def close(self) -> None:
        """End the worker, whatever it is at."""
        with self._turn:
            self._discard()
            self._nursery.close()

    def _answer(self, trial: Trial) -> bytes:
        for _ in range(_TRIES):
            try:
                child = self._ready(trial.path)
                answering = Answering(child, self._settings.query_timeout_s, self._done, "update")
                answering.begin(trial)
                return answering.whole or b"".join(answering)
            except Gone as gone:
                self._discard()
                if (fault := blamed(gone.code, self._settings, "update")) is not None:
                    raise fault from None
            except OverLimit:
                self._discard()
                raise
            except Cut as cut:
                raise OverLimit(str(cut)) from None
        raise StoreFault("The process that works Updates out is ended again and again.")

    def _ready(self, path: Path) -> Child:
        """A worker; a new one has read the copy before its time is counted.

        Raises: Gone; StoreFault.
        """
        if self._child is None:
            self._child = Child(self._nursery, self._limits)
            try:
                self._child.open(path, _OPENING_S)
            except OSError as error:
                raise StoreFault(f"A worker cannot read the store: {error}.") from None
        self._child.copy = Copy(path, 0)
        return self._child

    def _done(self, _: Answering, well: bool) -> None:
        if not well:
            self._discard()

    def _discard(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.bury()


def is_plain(request: str) -> bool:
    """Whether a request is short and names what it changes, without a question to the store."""
    return len(request) <= _PLAIN and _LOOKING.search(request) is None
