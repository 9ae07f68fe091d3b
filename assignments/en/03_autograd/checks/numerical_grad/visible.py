"""Cases of `numerical_grad` that students have."""

import torch

from grader.kit import exercise

from .judges import (
    assert_autograd_stays_on,
    assert_from_values,
    assert_numerical,
    assert_numerical_without_traces,
    assert_old_gradient_stays,
    coupled,
    quartic,
)


@exercise("numerical_grad", weight=2)
def test_central_differences(student):
    """With eps = 0.1 the result is the central difference, not the forward one and not the derivative."""
    assert_numerical(student, quartic, torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64), 0.1)


@exercise("numerical_grad")
def test_small_step(student):
    """With the usual eps the result is the gradient, from values of f alone, also where elements depend on others."""
    x = torch.tensor([0.3, -1.2, 2.0, 0.7], dtype=torch.float64)
    assert_numerical(student, coupled, x)
    assert_from_values(student, coupled, x)


@exercise("numerical_grad", weight=2)
def test_float32_is_computed_in_float64(student):
    """A float32 x is computed in float64, and is the same after the call, to the last bit."""
    assert_numerical(student, quartic, torch.tensor([0.1, -1.7, 0.3]))


def columns(x):
    """The squares of the sums of the columns, which another shape of x would change."""
    return (x.sum(dim=0) ** 2).sum()


@exercise("numerical_grad")
def test_any_shape(student):
    """x may have any shape, be a transpose, or require a gradient, and autograd stays on."""
    x = torch.tensor([[0.1, -1.0, 2.0], [0.3, 1.0, 0.7]], dtype=torch.float64)
    assert_numerical(student, columns, x, 0.01)
    assert_numerical(student, coupled, x.t(), 0.01)
    assert_numerical_without_traces(student, quartic, x, 0.01)
    assert_numerical_without_traces(student, quartic, x.clone().requires_grad_(), 0.01)
    assert_numerical(student, quartic, torch.tensor(0.5, dtype=torch.float64), 0.01)
    assert_numerical(student, quartic, torch.zeros(0, 3, dtype=torch.float64), 0.01)
    assert_old_gradient_stays(student, quartic, [0.5, -1.5])
    assert_autograd_stays_on(student, quartic, x)
