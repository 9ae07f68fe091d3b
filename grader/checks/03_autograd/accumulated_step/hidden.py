"""Cases of `accumulated_step` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import cases_of, exercise

from . import visible
from .judges import assert_loss, assert_loss_is_plain, assert_micro, assert_modes, assert_step


def drawn(rng, sizes, labels=False):
    """Random weights, bias and micro-batches of these sizes."""
    n = sum(sizes)
    x = rng.normal(n, 4, dtype=torch.float64)
    y = rng.integers(0, 3, n) if labels else rng.normal(n, 3, dtype=torch.float64)
    batches = list(zip(x.split(sizes), y.split(sizes), strict=True))
    return rng.normal(3, 4, dtype=torch.float64), rng.normal(3, dtype=torch.float64), batches


@cases_of(visible.test_equal_micro_batches, weight=2)
@pytest.mark.parametrize("sizes", [[5, 5], [3], [1, 1, 1, 1]])
def test_any_equal_micro_batches(student, rng, sizes):
    assert_step(student, *drawn(rng, sizes), calls=2)


@exercise("accumulated_step", weight=2)
@pytest.mark.parametrize("sizes", [[5, 1, 3], [1, 6]])
@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_any_unequal_micro_batches(student, rng, sizes, loss):
    """With micro-batches of different sizes, too, for any loss that is a mean."""
    assert_step(student, *drawn(rng, sizes, labels=loss == "cross_entropy"), calls=2, loss=loss, momentum=0.5)


@cases_of(visible.test_old_gradients_are_ignored)
def test_any_old_gradients_are_ignored(student, rng):
    assert_step(student, *drawn(rng, [3, 3, 3]), stale=True)


@cases_of(visible.test_loss_before_the_step)
def test_any_loss_before_the_step(student, rng):
    assert_loss(student, *drawn(rng, [5, 1, 2]))


@cases_of(visible.test_loss_is_a_float)
def test_any_loss_is_a_float(student, rng):
    assert_loss_is_plain(student, *drawn(rng, [2, 2]))


@cases_of(visible.test_one_step_and_one_micro_batch_at_a_time)
def test_one_step_for_any_micro_batches(student, rng):
    assert_micro(student, *drawn(rng, [2, 5, 3, 3]))


@cases_of(visible.test_the_mode_stays)
def test_any_mode_stays(student, rng):
    assert_modes(student, *drawn(rng, [3, 1]))
