"""The zygote of this process."""

from __future__ import annotations

import atexit

from grader.sandbox.zygote import Zygote

_zygote: Zygote | None = None


def shared_zygote() -> Zygote:
    """The zygote of this process: one for all the notebooks that an nbgrader command grades."""
    if _zygote is None:
        share_zygote(Zygote())
    assert _zygote is not None
    _zygote.start()
    return _zygote


def share_zygote(zygote: Zygote) -> None:
    """Makes `zygote` the one of this process."""
    global _zygote
    _zygote = zygote
    atexit.register(zygote.close)
