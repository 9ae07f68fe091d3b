"""Cases of `standardize` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_device_agnostic, assert_dtype, assert_inputs_unchanged, cases_of, exercise

from ..common import assert_vectorised
from . import visible
from .judges import assert_eps_is_added, assert_far_from_zero, assert_standardized, far_table, table_with_spread


@exercise("standardize", weight=3)
@pytest.mark.parametrize("dim", [None, 0, 1, -1, -2])
@pytest.mark.parametrize("shape", [(5, 3), (4, 4), (2, 7)], ids=str)
def test_any_table(student, rng, shape, dim):
    """Tables of any shape, along either dimension; transposed ones, too."""
    assert_standardized(student, table_with_spread(rng, *shape), dim)
    assert_standardized(student, table_with_spread(rng, *shape[::-1], dtype=torch.float64).T, dim)


@exercise("standardize")
def test_constant_rows_and_columns(student, rng):
    """Constant columns and rows, and tables of a single row or column, give zeros."""
    x = table_with_spread(rng, 4, 3)
    x[:, rng.integer(0, 3)] = float(rng.integer(2, 9))
    assert_standardized(student, x)
    assert_standardized(student, x.T, 1)
    assert_standardized(student, table_with_spread(rng, 1, 5), 0)
    assert_standardized(student, table_with_spread(rng, 5, 1), -1)


@cases_of(visible.test_eps_is_added_to_the_deviation, weight=2)
@pytest.mark.parametrize("dim", [0, -1])
def test_any_eps_is_added_to_the_deviation(student, rng, dim):
    for dtype in (torch.float32, torch.float64):
        assert_eps_is_added(student, table_with_spread(rng, 6, 4, dtype=dtype), dim)


@exercise("standardize", after="test_columns_are_standardized")
@pytest.mark.parametrize("dim", [0, 1])
def test_any_slice_far_from_zero(student, rng, dim):
    """A slice whose mean is thousands of times its deviation keeps its digits."""
    for base, dtype in ((2**14 + rng.integer(0, 2**14), torch.float32), (2**30 + rng.integer(0, 2**30), torch.float64)):
        x = far_table(rng, base=base, dtype=dtype)
        assert_far_from_zero(student, x.T if dim else x, dim)


@exercise("standardize", after="test_columns_are_standardized")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_standardize_keeps_any_dtype(student, rng, dtype):
    """The result has the dtype of the input."""
    assert_dtype(student.standardize(table_with_spread(rng, 6, 5, dtype=dtype), 1), dtype)


@cases_of(visible.test_standardize_is_a_good_citizen)
def test_standardize_leaves_its_input_alone(student, rng):
    x = table_with_spread(rng, 4, 7)
    student.standardize(x, 1)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.standardize, x, 1)


@exercise("standardize", weight=3, after="test_columns_are_standardized")
def test_standardize_large_tables(student, rng):
    """No Python loops, and fast along both dimensions."""
    assert_vectorised(student, "standardize", rng.normal(600, 700), seconds=0.5)
    assert_vectorised(student, "standardize", rng.normal(700, 600), 1, seconds=0.5)
