"""What decides `pairwise_sq_dists`, and what it says."""

import torch

from grader.kit import assert_close, assert_dtype, assert_that, reference, tr

from ..common import assert_precise, blaming

INSERT_A_DIMENSION = tr(
    "X - Y needs the shapes (N, D) and (M, D) to fit, and at best pairs row i with row i. Insert a dimension of size 1"
    " so that every row of X meets every row of Y: (N, 1, D) and (M, D)."
)


WRONG_SUM = tr("The sum went over the wrong dimension: the coordinates, the last one, must disappear, not the points.")


NO_ROOT = tr("The squared distance was asked: leave out the square root.")


NOT_SQUARED = tr("The differences are added up without being squared.")


SQUARE_FIRST = tr("You squared the sum of the differences: square each difference first, and add up then.")


TWICE_THE_PRODUCT = tr("Multiply |x - y|² out: the product x·y comes twice.")


ABSOLUTE = tr("These are sums of absolute differences: square the differences instead.")


NEGATIVE = tr(
    "A squared distance is never negative, but |x|² + |y|² - 2 x·y rounds to a little below zero for points that are"
    " close. Let no value fall below 0."
)


SWAPPED_POINTS = tr("The result is the transpose: row i belongs to X[i], column j to Y[j].")


ROUNDING = {"rtol": 1e-4, "atol": 1e-3}
"""float32 in the expanded form |x|² + |y|² - 2 x·y: off by up to 1e-4 on images of 784 pixels in [0, 1]."""


@reference
def sq_dists(x, y):
    """In float64, one row of X at a time."""
    x, y = x.double(), y.double()
    rows = [(y - row).square().sum(-1) for row in x]
    return torch.stack(rows) if rows else torch.zeros(0, len(y), dtype=torch.float64)


def assert_sq_dists(student, x, y):
    """`student.pairwise_sq_dists` on two sets of points."""
    expected = sq_dists(x, y)
    differences = x.double().unsqueeze(1) - y.double()
    norms = x.double().square().sum(1)[:, None] + y.double().square().sum(1)
    mistakes = [
        (expected.sqrt(), NO_ROOT),
        (differences.sum(-1), NOT_SQUARED),
        (differences.abs().sum(-1), ABSOLUTE),
        (differences.sum(-1).square(), SQUARE_FIRST),
        (norms - x.double() @ y.double().T, TWICE_THE_PRODUCT),
        ((norms - x.double() @ y.double().T).clamp(min=0), TWICE_THE_PRODUCT),
        (differences.square(), WRONG_SUM),
        (differences.square().sum(1), WRONG_SUM),
        (differences.square().sum(0), WRONG_SUM),
        (expected.T, SWAPPED_POINTS),
    ]
    if x.shape == y.shape:
        beside = x.double() - y.double()
        mistakes += [(beside.square().sum(dim), INSERT_A_DIMENSION) for dim in (0, 1)]
        mistakes += [(beside.square(), INSERT_A_DIMENSION), (beside.square().sum(), INSERT_A_DIMENSION)]
    with blaming(INSERT_A_DIMENSION, RuntimeError, "must match the size"):
        result = student.pairwise_sq_dists(x, y)
    assert_close(result, expected, **ROUNDING, mistakes=mistakes)
    assert_precise(result, expected)
    return result


def assert_never_negative(student, x):
    """The distances of points to themselves: a diagonal of zeros, and nothing below."""
    result = assert_sq_dists(student, x, x)
    assert_dtype(result, x.dtype)
    assert_that(not bool((result < 0).any()), tr("Some squared distances are negative."), hint=NEGATIVE)
