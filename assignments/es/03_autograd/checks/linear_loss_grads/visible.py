"""Cases of `linear_loss_grads` that students have."""

import pytest
import torch

from grader.kit import assert_device_agnostic, exercise

from ..common import assert_tuple
from .judges import assert_by_hand, assert_linear_grads


@exercise("linear_loss_grads")
def test_gradients_of_one_sample(student):
    """For w = 1, b = 0.5, x = 1.4, y = 2.1 the gradients are -0.56 and -0.40."""
    w, b, x, y = (torch.tensor(value) for value in (1.0, 0.5, 1.4, 2.1))
    assert_linear_grads(student, w, b, x, y)


@exercise("linear_loss_grads", weight=2)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_of_a_batch(student, dtype):
    """For several samples they are the gradients of the mean loss, in the precision of the input."""
    x = torch.tensor([-1.0, 0.5, 2.0, 3.0, 7.0], dtype=dtype)
    y = torch.tensor([2.0, 1.0, -1.0, 0.3, 1.1], dtype=dtype)
    w, b = torch.tensor(0.7, dtype=dtype), torch.tensor(-0.2, dtype=dtype)
    assert_linear_grads(student, w, b, x, y)


@exercise("linear_loss_grads", after=test_gradients_of_one_sample)
def test_gradients_in_a_tuple(student):
    """The two gradients come in a tuple."""
    assert_tuple(student.linear_loss_grads(*(torch.tensor(value) for value in (1.0, 0.5, 1.4, 2.1))), 2)


@exercise("linear_loss_grads", weight=4, after=test_gradients_of_a_batch)
def test_gradients_by_hand(student):
    """Your formulas give the gradients, without autograd, on any device."""
    w, b = torch.tensor(0.7), torch.tensor(-0.2)
    x, y = torch.tensor([-1.0, 0.5, 2.0]), torch.tensor([2.0, 1.0, -1.0])
    assert_by_hand(student, w, b, x, y)
    assert_device_agnostic(student, student.linear_loss_grads, w, b, x, y)
