"""Cases of `standardize` that students have."""

import pytest
import torch

from grader.kit import Rng, assert_device_agnostic, assert_dtype, assert_inputs_unchanged, exercise

from ..common import FIXED, assert_vectorised
from .judges import assert_eps_is_added, assert_far_from_zero, assert_standardized, far_table, table_with_spread


@exercise("standardize", weight=2)
def test_columns_are_standardized(student):
    """Without dim, every column gets mean 0 and deviation 1."""
    assert_standardized(student, torch.tensor([[1.0, 10.0, 5.0], [2.0, 20.0, 1.0], [3.0, 60.0, 0.0], [6.0, 90.0, 2.0]]))


@exercise("standardize", weight=2)
@pytest.mark.parametrize("dim", [1, -1, -2])
@pytest.mark.parametrize("shape", [(3, 3), (2, 5)], ids=str)
def test_rows_are_standardized(student, shape, dim):
    """With dim=1 or dim=-1, every row, and with dim=-2 every column; for square and other tables."""
    assert_standardized(student, table_with_spread(Rng(FIXED), *shape), dim)


@exercise("standardize")
def test_a_constant_column_becomes_zeros(student):
    """A constant column becomes zeros, not NaN; a single row does, too."""
    assert_standardized(student, torch.tensor([[1.0, 4.0], [2.0, 4.0], [6.0, 4.0]]))
    assert_standardized(student, torch.tensor([[1.0, 2.0, 4.0]]), 0)


@exercise("standardize", weight=2, after=test_columns_are_standardized)
def test_eps_is_added_to_the_deviation(student):
    """eps is added to the deviation, whatever its value."""
    x = table_with_spread(Rng(FIXED), 5, 3)
    assert_eps_is_added(student, x, 0)
    assert_eps_is_added(student, x, 1)


@exercise("standardize", after=test_columns_are_standardized)
def test_a_column_far_from_zero(student):
    """A column whose mean is thousands of times its deviation keeps its digits."""
    assert_far_from_zero(student, far_table(Rng(FIXED), base=2**14, dtype=torch.float32), 0)
    assert_far_from_zero(student, far_table(Rng(FIXED), base=2**30, dtype=torch.float64).T, 1)


@exercise("standardize")
def test_standardize_keeps_the_dtype(student):
    """float32 in, float32 out; float64 in, float64 out."""
    x = table_with_spread(Rng(FIXED), 4, 3)
    assert_dtype(student.standardize(x), torch.float32)
    assert_dtype(student.standardize(x.double()), torch.float64)


@exercise("standardize", after=test_columns_are_standardized)
def test_standardize_is_a_good_citizen(student):
    """The input stays as it was, and it would work on a GPU."""
    x = table_with_spread(Rng(FIXED), 5, 3)
    student.standardize(x)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.standardize, x)


@exercise("standardize", weight=2, after=test_columns_are_standardized)
def test_standardize_without_loops(student):
    """No Python loops, and fast on a large table."""
    assert_vectorised(student, "standardize", Rng(FIXED).normal(800, 700), seconds=0.5)
