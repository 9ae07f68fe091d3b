"""Cases of `conv2d` that students have."""

import pytest
import torch

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import assert_conv2d, assert_conv2d_gradients, assert_conv2d_rules


@exercise("conv2d", weight=3)
@pytest.mark.parametrize(
    ("stride", "padding"),
    [(1, 0), (1, 1), (2, 0), (2, 2), (4, 0), (1, 4)],
    ids=["plain", "padding", "stride", "both", "wide stride", "wide padding"],
)
def test_convolution(student, stride, padding):
    """Your own code convolves a batch of images as PyTorch does it, with any stride and padding."""
    rng = Rng(FIXED)
    weight, bias = rng.normal(3, 3, 3, 3), rng.normal(3)
    assert_conv2d(student, rng.normal(2, 3, 7, 5), weight, bias, stride, padding)


@exercise("conv2d")
def test_convolution_of_one_channel(student):
    """One image, one channel, a kernel that is not square, no bias, float64."""
    rng = Rng(FIXED)
    x = rng.normal(1, 1, 6, 5, dtype=torch.float64)
    assert_conv2d(student, x, rng.normal(2, 1, 3, 2, dtype=torch.float64))


@exercise("conv2d")
def test_convolution_rules(student):
    """It loops over the kernel's positions alone."""
    assert_conv2d_rules(student, Rng(FIXED))


@exercise("conv2d")
def test_convolution_gradients(student):
    """Gradients flow to the image, the kernel and the bias, on any device."""
    assert_conv2d_gradients(student, Rng(FIXED))
