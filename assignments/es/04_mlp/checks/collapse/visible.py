"""Cases of `collapse` that students have."""

import pytest
import torch

from grader.kit import exercise

from .judges import assert_bias, assert_exact, assert_leaves, assert_linear_result, assert_weight, layer_values


@exercise("collapse", weight=2)
def test_collapse_linear(student):
    """Two layers, from 3 to 4 to 2 values, become one nn.Linear from 3 to 2."""
    assert_linear_result(student, *layer_values(3, 4, 2))


@exercise("collapse", weight=6, after=test_collapse_linear)
@pytest.mark.parametrize("sizes", [(3, 4, 2), (3, 3, 3), (2, 5, 3, 4)])
def test_collapse_weight(student, sizes):
    """The weight is the product of all weights, in the right order."""
    assert_weight(student, *layer_values(*sizes))


@exercise("collapse", weight=5, after=test_collapse_linear)
@pytest.mark.parametrize("sizes", [(3, 4, 2), (3, 3, 3)])
def test_collapse_bias(student, sizes):
    """Biases pass through the layers after them."""
    assert_bias(student, *layer_values(*sizes))


@exercise("collapse", weight=2, after=test_collapse_linear)
def test_collapse_edges(student):
    """A single layer, and layers of which some or all have no bias."""
    assert_weight(student, *layer_values(3, 2))
    weights, biases = layer_values(2, 5, 3, 4)
    assert_bias(student, weights, [biases[0], None, biases[2]])
    assert_weight(student, *layer_values(3, 4, 2, biases=False))


@exercise("collapse", weight=3, after=test_collapse_linear)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_collapse_exact(student, dtype):
    """It is exact, and in the dtype of the layers."""
    assert_exact(student, *layer_values(3, 4, 2, dtype=dtype))


@exercise("collapse", weight=2)
@pytest.mark.parametrize("sizes", [(3, 4, 2), (3, 2)])
def test_collapse_leaves_layers(student, sizes):
    """The layers that were given stay as they were, and the new one is independent of them."""
    assert_leaves(student, *layer_values(*sizes))
