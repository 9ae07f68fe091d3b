"""AulaTorch: checks for PyTorch exercises, in the notebook and out of process.

What a notebook needs is here: `check` and `use_language`. Everything is imported when it is first used, so that
``import grader`` costs nothing where torch is not needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.testing.messages import use_language
    from grader.testing.selfcheck import check

__all__ = ["check", "use_language"]

_HOMES = {"check": "grader.testing.selfcheck", "use_language": "grader.testing.messages"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
