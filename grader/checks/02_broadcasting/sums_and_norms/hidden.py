"""Cases of `sums_and_norms` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import cases_of, exercise

from . import visible
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
@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (1, 4), (5, 1)], ids=str)
@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_means_of_any_table(student, rng, shape, axis):
    """mean_table of any table, along either axis."""
    assert_mean_table(student, rng.normal(*shape), axis)
    assert_mean_table(student, rng.normal(*shape[::-1], dtype=torch.float64).T, axis)


@exercise("sums_and_norms", weight=2)
@pytest.mark.parametrize("n", [1, 2, 9])
def test_norms_of_any_vector(student, rng, n):
    """norms of any vector, also a column of a table."""
    assert_norms(student, rng.normal(n) - 0.5)
    assert_norms(student, rng.normal(n, 3, dtype=torch.float64)[:, 1])


@exercise("sums_and_norms")
@pytest.mark.parametrize(("n", "m"), [(3, 3), (2, 5), (1, 3)])
def test_elementwise_products_of_any_tensors(student, rng, n, m):
    """elementwise_product of tensors of any shape."""
    assert_elementwise(student, rng.normal(n, m), rng.normal(m, n).T)
    assert_elementwise(student, rng.normal(2, n, m), rng.normal(2, n, m))
    assert_elementwise(student, rng.normal(n + 1), rng.normal(n + 1))
    assert_elementwise(student, rng.normal(n, m, dtype=torch.float64), rng.normal(n, m, dtype=torch.float64))


@exercise("sums_and_norms", weight=2)
@pytest.mark.parametrize(("n", "m", "p"), [(3, 3, 3), (2, 5, 4), (1, 3, 1)])
def test_products_of_any_matrices(student, rng, n, m, p):
    """matrix_product of matrices of any shape, and of batches of them."""
    assert_matrix_product(student, rng.normal(n, m, dtype=torch.float64), rng.normal(p, m, dtype=torch.float64).T)
    assert_matrix_product(student, rng.normal(m, n).T, rng.normal(m, p))
    assert_matrix_product(student, rng.normal(3, n, m), rng.normal(3, m, p))
    assert_matrix_product(student, rng.normal(1, n, m, dtype=torch.float64), rng.normal(1, m, p, dtype=torch.float64))


@cases_of(visible.test_sums_and_norms_keep_the_dtype, weight=2)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_four_keep_the_dtype(student, rng, name):
    assert_dtype_kept(student, name, rng)


@cases_of(visible.test_sums_and_norms_are_good_citizens)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_four_leave_their_inputs_alone(student, rng, name):
    assert_good_citizen(student, name, rng)


@cases_of(visible.test_sums_and_norms_without_loops, weight=2)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_four_without_loops(student, rng, name):
    assert_function_vectorised(student, name, rng)
