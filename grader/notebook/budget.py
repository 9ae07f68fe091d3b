"""How long a notebook trains: a student's full run at the keyboard, a short one while it is graded or validated."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.course import ChecksNotFoundError, CourseError, find_checks

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

BUDGETS_VARIABLE: Final = "AULATORCH_BUDGETS"
"""The budgets of a notebook that is graded, as JSON: it cannot read its assignment's."""


def training_budget(name: str) -> TrainingBudget:
    """The budget of a training, from the table ``[training.NAME]`` of the assignment's ``budget.toml``.

    At the keyboard it is the ``full`` one. While nbgrader grades or validates the notebook it is the ``short`` one, so
    that nobody waits for minutes: what is graded is the code, on data of the grader's own.

    Raises:
        ValueError: there is no budget of that name.
    """
    budgets = _budgets()
    if name not in budgets:
        raise ValueError(f"there is no training budget {name!r}; there are: {', '.join(budgets) or 'none'}")
    return TrainingBudget(**budgets[name]["short" if is_graded_run() else "full"])


def _budgets() -> Mapping[str, Mapping[str, Mapping[str, int]]]:
    given = os.environ.get(BUDGETS_VARIABLE)
    if given is not None:
        found: dict[str, dict[str, dict[str, int]]] = json.loads(given)
        return found
    try:
        return find_checks(Path.cwd()).training
    except ChecksNotFoundError as error:
        from grader.kit.not_found import not_found

        raise ValueError(str(not_found(error))) from None
    except CourseError as error:
        raise ValueError(str(error)) from None


def is_graded_run() -> bool:
    """Whether nbgrader runs this notebook, to grade or to validate it."""
    return bool(os.environ.get(EXECUTION_VARIABLE) or os.environ.get("NBGRADER_VALIDATING"))


def is_confined() -> bool:
    """Whether the grader runs this notebook, in a process that may read no checks."""
    return BUDGETS_VARIABLE in os.environ
