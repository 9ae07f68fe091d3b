"""What decides `conv2d`, and what it says."""

import torch
import torch.nn.functional as F

from grader.kit import (
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_gradients,
    assert_inputs_unchanged,
    assert_no_python_loops,
    assert_shape,
    assert_that,
    assert_without_operations,
    operations_of,
    tr,
)
from grader.kit.operations import CONVOLUTIONS
from grader.kit.tracing import counted_operations

BY_HAND = tr("The exercise is to write it yourself: PyTorch's own operation for it may not be used.")


PIXEL_LOOPS = tr("Loop over the kernel's positions alone: a slice with a step takes all pixels of all images at once.")


OPERATIONS = 5_000
"""Calls of PyTorch's that are counted."""


def convolved(student, *args, **options):
    """What the student's function gives, without PyTorch's own convolutions."""
    return assert_without_operations(student, student.conv2d, *args, forbidden=CONVOLUTIONS, hint=BY_HAND, **options)


def assert_conv2d(student, x, weight, bias=None, stride=1, padding=0):
    """`conv2d` agrees with PyTorch's."""
    options = {"stride": stride, "padding": padding}
    unusual = {name: value for name, value in options.items() if value != {"stride": 1, "padding": 0}[name]}
    args = (x, weight) if bias is None else (x, weight, bias)
    got = convolved(student, *args, **unusual)
    assert_close(got, F.conv2d(x, weight, bias, **options))
    assert_dtype(got, x.dtype)
    assert_inputs_unchanged(student)


def assert_conv2d_rules(student, rng):
    """Vectorised over pixels, images and channels, whatever the values."""
    x, weight = rng.normal(2, 3, 7, 6), rng.normal(4, 3, 3, 2)
    assert_shape(convolved(student, x, weight), (2, 4, 5, 5))
    assert_no_python_loops(student, "conv2d", allowed=2, hint=PIXEL_LOOPS)
    small, large = (
        sum(operations_of(student, student.conv2d, images, weight).values()) for images in (x, rng.normal(2, 3, 40, 30))
    )
    assert_that(
        large <= 1.5 * small,
        tr("Your function needs more tensor operations for larger images."),
        hint=PIXEL_LOOPS,
    )
    # Some of PyTorch's own operations take one image after another, F.unfold for one: here the student's calls count.
    few = counted_operations(student, student.conv2d, x, weight, limit=OPERATIONS)
    for args, said in (
        ((rng.normal(12, 3, 7, 6), weight), tr("Your function needs more tensor operations for more images.")),
        (
            (rng.normal(2, 15, 7, 6), rng.normal(24, 15, 3, 2)),
            tr("Your function needs more tensor operations for more channels."),
        ),
    ):
        more = counted_operations(student, student.conv2d, *args, limit=OPERATIONS)
        assert_that(more <= 1.5 * few, said, hint=PIXEL_LOOPS)


def assert_conv2d_gradients(student, rng):
    double = {"dtype": torch.float64}
    x, weight, bias = rng.normal(1, 2, 4, 5, **double), rng.normal(3, 2, 2, 3, **double), rng.normal(3, **double)
    assert_shape(convolved(student, x, weight, bias), (1, 3, 3, 3))
    assert_gradients(student, student.conv2d, x, weight, bias)
    assert_device_agnostic(student, student.conv2d, x, weight, bias, 2, 1)
