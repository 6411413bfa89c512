"""The signals that a server's processes heed, and the end of the one that started them.

Whoever starts a server needs these alone, and none of what answers requests.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable


def heed_signals(reload: Callable[[], object]) -> None:
    """Have a thread take SIGHUP, SIGINT and SIGTERM, in this process from now on.

    Python runs a handler once its main thread wakes up, and granian's sleeps until
    then: a SIGTERM that interrupted another thread was lost, once in 6 stops of a
    busy server. So the signals are blocked in all threads, also in those that start
    later and in child processes, and the handler runs in the thread that waits.
    """
    heeded = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, heeded)

    def wait() -> None:
        while (number := signal.sigwait(heeded)) == signal.SIGHUP:
            reload()
        handler = signal.getsignal(number)
        if callable(handler) and handler is not signal.default_int_handler:
            handler(number, None)
        else:  # granian has yet to start
            signal.pthread_sigmask(signal.SIG_UNBLOCK, heeded)
            os.kill(os.getpid(), number)

    threading.Thread(target=wait, name="signals", daemon=True).start()


def end_with_parent(patience_s: float) -> None:
    """Have this process stop once the one that started it has ended, in whatever way.

    Shape: as if told by SIGTERM; what is not through after `patience_s` is broken off.
        Else it would hold port and dataset, and no new server could start.
    """
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(patience_s)
            os._exit(1)

    threading.Thread(target=wait, name="parent", daemon=True).start()
