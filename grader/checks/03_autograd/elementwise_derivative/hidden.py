"""Cases of `elementwise_derivative` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_device_agnostic, cases_of, exercise

from ..hidden_common import DTYPES
from . import visible
from .judges import (
    EXACT,
    assert_derivative,
    assert_derivative_of_computed,
    assert_derivative_without_traces,
    assert_old_grad_ignored,
    polynomial,
    wave,
    wave_slope,
)


@exercise("elementwise_derivative", weight=2)
@pytest.mark.parametrize("shape", [(1,), (9,), (3, 5), (2, 1, 4), ()])
def test_derivative_at_any_points(student, rng, shape):
    """The derivative of the wave is right at any points, in any shape."""
    start = torch.tensor([2.0, 4.5], dtype=torch.float64)
    assert_derivative(student, wave, start, wave_slope(start), **EXACT)
    x = rng.uniform(*shape, low=0.0, high=10.0, dtype=torch.float64)
    assert_derivative(student, wave, x, wave_slope(x), **EXACT)


@exercise("elementwise_derivative")
@DTYPES
def test_derivative_with_broadcasting_inside(student, rng, dtype):
    """f may give x more dimensions on its way, and x need not be contiguous."""
    x = rng.normal(5, 3, dtype=dtype).t()
    assert_derivative(student, polynomial, x, -2 + 1.5 * x**2)


@exercise("elementwise_derivative", weight=2)
def test_derivative_leaves_no_traces(student, rng):
    """x keeps its requires_grad and its .grad."""
    x = rng.normal(6)
    assert_derivative_without_traces(student, cubic_values, x.clone().requires_grad_(), 3 * x**2 + 1)
    assert_old_grad_ignored(student, rng.normal(4).tolist())
    assert_derivative_of_computed(student, rng.normal(4).tolist())


def cubic_values(x):
    """x³ + x."""
    return x**3 + x


@cases_of(visible.test_derivative_on_any_device)
def test_derivative_on_every_device(student, rng):
    x = rng.normal(2, 3)
    assert_device_agnostic(student, student.elementwise_derivative, student.define(cubic_values), x)
