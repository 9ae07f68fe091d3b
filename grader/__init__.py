"""AulaTorch: checks for PyTorch exercises, in the notebook and out of process.

What a notebook needs is here: `check`, `use_language`, `datasets`, `device` and `training_budget`. Everything is
imported when it is first used, so that ``import grader`` costs nothing where torch is not needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.unconfined import refuse_unconfined

if TYPE_CHECKING:
    from grader import datasets
    from grader.budget import training_budget
    from grader.hardware import device
    from grader.testing.messages import use_language
    from grader.testing.selfcheck import check

__all__ = ["check", "datasets", "device", "training_budget", "use_language"]

refuse_unconfined()

_HOMES = {
    "check": "grader.testing.selfcheck",
    "device": "grader.hardware",
    "training_budget": "grader.budget",
    "use_language": "grader.testing.messages",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "datasets":
        return import_module("grader.datasets")
    if name not in _HOMES:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
