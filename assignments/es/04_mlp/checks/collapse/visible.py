"""Cases of `collapse` that students have."""

import torch

from grader.kit import exercise

from .judges import assert_collapse, layer_values


@exercise("collapse", weight=2)
def test_collapse_two(student):
    """Two layers, from 3 to 4 to 2 values, become one from 3 to 2."""
    assert_collapse(student, *layer_values(3, 4, 2))


@exercise("collapse")
def test_collapse_square(student):
    """The order is right, and biases pass through the layers after them."""
    assert_collapse(student, *layer_values(3, 3, 3))


@exercise("collapse")
def test_collapse_three(student):
    """Three layers, one of them without bias."""
    weights, biases = layer_values(2, 5, 3, 4)
    assert_collapse(student, weights, [biases[0], None, biases[2]])


@exercise("collapse")
def test_collapse_edges(student):
    """A single layer, and layers without any bias."""
    assert_collapse(student, *layer_values(3, 2))
    assert_collapse(student, *layer_values(3, 4, 2, biases=False))


@exercise("collapse", weight=2)
def test_collapse_exact(student):
    """It is exact in float64, and layers in float32 give one in float32."""
    assert_collapse(student, *layer_values(3, 4, 2), exact=True)
    assert_collapse(student, *layer_values(3, 4, 2, dtype=torch.float32), exact=True)


@exercise("collapse")
def test_collapse_leaves_layers(student):
    """The layers that were given stay as they were, and the new one is independent of them."""
    assert_collapse(student, *layer_values(3, 4, 2), leaves=True)
    assert_collapse(student, *layer_values(3, 2), leaves=True)
