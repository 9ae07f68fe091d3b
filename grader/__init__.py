"""AulaTorch: checks for PyTorch exercises, in the notebook and out of process.

What a notebook needs is here: `check`, `hint`, `solution`, `overview`, `use_language`, `datasets`, `device` and
`training_budget`.
Everything is imported when it is first used, so that ``import grader`` costs nothing where torch is not needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.unconfined import refuse_unconfined

if TYPE_CHECKING:
    from grader.checking.hints import hint, solution
    from grader.checking.selfcheck import check, overview
    from grader.kit.messages import use_language
    from grader.notebook import datasets
    from grader.notebook.budget import training_budget
    from grader.notebook.device import device

__all__ = ["check", "datasets", "device", "hint", "overview", "solution", "training_budget", "use_language"]

refuse_unconfined()

_HOMES = {
    "check": "grader.checking.selfcheck",
    "device": "grader.notebook.device",
    "hint": "grader.checking.hints",
    "overview": "grader.checking.selfcheck",
    "solution": "grader.checking.hints",
    "training_budget": "grader.notebook.budget",
    "use_language": "grader.kit.messages",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "datasets":
        return import_module("grader.notebook.datasets")
    if name not in _HOMES:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
