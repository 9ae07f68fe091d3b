"""Cases of `outer` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_device_agnostic, assert_dtype, assert_inputs_unchanged, cases_of, exercise

from ..common import assert_vectorised
from . import visible
from .judges import assert_outer, assert_outer_gradients


@exercise("outer", weight=3)
@pytest.mark.parametrize(("n", "m"), [(4, 4), (3, 7), (1, 6), (5, 1)])
def test_vectors_of_any_sizes(student, rng, n, m):
    """Vectors of any sizes, also of one entry or none, in float32 and float64."""
    assert_outer(student, rng.normal(n), rng.normal(m))
    assert_outer(student, rng.normal(2 * n, dtype=torch.float64)[::2], rng.normal(m, 3, dtype=torch.float64)[:, 1])
    assert_outer(student, rng.normal(0), rng.normal(m))


@exercise("outer")
def test_outer_dtypes_of_any_pair(student, rng):
    """The dtype is the one that PyTorch gives to a product of the two."""
    whole, decimal = rng.integers(-5, 6, 4), rng.normal(3)
    assert_dtype(assert_outer(student, decimal, whole), torch.float32)
    assert_dtype(assert_outer(student, whole, decimal.double()), torch.float64)
    assert_dtype(assert_outer(student, whole[1:], whole), torch.int64)
    assert_dtype(assert_outer(student, whole.int(), (whole + 9).to(torch.uint8)), torch.int32)
    assert_dtype(assert_outer(student, whole + 2 * 10**9, whole * 3 + 1), torch.int64)


@exercise("outer", after="test_every_pair_has_its_product")
def test_gradients_of_any_vectors(student, rng):
    """Gradients flow back to vectors of any sizes."""
    assert_outer_gradients(student, rng.normal(5), rng.normal(2), rng.normal(5, 2))


@exercise("outer", after="test_every_pair_has_its_product")
def test_outer_leaves_its_inputs_alone(student, rng):
    """The inputs stay as they were, also views of other tensors, and it would work on a GPU."""
    a, b = rng.normal(8)[::2], rng.normal(5)
    for pair in ((a, b), (a[:1], b), (a, b[:1])):
        student.outer(*pair)
        assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.outer, a, b)


@cases_of(visible.test_outer_without_loops, weight=2)
def test_outer_of_large_vectors(student, rng):
    assert_vectorised(student, "outer", rng.normal(1200), rng.normal(1000), seconds=1.0)
