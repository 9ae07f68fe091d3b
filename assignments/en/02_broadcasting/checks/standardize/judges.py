"""What decides `standardize`, and what it says."""

import torch

from grader.kit import assert_close, reference

from ..common import assert_precise


@reference
def standardized(x, dim, *, eps=0.0):
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
    expected = standardized(x, 0 if dim is None else dim)
    result = student.standardize(x) if dim is None else student.standardize(x, dim)
    assert_close(result, expected)
    assert_precise(result, expected, atol=1e-7)  # eps is 1e-8


def assert_eps_is_added(student, x, dim):
    """`student.standardize` with an eps among the slices' deviations: above some of them, below others."""
    deviations = x.double().std(dim, correction=0)
    eps = float(deviations.min() + deviations.max()) / 2
    expected = standardized(x, dim, eps=eps)
    result = student.standardize(x, dim, eps)
    assert_close(result, expected)
    assert_precise(result, expected)


def far_table(rng, *, base, dtype):
    """A column of whole numbers far from 0, with every sum exact, beside a usual one; its deviation is 2.29."""
    far = base + rng.permutation(8).to(dtype)
    return torch.stack([far, rng.permutation(8).to(dtype)], dim=1)


def assert_far_from_zero(student, x, dim):
    """`student.standardize` where the mean is thousands of times the deviation."""
    exact = standardized(x, dim)
    result = student.standardize(x, dim)
    # The mean of whole numbers below 2**17 is off by at most half a unit of its last place, 2**-10 in float32.
    assert_close(result, exact, rtol=1e-3, atol=1e-3)
