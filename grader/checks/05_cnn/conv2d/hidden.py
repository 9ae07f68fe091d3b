"""Cases of `conv2d` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import cases_of, exercise

from . import visible
from .judges import assert_conv2d, assert_conv2d_gradients, assert_conv2d_rules


@exercise("conv2d", weight=8)
@pytest.mark.parametrize(
    ("images", "weights", "stride", "padding"),
    [
        ((1, 1, 5, 9), (1, 1, 1, 1), 1, 0),
        ((3, 2, 8, 5), (4, 2, 3, 2), 1, 0),
        ((2, 3, 7, 6), (5, 3, 2, 5), 1, 2),
        ((2, 1, 9, 8), (3, 1, 4, 3), 3, 1),
        ((1, 4, 6, 7), (2, 4, 6, 7), 2, 0),
        ((2, 2, 9, 7), (3, 2, 2, 1), 3, 0),
        ((1, 2, 4, 5), (2, 2, 2, 3), 1, 3),
    ],
)
def test_any_convolution(student, rng, images, weights, stride, padding):
    """Your own code takes any shape of images and kernels, any stride and padding."""
    assert_conv2d(student, rng.normal(*images), rng.normal(*weights), rng.normal(weights[0]), stride, padding)


@exercise("conv2d")
def test_convolution_of_a_view(student, rng):
    """Images in float64 that are not contiguous, without a bias."""
    x = rng.normal(2, 3, 6, 18, dtype=torch.float64)[..., ::2].transpose(2, 3)
    assert_conv2d(student, x, rng.normal(3, 3, 2, 2, dtype=torch.float64), None, 2, 1)


@cases_of(visible.test_convolution_rules, weight=1.5)
def test_rules_of_convolution(student, rng):
    assert_conv2d_rules(student, rng)


@cases_of(visible.test_convolution_gradients, weight=1.5)
def test_gradients_of_convolution(student, rng):
    assert_conv2d_gradients(student, rng)
