"""Cases of `make_tensors` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import exercise

from .judges import assert_tensor_dtypes, assert_tensors


@exercise("make_tensors", weight=2)
@pytest.mark.parametrize("n", [1, 2, 7])
def test_tensors_of_any_length(student, rng, n):
    """The six tensors are right for any n, also for n = 1."""
    for length in (n, rng.integer(8, 30)):
        assert_tensors(student.make_tensors(length), length)


@exercise("make_tensors")
def test_dtypes_of_any_length(student, rng):
    """The dtypes do not depend on n."""
    for n in (1, rng.integer(2, 30)):
        assert_tensor_dtypes(student.make_tensors(n), n)
