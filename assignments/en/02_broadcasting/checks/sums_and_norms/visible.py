"""Cases of `sums_and_norms` that students have."""

import pytest
import torch

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import (
    FUNCTIONS,
    assert_dtype_kept,
    assert_elementwise,
    assert_function_vectorised,
    assert_good_citizen,
    assert_matrix_product,
    assert_mean_table,
    assert_norms,
)


@exercise("sums_and_norms", weight=2)
@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_the_axis_disappears(student, axis):
    """mean_table: one mean for each column (axis=0 and -2) or each row (axis=1 and -1)."""
    x = torch.tensor([[1.0, 2.0, 3.0], [5.0, 6.0, 10.0]])
    assert_mean_table(student, x, axis)
    assert_mean_table(student, x.double() / 7, axis)


@exercise("sums_and_norms", weight=2)
def test_both_norms(student):
    """norms: l1, the sum of absolute values, and l2, the length."""
    assert_norms(student, torch.tensor([3.0, -4.0]))
    assert_norms(student, torch.tensor([-2.0]))
    assert_norms(student, torch.tensor([0.1, -0.7, 0.3], dtype=torch.float64))


@exercise("sums_and_norms")
def test_elementwise_product(student):
    """elementwise_product of two tensors of one shape."""
    a, b = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 6.0], [7.0, 8.0]])
    assert_elementwise(student, a, b)
    rng = Rng(FIXED)
    assert_elementwise(student, rng.normal(2, 3), rng.normal(2, 3))
    assert_elementwise(student, rng.normal(4), rng.normal(4))
    assert_elementwise(student, a.double() / 7, b.double() / 3)


@exercise("sums_and_norms")
def test_matrix_product(student):
    """matrix_product of two matrices."""
    a, b = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 6.0], [7.0, 8.0]])
    assert_matrix_product(student, a, b)
    rng = Rng(FIXED)
    assert_matrix_product(student, rng.normal(2, 3), rng.normal(3, 5))
    assert_matrix_product(student, a.double() / 7, b.double() / 3)


@exercise("sums_and_norms")
def test_a_batch_of_matrices(student):
    """matrix_product of a whole batch at once."""
    rng = Rng(FIXED)
    assert_matrix_product(student, rng.normal(4, 2, 3), rng.normal(4, 3, 5))


@exercise("sums_and_norms", weight=2)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_sums_and_norms_keep_the_dtype(student, name):
    """The results are tensors with the dtype of the inputs."""
    assert_dtype_kept(student, name, Rng(FIXED))


@exercise("sums_and_norms")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_sums_and_norms_are_good_citizens(student, name):
    """The inputs stay as they were, and all four would work on a GPU."""
    assert_good_citizen(student, name, Rng(FIXED))


@exercise("sums_and_norms", weight=2)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_sums_and_norms_without_loops(student, name):
    """No Python loops in any of the four, and fast on large inputs."""
    assert_function_vectorised(student, name, Rng(FIXED))
