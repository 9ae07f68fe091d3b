"""How a run that is spread out ends when somebody asks it to."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stoppable(stop: Callable[[], None]) -> Iterator[None]:
    """Calls `stop` on Ctrl-C and SIGTERM, so that a run ends between two submissions, never within a transaction."""

    def handle(*_: object) -> None:
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
