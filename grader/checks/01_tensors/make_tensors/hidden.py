"""Cases of `make_tensors` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import exercise

from .judges import DTYPES, assert_tensor, assert_tensor_dtype


@exercise("make_tensors", weight=3)
@pytest.mark.parametrize("key", DTYPES)
def test_tensors_of_any_length(student, rng, key):
    """The six tensors are right for any n, also for n = 1."""
    for n in (1, 2, 7, rng.integer(8, 30), rng.integer(3000, 4000)):
        assert_tensor(student, n, key)


@exercise("make_tensors")
@pytest.mark.parametrize("key", DTYPES)
def test_dtypes_of_any_length(student, rng, key):
    """The dtypes do not depend on n."""
    for n in (1, rng.integer(2, 30)):
        assert_tensor_dtype(student, n, key)
