"""What decides `max_pool2d`, and what it says."""

import torch.nn.functional as F

from grader.kit import (
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_gradients,
    assert_inputs_unchanged,
    assert_shape,
    assert_without_operations,
)
from grader.kit.operations import POOLS

from ..conv2d.judges import BY_HAND


def pooled(student, *args):
    """What the student's function gives, without PyTorch's own poolings."""
    return assert_without_operations(student, student.max_pool2d, *args, forbidden=POOLS, hint=BY_HAND)


def assert_max_pool2d(student, x, k, stride=None):
    """`max_pool2d` agrees with PyTorch's."""
    got = pooled(student, x, k) if stride is None else pooled(student, x, k, stride)
    assert_close(got, F.max_pool2d(x, k, stride))
    assert_dtype(got, x.dtype)
    assert_inputs_unchanged(student)


def assert_max_pool2d_rules(student, rng):
    """The backward pass and the device, whatever the values."""
    x = rng.permutation(2 * 1 * 6 * 5).reshape(2, 1, 6, 5).double() / 7 + 1
    assert_shape(pooled(student, x, 2, 2), (2, 1, 3, 2))
    assert_gradients(student, student.max_pool2d, x, 2, 2)
    assert_device_agnostic(student, student.max_pool2d, x, 2, 2)
