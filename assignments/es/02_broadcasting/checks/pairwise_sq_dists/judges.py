"""What decides `pairwise_sq_dists`, and what it says."""

import torch

from grader.kit import assert_close, assert_that, reference, tr

from ..common import assert_precise

ROUNDING = {"rtol": 1e-4, "atol": 1e-3}
"""float32 in the expanded form |x|² + |y|² - 2 x·y: off by up to 1e-4 on images of 784 pixels in [0, 1]."""


@reference
def sq_dists(x, y):
    """In float64, one row of X at a time."""
    raise NotImplementedError  # its values lie in expected.json


def assert_sq_dists(student, x, y):
    """`student.pairwise_sq_dists` on two sets of points."""
    expected = sq_dists(x, y)
    result = student.pairwise_sq_dists(x, y)
    assert_close(result, expected, **ROUNDING)
    assert_precise(result, expected)
    return result


def assert_never_negative(student, x):
    """The distances of points to themselves: a diagonal of zeros, and nothing below."""
    result = assert_sq_dists(student, x, x)
    smallest = f"{float(result.min()):.3g}"
    assert_that(not bool((result < 0).any()), tr("Some squared distances are negative."), actual=smallest)
