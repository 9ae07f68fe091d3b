"""Cases of `schedule` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of

from . import visible
from .judges import SCHEDULES, assert_modes, assert_rates, assert_rates_are_floats, assert_scheduled, assert_step_lr


@cases_of(visible.test_step_lr, weight=3)
def test_any_step_lr(student, rng):
    for step_size in rng.permutation(7)[:3].tolist():
        lr, gamma = float(rng.uniform(1)) + 0.1, float(rng.uniform(1, low=0.2, high=0.9))
        assert_step_lr(student, lr, step_size + 1, gamma, range(20))


@cases_of(visible.test_scheduled_training, weight=6)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_any_scheduled_training(student, rng, schedule):
    assert_scheduled(student, rng, rng.integer(4, 7), schedule)


@cases_of(visible.test_learning_rates, weight=4)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_any_learning_rates(student, rng, schedule):
    assert_rates(student, rng, rng.integer(4, 7), schedule)


@cases_of(visible.test_learning_rates_are_floats, after=test_any_learning_rates)
def test_learning_rates_are_always_floats(student, rng):
    assert_rates_are_floats(student, rng)


@cases_of(visible.test_scheduled_modes)
def test_any_scheduled_modes(student, rng):
    assert_modes(student, rng, 3)
