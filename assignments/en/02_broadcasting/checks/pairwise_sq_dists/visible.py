"""Cases of `pairwise_sq_dists` that students have."""

import pytest
import torch

from grader.kit import Rng, assert_device_agnostic, assert_dtype, assert_inputs_unchanged, exercise

from ..common import FIXED, assert_vectorised
from .judges import assert_never_negative, assert_sq_dists


@exercise("pairwise_sq_dists", weight=2)
def test_distances_of_a_few_points(student):
    """The squared distance of every point of X to every point of Y."""
    x, y = torch.tensor([[0.0, 0.0], [3.0, 4.0], [1.0, 7.0]]), torch.tensor([[0.0, 1.0], [6.0, 8.0], [2.0, 2.0]])
    assert_sq_dists(student, x, y)


@exercise("pairwise_sq_dists", weight=2)
@pytest.mark.parametrize(("n", "m", "d"), [(3, 5, 2), (4, 2, 1), (1, 3, 6)])
def test_any_number_of_points(student, n, m, d):
    """X and Y may have different numbers of points, of any dimension."""
    rng = Rng(FIXED)
    assert_sq_dists(student, rng.normal(n, d), rng.normal(m, d))
    assert_sq_dists(student, rng.normal(0, d), rng.normal(m, d))
    assert_sq_dists(student, rng.normal(n, d, dtype=torch.float64), rng.normal(m, d, dtype=torch.float64))


@exercise("pairwise_sq_dists")
def test_distances_are_never_negative(student):
    """No distance is negative, and a point is at distance 0 from itself."""
    assert_never_negative(student, Rng(FIXED).uniform(100, 64))


@exercise("pairwise_sq_dists")
def test_distances_keep_the_dtype(student):
    """float32 in, float32 out; float64 in, float64 out."""
    rng = Rng(FIXED)
    for dtype in (torch.float32, torch.float64):
        result = student.pairwise_sq_dists(rng.normal(4, 3, dtype=dtype), rng.normal(5, 3, dtype=dtype))
        assert_dtype(result, dtype)


@exercise("pairwise_sq_dists", after=test_distances_of_a_few_points)
def test_pairwise_sq_dists_is_a_good_citizen(student):
    """X and Y stay as they were, and it would work on a GPU."""
    rng = Rng(FIXED)
    x, y = rng.normal(4, 3), rng.normal(6, 3)
    student.pairwise_sq_dists(x, y)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.pairwise_sq_dists, x, y)


@exercise("pairwise_sq_dists", weight=3, after=test_distances_of_a_few_points)
def test_pairwise_sq_dists_without_loops(student):
    """No Python loops, and fast with many points."""
    rng = Rng(FIXED)
    assert_vectorised(student, "pairwise_sq_dists", rng.normal(700, 6), rng.normal(600, 6), seconds=1.0)
