"""What decides `max_pool2d`, and what it says."""

import torch.nn.functional as F

from grader.kit import (
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_gradients,
    assert_inputs_unchanged,
    assert_without_operations,
    tr,
)
from grader.kit.operations import POOLS

from ..conv2d.judges import BY_HAND

MEAN_POOL = tr("Those are means: keep the largest value of each window.")


ZERO_START = tr(
    "A window of negative numbers gives 0: a running maximum must not start at 0, nor a border be padded with it."
)


STRIDE_ONE = tr("Without a stride the windows do not overlap: stride is k.")


CEIL = tr("A window that does not fit entirely is left out: sizes are rounded down.")


def assert_max_pool2d(student, x, k, stride=None):
    """`max_pool2d` agrees with PyTorch's."""
    args = (x, k) if stride is None else (x, k, stride)
    got = assert_without_operations(student, student.max_pool2d, *args, forbidden=POOLS, hint=BY_HAND)
    expected = F.max_pool2d(x, k, stride)
    mistakes = [
        (F.avg_pool2d(x, k, stride), MEAN_POOL),
        (expected.clamp(min=0), ZERO_START),
        (F.max_pool2d(F.pad(x, (0, k, 0, k)), k, stride, ceil_mode=True), CEIL),
        (F.max_pool2d(x, k, stride, ceil_mode=True), CEIL),
    ]
    if stride is None:
        mistakes.append((F.max_pool2d(x, k, 1), STRIDE_ONE))
    assert_close(got, expected, mistakes=mistakes)
    assert_dtype(got, x.dtype)
    assert_inputs_unchanged(student)


def assert_max_pool2d_rules(student, rng):
    x = rng.permutation(2 * 1 * 6 * 5).reshape(2, 1, 6, 5).double() / 7 - 5
    assert_max_pool2d(student, x, 2)
    assert_gradients(student, student.max_pool2d, x, 2)
    assert_device_agnostic(student, student.max_pool2d, x, 2)
