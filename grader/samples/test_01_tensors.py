"""Visible checks of 01_tensors: what a student runs while working. Hidden ones ask the same of other inputs."""

import pytest
import torch

from grader.testing import (
    assert_close,
    assert_dtype,
    assert_keys,
    exercise,
    tr,
)

KEYS = ("zeros", "ones", "ramp", "ints", "twos", "nested")
DTYPES = {"ramp": torch.float32, "ints": torch.int64, "nested": torch.int64}

INFERRED_DTYPE = tr("torch.tensor infers the dtype from the values; torch.Tensor makes everything float32.")
BOTH_ENDS = tr("linspace includes both ends, 0 and n - 1, and counts points; arange stops before its end.")
ONE_DIMENSION = tr("One dimension was asked, and yours has two: (n,) is a vector, (n, 1) a column.")


def assert_tensors(tensors, n):
    """The six tensors of `make_tensors`, each against its definition."""
    assert_keys(tensors, KEYS)
    column = torch.linspace(0, n - 1, n).unsqueeze(1)
    assert_close(tensors["zeros"], torch.zeros(n), name="zeros", mistakes=[(torch.zeros(n, 1), ONE_DIMENSION)])
    assert_close(tensors["ones"], torch.ones(n), name="ones", mistakes=[(torch.ones(n, 1), ONE_DIMENSION)])
    assert_close(tensors["ramp"], column.flatten(), name="ramp", mistakes=[(column, ONE_DIMENSION)], hint=BOTH_ENDS)
    assert_close(tensors["ints"], torch.arange(n), name="ints", mistakes=[(column, ONE_DIMENSION)])
    assert_close(tensors["twos"], 2 * torch.ones(2, 2), name="twos")
    assert_close(tensors["nested"], torch.arange(1, 10).reshape(3, 3), name="nested")


@exercise("make_tensors")
def test_tensors_for_n_5(student):
    """For n = 5, the six tensors have the right shapes and values."""
    assert_tensors(student.make_tensors(5), 5)


@exercise("make_tensors")
@pytest.mark.parametrize("key", DTYPES)
def test_dtypes(student, key):
    """The ramp is float32; the whole numbers are int64."""
    tensors = student.make_tensors(4)
    assert_keys(tensors, KEYS)
    assert_dtype(tensors[key], DTYPES[key], name=key, hint=INFERRED_DTYPE)
