"""Hidden checks of 01_tensors."""

import pytest

from grader.samples.test_01_tensors import DTYPES, INFERRED_DTYPE, KEYS, assert_tensors
from grader.testing import assert_dtype, assert_keys, exercise


@exercise("make_tensors", weight=2)
@pytest.mark.parametrize("n", [1, 2, 7])
def test_tensors_for_any_n(student, n):
    """The six tensors are right for any n, also for n = 1."""
    assert_tensors(student.make_tensors(n), n)


@exercise("make_tensors")
@pytest.mark.parametrize("key", DTYPES)
def test_dtypes_for_any_n(student, rng, key):
    """The dtypes do not depend on n."""
    tensors = student.make_tensors(rng.integer(2, 20))
    assert_keys(tensors, KEYS)
    assert_dtype(tensors[key], DTYPES[key], name=key, hint=INFERRED_DTYPE)
