"""Cases of `linear_loss_grads` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_device_agnostic, exercise

from ..hidden_common import DTYPES
from .judges import assert_by_hand, assert_linear_grads


@exercise("linear_loss_grads", weight=2)
@DTYPES
@pytest.mark.parametrize("n", [1, 7, 30])
def test_gradients_for_any_batch(student, rng, n, dtype):
    """The gradients are right for any number of samples, in the precision of the input."""
    w, b = rng.normal(dtype=dtype), rng.normal(dtype=dtype)
    x, y = rng.normal(n, 2, dtype=dtype)[:, 0], rng.normal(n, dtype=dtype)
    assert_linear_grads(student, w, b, x, y)


@exercise("linear_loss_grads")
def test_gradients_for_a_single_value(student, rng):
    """The gradients are right for x and y without dimensions."""
    assert_linear_grads(student, *(rng.normal(dtype=torch.float64) for _ in range(4)))


@exercise("linear_loss_grads", weight=4, after=["test_gradients_of_a_batch", test_gradients_for_any_batch])
def test_any_gradients_by_hand(student, rng):
    """The formulas need no autograd, and work on any device."""
    w, b, x, y = rng.normal(), rng.normal(), rng.normal(6), rng.normal(6)
    assert_by_hand(student, w, b, x, y)
    assert_device_agnostic(student, student.linear_loss_grads, w, b, x, y)
