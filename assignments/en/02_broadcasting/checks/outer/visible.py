"""Cases of `outer` that students have."""

import pytest
import torch

from grader.kit import Rng, assert_device_agnostic, assert_dtype, assert_inputs_unchanged, exercise

from ..common import FIXED, assert_vectorised
from .judges import assert_outer, assert_outer_gradients


@exercise("outer", weight=2)
def test_every_pair_has_its_product(student):
    """Entry [i, j] is a[i] * b[j]."""
    assert_outer(student, torch.tensor([1.0, 2.0, 3.0]), torch.tensor([10.0, 20.0, 40.0]))


@exercise("outer", weight=2)
@pytest.mark.parametrize(("n", "m"), [(2, 3), (4, 1), (1, 5)])
def test_vectors_of_different_sizes(student, n, m):
    """The two vectors may have different sizes."""
    rng = Rng(FIXED)
    assert_outer(student, rng.normal(n), rng.normal(m))
    assert_outer(student, rng.normal(n), rng.normal(0))


@exercise("outer")
def test_outer_dtypes(student):
    """Integers times decimals give decimals; integers times integers stay integers."""
    whole, decimal = torch.tensor([1, 2, 3]), torch.tensor([0.5, 1.5])
    assert_dtype(assert_outer(student, whole, decimal), torch.float32)
    assert_dtype(assert_outer(student, whole, whole[:2]), torch.int64)
    assert_dtype(assert_outer(student, whole + 10**9, 7 * whole[:2]), torch.int64)
    assert_dtype(assert_outer(student, decimal.double() / 3, decimal.double() / 7), torch.float64)


@exercise("outer", after=test_every_pair_has_its_product)
def test_gradients_reach_both_vectors(student):
    """Gradients flow back to both vectors."""
    rng = Rng(FIXED)
    assert_outer_gradients(student, rng.normal(3), rng.normal(4), rng.normal(3, 4))


@exercise("outer", after=test_every_pair_has_its_product)
def test_outer_is_a_good_citizen(student):
    """The inputs stay as they were, and it would work on a GPU."""
    a, b = torch.arange(1.0, 4.0), torch.arange(2.0, 7.0)
    for pair in ((a, b), (a[:1], b), (a, b[:1]), (a[:1], b[:1])):
        student.outer(*pair)
        assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.outer, a, b)


@exercise("outer", weight=2, after=test_every_pair_has_its_product)
def test_outer_without_loops(student):
    """No Python loops, and fast on large vectors."""
    rng = Rng(FIXED)
    assert_vectorised(student, "outer", rng.normal(800), rng.normal(700), seconds=0.5)
