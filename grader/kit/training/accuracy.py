"""Accuracy as a grade: measured twice before it costs points, against a floor that was calibrated.

A training's accuracy is random, so a floor is only fair where it was measured: `grader calibrate` trains the reference
with many seeds through the very functions that the checks use, each a `Measurement`, and writes what came of it into
the assignment's ``budget.toml``. Accuracy is weak evidence of a right training loop and is worth few
points; the probes are worth the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch

from grader.kit.assertions import assert_returns, assert_shape
from grader.kit.failures import CheckFailure
from grader.kit.messages import Message, tr, verbatim
from grader.kit.randomness import Rng
from grader.kit.student import Student


@dataclass(frozen=True)
class Threshold:
    """How good a training must be.

    Attributes:
        announced: the accuracy that students are told to reach.
        graded: the accuracy that earns the points: lower, so that chance takes none away.
        spread: the reference's standard deviation. A result that misses `graded` by less is left to a person.
    """

    announced: float
    graded: float
    spread: float


@dataclass(frozen=True)
class Measurement:
    """Trains through a student's code and says how accurate the result is, 0 to 1.

    Attributes:
        name: the name of its threshold.
        run: does it; everything random comes from the `Rng`. Keyword arguments say how, with the calibrated choices
            as defaults.
    """

    name: str
    run: Callable[..., float]

    @property
    def threshold(self) -> Threshold:
        """How accurate it must be."""
        return threshold(self.name)


def measurement(name: str) -> Callable[[Callable[..., float]], Measurement]:
    """Makes a function the measurement `name`, which `grader calibrate` finds in the assignment's checks."""
    return lambda run: Measurement(name, run)


class UndecidedError(Exception):
    """Two trainings came so close below the floor that chance may have decided: a person must look."""


_thresholds: ContextVar[Mapping[str, Mapping[str, float]] | None] = ContextVar("thresholds", default=None)


@contextmanager
def assignment_thresholds(thresholds: Mapping[str, Mapping[str, float]]) -> Iterator[None]:
    """Grades with these thresholds, those of the assignment's ``budget.toml``, inside a ``with`` block."""
    token = _thresholds.set(thresholds)
    try:
        yield
    finally:
        _thresholds.reset(token)


def threshold(name: str) -> Threshold:
    """The threshold of a measurement.

    Raises:
        LookupError: the assignment has none of that name.
    """
    chosen = (_thresholds.get() or {}).get(name)
    if chosen is None:
        raise LookupError(f"budget.toml has no table [thresholds.{name}]: `grader calibrate ASSIGNMENT` writes it")
    return Threshold(**chosen)


def assert_accuracy(
    student: Student, rng: Rng, measured: Measurement, *, hint: Message | None = None, **second: Any
) -> None:
    """Fails unless what the student's code trains is accurate enough, at the first or the second attempt.

    Args:
        student: the notebook.
        rng: draws the seeds of both attempts.
        measured: how to train and measure.
        hint: what most likely keeps the accuracy down.
        second: how the second attempt is made, where it is made otherwise (``epochs=20``): a network of the student's
            own design may be right and learn more slowly than the one that was calibrated.

    Raises:
        UndecidedError: both attempts fail, and the better one by less than the reference's own spread.
    """
    wanted = measured.threshold
    best = 0.0
    for how in ({}, second):
        best = max(best, measured.run(student, Rng(rng.integer(0, 2**31)), **how))
        if best >= wanted.graded:
            return
    if best >= wanted.graded - wanted.spread:
        raise UndecidedError(f"{measured.name}: {best:.4f} at best, {wanted.graded} asked")
    raise CheckFailure(
        tr("What your code trains is not accurate enough, with two random seeds."),
        expected=verbatim(percent(wanted.graded)),
        actual=verbatim(percent(best)),
        hint=hint,
    )


def permuted_labels(labels: torch.Tensor, rng: Rng, classes: int) -> torch.Tensor:
    """The labels with the classes renamed at random: whoever learns from them is as accurate as before.

    Whoever recognises the images without learning (weights brought along, labels looked up) is not.

    Args:
        labels: int64 (n,), 0 to classes - 1.
        rng: draws the permutation.
        classes: how many there are.
    """
    return rng.permutation(classes)[labels]


def accuracy_of_logits(logits: Any, labels: torch.Tensor, classes: int, *, name: str | Message | None = None) -> float:
    """The share of right predictions, 0 to 1; `labels` never left this process.

    Args:
        logits: what the student's model gave; fails unless it is a tensor (n, classes).
        labels: int64 (n,).
        classes: how many there are.
        name: what the logits are called.
    """
    assert_returns(logits, torch.Tensor, name=name)
    assert_shape(logits, (len(labels), classes), name=name)
    return float((logits.argmax(1) == labels).double().mean())


def percent(share: float) -> str:
    """0.914 as ``91.4 %``."""
    return f"{100 * share:.1f} %"
