"""Cases of `activation` that students have."""

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
    assert_derivative_by_hand,
    derivative,
    function_from,
)


@exercise("activation", weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_values(student, name):
    """The three activations have the right values."""
    assert_activation(student, name, NEAR)


@exercise("activation", weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_grad_values(student, name):
    """The three derivatives have the right values."""
    assert_act_grad(student, name, NEAR)


@exercise("activation", weight=4)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_far_out(student, name):
    """Nothing overflows at -100 and 100, in float32."""
    assert_activation(student, name, FAR)
    assert_act_grad(student, name, FAR)


@exercise("activation", weight=14)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_by_hand(student, name):
    """The activations are written by hand."""
    assert_by_hand(student, name, NEAR)


@exercise("activation", weight=8)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_grad_by_hand(student, name):
    """The derivatives are written by hand: neither autograd nor quotients of differences."""
    assert_derivative_by_hand(student, name, NEAR.double())


@exercise("activation")
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_follows(student, name):
    """They keep float64, and autograd can follow them."""
    assert_activation(student, name, NEAR.double())
    assert_act_grad(student, name, NEAR.double())
    x = torch.tensor([-1.5, 0.5, 2.0], dtype=torch.float64)
    function = function_from(student, "activation", name)
    assert_gradients(student, function, x, expected=[derivative(name, x)], names=["x"])


@exercise("activation")
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_device(student, name):
    """They would work on a GPU."""
    assert_activation(student, name, NEAR)
    assert_act_grad(student, name, NEAR)
    for maker in ("activation", "act_grad"):
        assert_device_agnostic(student, function_from(student, maker, name), NEAR)
