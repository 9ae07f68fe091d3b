"""Cases of `schedule` that students have."""

import pytest

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import assert_modes, assert_rates, assert_rates_are_floats, assert_scheduled, assert_step_lr


@exercise("schedule", weight=2)
def test_step_lr(student):
    """step_lr multiplies the learning rate by gamma after every step_size epochs."""
    assert_step_lr(student, 0.1, 3, 0.5, range(8), is_shown=True)
    assert_step_lr(student, 0.2, 1, 0.1, range(4), is_shown=True)


@exercise("schedule", weight=4)
@pytest.mark.parametrize("schedule", ["StepLR", "MultiStepLR"])
def test_scheduled_training(student, schedule):
    """The model gets the weights of a loop with one step of the scheduler after each epoch."""
    assert_scheduled(student, Rng(FIXED), 5, schedule)


@exercise("schedule", weight=3)
@pytest.mark.parametrize("schedule", ["StepLR", "MultiStepLR"])
def test_learning_rates(student, schedule):
    """The result lists the learning rate that each epoch's steps were made with."""
    assert_rates(student, Rng(FIXED), 5, schedule)


@exercise("schedule", after=test_learning_rates)
def test_learning_rates_are_floats(student):
    """The learning rates are Python floats."""
    assert_rates_are_floats(student, Rng(FIXED))


@exercise("schedule")
def test_scheduled_modes(student):
    """The model trains in train mode, also where it comes in eval mode."""
    assert_modes(student, Rng(FIXED), 3)
