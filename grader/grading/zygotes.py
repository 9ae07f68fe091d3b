"""Zygotes that know what notebooks of PyTorch courses import, and the one of this process."""

from __future__ import annotations

import atexit
from typing import Final

from grader.sandbox.zygote import Zygote

PRELOADED: Final = (
    "sklearn.datasets",
    "torchvision",
    "grader.checking.selfcheck",
    "grader.notebook.budget",
    "grader.notebook.canvas",
    "grader.notebook.datasets",
    "grader.notebook.device",
    "nbformat",
)
"""What most notebooks import, and the observer of mistakes: a fork finds it in memory."""


def new_zygote() -> Zygote:
    """A zygote with that in memory, not yet started."""
    return Zygote(preload=PRELOADED)


_zygote: Zygote | None = None


def shared_zygote() -> Zygote:
    """The zygote of this process: one for all the notebooks that an nbgrader command grades."""
    if _zygote is None:
        share_zygote(new_zygote())
    assert _zygote is not None
    _zygote.start()
    return _zygote


def share_zygote(zygote: Zygote) -> None:
    """Makes `zygote` the one of this process."""
    global _zygote
    _zygote = zygote
    atexit.register(zygote.close)
