"""Cases of `pairwise_sq_dists` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_device_agnostic, assert_dtype, assert_inputs_unchanged, cases_of, exercise

from ..common import assert_vectorised
from . import visible
from .judges import assert_never_negative, assert_sq_dists


@exercise("pairwise_sq_dists", weight=3)
@pytest.mark.parametrize(("n", "m", "d"), [(4, 4, 3), (3, 3, 3), (5, 7, 2), (2, 6, 1), (1, 1, 5), (30, 40, 9)])
def test_distances_of_any_points(student, rng, n, m, d):
    """Any number of points, of any dimension, in float32 and float64."""
    assert_sq_dists(student, rng.normal(n, d), rng.normal(m, d))
    assert_sq_dists(student, rng.normal(d, n, dtype=torch.float64).T, rng.normal(2 * m, d, dtype=torch.float64)[::2])
    assert_sq_dists(student, rng.normal(n, d), rng.normal(0, d))
    assert_sq_dists(student, rng.normal(n, 0), rng.normal(m, 0))


@exercise("pairwise_sq_dists")
@pytest.mark.parametrize("d", [64, 3])
def test_no_distance_is_negative(student, rng, d):
    """No distance is negative, and each point is at distance 0 from itself."""
    assert_never_negative(student, rng.uniform(150, d))


@exercise("pairwise_sq_dists", after="test_distances_of_a_few_points")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_distances_keep_any_dtype(student, rng, dtype):
    """The result has the dtype of the points."""
    result = student.pairwise_sq_dists(rng.normal(3, 5, dtype=dtype), rng.normal(6, 5, dtype=dtype))
    assert_dtype(result, dtype)


@cases_of(visible.test_pairwise_sq_dists_is_a_good_citizen)
def test_pairwise_sq_dists_leaves_its_inputs_alone(student, rng):
    x, y = rng.normal(5, 2), rng.normal(3, 2)
    student.pairwise_sq_dists(x, y)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.pairwise_sq_dists, x, y)


@exercise("pairwise_sq_dists", weight=3, after="test_distances_of_a_few_points")
def test_distances_of_many_points(student, rng):
    """No Python loops, and fast with a thousand points."""
    assert_vectorised(student, "pairwise_sq_dists", rng.normal(1000, 8), rng.normal(550, 8), seconds=1.0)
