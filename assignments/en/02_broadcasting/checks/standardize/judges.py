"""What decides `standardize`, and what it says."""

import torch

from grader.kit import assert_close, reference, tr

from ..common import assert_precise, blaming

KEEPDIM = tr(
    "Without keepdim=True the mean has shape (M,), and broadcasting lines it up with the columns: shapes (M, N) and"
    " (M,) fit only when M equals N, and then the numbers are wrong."
)


POPULATION = tr(
    "torch.std divides by n - 1 unless told otherwise; the exercise asks for the population's: correction=0."
)


EPS_IGNORED = tr("eps is not used: it is a parameter, and whoever calls may give another one.")


EPS_INSIDE = tr("eps stands inside the root: the formula adds it to the deviation, outside.")


EPS_LEAST = tr("The deviation is never less than eps in your code: the formula adds eps to it, always.")


EPS_ADDED = tr("eps belongs in the divisor, added to the deviation: (x - mean) / (deviation + eps).")


DIGITS_LOST = tr(
    "Here the mean is thousands of times the deviation, and the mean of x² minus the square of the mean loses the"
    " digits that matter: subtract the mean first, square after."
)


CONSTANT = tr("A constant column has a standard deviation of 0, and 0/0 is NaN: eps is there to prevent that.")


OTHER_DIM = tr("The mean was taken along the other dimension: dim is the one that disappears from the mean's shape.")


WHOLE = tr("The mean and deviation are those of the whole tensor: take one of each per slice, with dim=.")


VARIANCE = tr("The divisor is the variance: the deviation is its square root.")


MIN_MAX = tr("You stretched the values to lie between 0 and 1: subtract the mean and divide by the deviation instead.")


COUNTED_ROWS = tr("The divisor is always the number of rows: along dim=1 there are as many values as columns.")


ONLY_CENTRED = tr("The mean is gone, but the spread is still there: divide by the standard deviation.")


@reference
def standardized(x, dim, *, correction=0, eps=0.0):
    """In float64, in the definition's own words; a spread of 0 is left out."""
    raise NotImplementedError  # its values lie in expected.json


def table_with_spread(rng, *shape, dtype=torch.float32):
    """A table whose rows and columns all vary: eps matters nowhere, inside the root or outside."""
    while True:
        x = rng.normal(*shape, mean=-2.0, std=3.0, dtype=dtype)
        if all(x.std(dim, correction=0).min() > 0.5 for dim in (0, 1) if x.shape[dim] > 1):
            return x


def assert_standardized(student, x, dim=None):
    """`student.standardize` along `dim` (not given, if None) of a matrix."""
    axis = 0 if dim is None else dim
    exact = x.double()
    low, centred_by_rows = exact.amin(axis, keepdim=True), exact - exact.sum(axis, keepdim=True) / len(x)
    mistakes = [
        (standardized(x, axis, correction=1), POPULATION),
        (standardized(x, 1 - axis % 2), OTHER_DIM),
        (exact - exact.mean(axis, keepdim=True), ONLY_CENTRED),
        ((exact - exact.mean()) / exact.std(correction=0), WHOLE),
        ((exact - exact.mean()) / exact.std(), WHOLE),
        ((exact - exact.mean(axis, keepdim=True)) / exact.std(axis, correction=0, keepdim=True), CONSTANT),
        ((exact - exact.mean(axis, keepdim=True)) / exact.std(axis, correction=1, keepdim=True), POPULATION),
        ((exact - exact.mean(axis, keepdim=True)) / exact.var(axis, correction=0, keepdim=True), VARIANCE),
        ((exact - exact.mean(axis, keepdim=True)) / exact.var(axis, correction=1, keepdim=True), VARIANCE),
        ((exact - low) / (exact.amax(axis, keepdim=True) - low), MIN_MAX),
        (centred_by_rows / centred_by_rows.square().sum(axis, keepdim=True).div(len(x)).sqrt(), COUNTED_ROWS),
    ]
    if x.shape[0] == x.shape[1]:
        for correction in (0, 1):
            wrong = (exact - exact.mean(axis)) / exact.std(axis, correction=correction)
            mistakes.insert(0, (wrong, KEEPDIM))
    with blaming(KEEPDIM, RuntimeError, "must match the size", "is invalid for input of size"):
        result = student.standardize(x) if dim is None else student.standardize(x, dim)
    assert_close(result, standardized(x, axis), mistakes=mistakes)
    assert_precise(result, standardized(x, axis), atol=1e-7)  # eps is 1e-8
    return result


def assert_eps_is_added(student, x, dim):
    """`student.standardize` with an eps among the slices' deviations: above some of them, below others."""
    assert_standardized(student, x, dim)
    exact, axis = x.double(), dim
    centred = exact - exact.mean(axis, keepdim=True)
    variance = exact.var(axis, correction=0, keepdim=True)
    eps = float(variance.sqrt().aminmax().min + variance.sqrt().aminmax().max) / 2
    mistakes = [
        (standardized(x, axis), EPS_IGNORED),
        (centred / (variance + eps).sqrt(), EPS_INSIDE),
        (centred / (variance + eps**2).sqrt(), EPS_INSIDE),
        (centred / variance.sqrt().clamp(min=eps), EPS_LEAST),
        (centred / (variance.sqrt() - eps), EPS_ADDED),
        (centred / variance.sqrt() + eps, EPS_ADDED),
    ]
    result = student.standardize(x, dim, eps)
    assert_close(result, standardized(x, axis, eps=eps), mistakes=mistakes)
    assert_precise(result, standardized(x, axis, eps=eps))


def far_table(rng, *, base, dtype):
    """A column of whole numbers far from 0, with every sum exact, beside a usual one; its deviation is 2.29."""
    far = base + rng.permutation(8).to(dtype)
    return torch.stack([far, rng.permutation(8).to(dtype)], dim=1)


def assert_far_from_zero(student, x, dim):
    """`student.standardize` where the mean is thousands of times the deviation."""
    exact = standardized(x, dim)
    result = student.standardize(x, dim)
    # The mean of whole numbers below 2**17 is off by at most half a unit of its last place, 2**-10 in float32.
    assert_close(result, exact, rtol=1e-3, atol=1e-3, hint=DIGITS_LOST)
