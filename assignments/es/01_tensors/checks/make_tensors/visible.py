"""Cases of `make_tensors` that students have."""

import pytest

from grader.kit import exercise

from .judges import DTYPES, VECTORS, assert_tensor, assert_tensor_dtype


@exercise("make_tensors", weight=3)
@pytest.mark.parametrize("key", DTYPES)
def test_tensors(student, key):
    """For n = 5 and for n = 2, each of the six tensors has the right shape and values."""
    for n in (5, 2):
        assert_tensor(student, n, key)


@exercise("make_tensors")
@pytest.mark.parametrize("key", DTYPES)
def test_tensor_dtypes(student, key):
    """ints and nested hold whole numbers (int64); the others are float32."""
    for n in (4, 3):
        assert_tensor_dtype(student, n, key)


@exercise("make_tensors")
@pytest.mark.parametrize("key", VECTORS)
def test_tensors_of_one_element(student, key):
    """For n = 1, as for n = 3, the vectors have one dimension and n elements."""
    for n in (1, 3):
        assert_tensor(student, n, key)
