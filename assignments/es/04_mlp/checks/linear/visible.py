"""Cases of `linear` that students have."""

import pytest
import torch

from grader.kit import assert_inputs_unchanged, assert_shape, exercise

from .judges import (
    GRID,
    assert_linear_double,
    assert_linear_gradients,
    assert_linear_loads,
    assert_linear_moves,
    assert_linear_output,
    assert_linear_parameters,
    assert_linear_start,
    layer_to_compute_with,
)


@exercise("linear", weight=2)
@pytest.mark.parametrize("bias", [True, False])
def test_linear_parameters(student, bias):
    """Linear(3, 2) has the parameters weight (2, 3) and bias (2,), and only the weight with bias=False."""
    assert_linear_parameters(student, 3, 2, bias=bias)


@exercise("linear", weight=5)
def test_linear_gradients(student):
    """Gradients reach x, weight and bias."""
    assert_linear_gradients(student, GRID, 2)


@exercise("linear", weight=4, after=test_linear_gradients)
@pytest.mark.parametrize("bias", [True, False])
def test_linear_outputs(student, bias):
    """The outputs are x W^T + b, with its own weight and bias."""
    assert_linear_output(student, GRID, 2, bias=bias)


@exercise("linear", after=test_linear_gradients)
def test_linear_like_pytorch(student):
    """With the same weights, nn.Linear(3, 5) gives the same outputs."""
    assert_linear_loads(student, GRID, 5)


@exercise("linear", after=test_linear_gradients)
@pytest.mark.parametrize("shape", [(3,), (2, 4, 3), (0, 3)])
def test_linear_leading_dimensions(student, shape):
    """Only the last dimension of x changes, however many stand before it."""
    assert_linear_output(student, torch.arange(24.0)[: torch.Size(shape).numel()].reshape(shape) / 10, 2)


@exercise("linear")
def test_linear_keeps_x(student):
    """x is not changed."""
    layer, _, _ = layer_to_compute_with(student, 3, 2)
    assert_shape(layer(GRID), (2, 2))
    assert_inputs_unchanged(student)


@exercise("linear", weight=5)
def test_linear_first_weights(student):
    """The first weights are random numbers around 0 of size about 1/sqrt(in_features), and the biases no larger."""
    assert_linear_start(student, 400, 50)


@exercise("linear")
def test_linear_double(student):
    """After layer.double() it computes in float64."""
    assert_linear_double(student, GRID, 2)


@exercise("linear")
def test_linear_device(student):
    """After layer.to("cuda") it would work on a GPU."""
    assert_linear_moves(student, GRID, 2)
