"""Cases of `activation` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_device_agnostic, assert_gradients, cases_of, exercise

from . import visible
from .judges import (
    ACTIVATIONS,
    assert_act_grad,
    assert_activation,
    assert_by_hand,
    assert_from_a_formula,
    assert_slope_by_hand,
    derivative,
    function_from,
)


def awkward(rng):
    """Inputs of many shapes, one of them not contiguous."""
    return [rng.normal(5, 3, std=3).T, rng.normal(1), rng.normal(2, 3, 4)[:, ::2], rng.normal(0, 3), rng.normal()]


def far_out(rng):
    """Large numbers of either sign, in float32."""
    far = torch.cat([rng.uniform(3, low=-2000, high=-90), rng.uniform(3, low=90, high=2000)])
    return torch.cat([far, torch.zeros(1), torch.tensor([-1e18, -1e9, 1e9, 1e18])])


def away_from_zero(rng, *shape):
    """Numbers from 0.2 to 3 of either sign, in float64: there autograd knows ReLU's slope."""
    signs = 2 * rng.integers(0, 2, *shape) - 1
    return rng.uniform(*shape, low=0.2, high=3, dtype=torch.float64) * signs


@exercise("activation", weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_any_shape(student, rng, name):
    """The activations are right for any shape."""
    for x in awkward(rng):
        assert_activation(student, name, x)


@cases_of(visible.test_activation_by_hand, weight=12)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_own_work(student, rng, name):
    assert_by_hand(student, name, rng.normal(4, 3))
    assert_by_hand(student, name, rng.normal(7, 5, dtype=torch.float64))


@exercise("activation", weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_very_far_out(student, rng, name):
    """The activations do not overflow, however large the numbers."""
    assert_activation(student, name, far_out(rng))


@cases_of(visible.test_activation_follows, weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_in_float64(student, rng, name):
    assert_activation(student, name, rng.normal(4, 3, dtype=torch.float64))
    x = away_from_zero(rng, 5)
    assert_gradients(
        student, function_from(student, "activation", name), x, expected=[derivative(name, x)], names=["x"]
    )


@cases_of(visible.test_activation_device)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_on_a_gpu(student, rng, name):
    x = rng.normal(3, 5)
    assert_activation(student, name, x)
    assert_device_agnostic(student, function_from(student, "activation", name), x)


@cases_of(visible.test_slope_from_a_formula)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_from_a_formula_at_any_size(student, rng, name):
    for shape in ((5, 3), (1,)):
        assert_from_a_formula(student, name, away_from_zero(rng, *shape))


FORMULAS = ["test_slope_from_a_formula", test_slope_from_a_formula_at_any_size]


@exercise("activation", weight=10, after=FORMULAS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_any_shape(student, rng, name):
    """The derivatives are right for any shape."""
    for x in awkward(rng):
        assert_slope_by_hand(student, name, x)


@exercise("activation", weight=6, after=FORMULAS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_very_far_out(student, rng, name):
    """The derivatives do not overflow, however large the numbers."""
    assert_act_grad(student, name, far_out(rng))


@cases_of(visible.test_slope_in_float64, after=FORMULAS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_of_any_numbers_in_float64(student, rng, name):
    assert_act_grad(student, name, rng.normal(4, 3, dtype=torch.float64))


@cases_of(visible.test_slope_device, after=FORMULAS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_on_a_gpu(student, rng, name):
    x = rng.normal(3, 5)
    assert_act_grad(student, name, x)
    assert_device_agnostic(student, function_from(student, "act_grad", name), x)
