"""How long a notebook trains: a student's full run at the keyboard, a short one while it is graded or validated."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

EXECUTION_VARIABLE: Final = "NBGRADER_EXECUTION"
"""nbgrader sets it to ``autograde`` or ``validate`` while it runs a notebook."""


@dataclass(frozen=True)
class TrainingBudget:
    """How much to train.

    Attributes:
        epochs: passes over the training set.
        train_size: images (or points) to train on, at most.
        batch_size: examples in a batch.
        patience: epochs without improvement before stopping, where the training stops early.
    """

    epochs: int
    train_size: int
    batch_size: int
    patience: int

    @property
    def is_short(self) -> bool:
        """Whether it is only meant to show that the code runs."""
        return self.epochs <= SHORT_EPOCHS


SHORT_EPOCHS: Final = 2

_FULL: Final[Mapping[str, TrainingBudget]] = {
    "spiral": TrainingBudget(epochs=150, train_size=600, batch_size=32, patience=150),
    "mlp": TrainingBudget(epochs=15, train_size=60_000, batch_size=32, patience=5),
    "cnn": TrainingBudget(epochs=15, train_size=10_000, batch_size=64, patience=4),
}

_SHORT: Final[Mapping[str, TrainingBudget]] = {
    "spiral": TrainingBudget(epochs=SHORT_EPOCHS, train_size=200, batch_size=32, patience=2),
    "mlp": TrainingBudget(epochs=SHORT_EPOCHS, train_size=600, batch_size=32, patience=2),
    "cnn": TrainingBudget(epochs=SHORT_EPOCHS, train_size=300, batch_size=64, patience=2),
}


def training_budget(name: str) -> TrainingBudget:
    """The budget of a training: ``spiral``, ``mlp`` or ``cnn``.

    At the keyboard it is the full one. While nbgrader grades or validates the notebook it is a short one, so that
    nobody waits for minutes: what is graded is the code, on data of the grader's own.

    Raises:
        ValueError: there is no budget of that name.
    """
    if name not in _FULL:
        raise ValueError(f"there is no training budget {name!r}; there are {', '.join(_FULL)}")
    return (_SHORT if is_graded_run() else _FULL)[name]


def is_graded_run() -> bool:
    """Whether nbgrader runs this notebook, to grade or to validate it."""
    return bool(os.environ.get(EXECUTION_VARIABLE) or os.environ.get("NBGRADER_VALIDATING"))
