"""Cases of `activation` that students have: the two functions are worth the same."""

import pytest
import torch

from grader.kit import assert_device_agnostic, assert_gradients, exercise

from .judges import (
    ACTIVATIONS,
    FAR,
    NEAR,
    assert_act_grad,
    assert_activation,
    assert_by_hand,
    assert_from_a_formula,
    assert_slope_by_hand,
    derivative,
    function_from,
)


@exercise("activation", weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_values(student, name):
    """The three activations have the right values."""
    assert_activation(student, name, NEAR)


@exercise("activation", weight=12)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_by_hand(student, name):
    """The activations are written by hand."""
    assert_by_hand(student, name, NEAR)


@exercise("activation", weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_far_out(student, name):
    """The activations do not overflow at -100 and 100, in float32."""
    assert_activation(student, name, FAR)


@exercise("activation", weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_follows(student, name):
    """The activations keep float64, and autograd can follow them."""
    assert_activation(student, name, NEAR.double())
    x = torch.tensor([-1.5, 0.5, 2.0], dtype=torch.float64)
    function = function_from(student, "activation", name)
    assert_gradients(student, function, x, expected=[derivative(name, x)], names=["x"])


@exercise("activation")
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_device(student, name):
    """The activations would work on a GPU."""
    assert_activation(student, name, NEAR)
    assert_device_agnostic(student, function_from(student, "activation", name), NEAR)


@exercise("activation")
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_from_a_formula(student, name):
    """The derivatives come from formulas: neither from autograd nor from quotients of differences."""
    assert_from_a_formula(student, name, NEAR.double())


@exercise("activation", weight=10, after=test_slope_from_a_formula)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_values(student, name):
    """The three derivatives have the right values, without ready-made activations."""
    assert_slope_by_hand(student, name, NEAR)


@exercise("activation", weight=6, after=test_slope_from_a_formula)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_far_out(student, name):
    """The derivatives do not overflow at -100 and 100, in float32."""
    assert_act_grad(student, name, FAR)


@exercise("activation", after=test_slope_from_a_formula)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_in_float64(student, name):
    """The derivatives keep float64."""
    assert_act_grad(student, name, NEAR.double())


@exercise("activation", after=test_slope_from_a_formula)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_device(student, name):
    """The derivatives would work on a GPU."""
    assert_act_grad(student, name, NEAR)
    assert_device_agnostic(student, function_from(student, "act_grad", name), NEAR)
