"""Cases of `numerical_grad` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import cases_of, exercise

from . import visible
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
@pytest.mark.parametrize("shape", [(5,), (1,), (2, 3)])
def test_central_differences_for_any_step(student, rng, shape):
    """The differences are central, and use the eps that is given."""
    x = rng.uniform(*shape, low=0.5, high=2.0, dtype=torch.float64)
    assert_numerical(student, quartic, x, 0.1 + 0.1 * float(rng.uniform(1)))


@cases_of(visible.test_small_step)
@pytest.mark.parametrize("shape", [(3, 4), (6,)])
def test_small_step_for_any_x(student, rng, shape):
    x = rng.normal(*shape, dtype=torch.float64)
    assert_numerical(student, coupled, x)
    assert_from_values(student, coupled, x)


@cases_of(visible.test_float32_is_computed_in_float64, weight=2)
def test_any_float32_is_computed_in_float64(student, rng):
    assert_numerical(student, quartic, rng.uniform(7, low=0.5, high=2.0))
    assert_numerical(student, quartic, rng.uniform(33, low=0.5, high=2.0, dtype=torch.float64), 0.03)


@exercise("numerical_grad")
def test_strided_and_scalar_x(student, rng):
    """x may be a transpose, a part of a larger tensor, a scalar, or require a gradient, and autograd stays on."""
    assert_numerical(student, coupled, rng.normal(3, 2, dtype=torch.float64).t(), 0.01)
    assert_numerical_without_traces(student, quartic, rng.uniform(5, low=0.5, dtype=torch.float64), 0.01)
    strided = rng.uniform(3, 4, low=0.5, dtype=torch.float64)[:, ::2]
    assert_numerical_without_traces(student, quartic, strided.requires_grad_(), 0.01)
    assert_numerical(student, quartic, rng.uniform(low=0.5, high=2.0, dtype=torch.float64), 0.01)
    assert_numerical(student, visible.columns, rng.normal(2, 3, dtype=torch.float64), 0.01)
    assert_numerical(student, quartic, torch.zeros(2, 0), 0.01)
    assert_old_gradient_stays(student, quartic, rng.normal(3).tolist())
    assert_autograd_stays_on(student, quartic, rng.normal(2, dtype=torch.float64))
