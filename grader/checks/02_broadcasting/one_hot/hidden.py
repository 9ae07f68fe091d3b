"""Cases of `one_hot` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_device_agnostic, assert_dtype, assert_inputs_unchanged, cases_of, exercise

from ..common import assert_vectorised
from . import visible
from .judges import assert_one_hot


@exercise("one_hot", weight=3)
@pytest.mark.parametrize(("n", "num_classes"), [(6, 4), (3, 9), (1, 2), (4, 4)])
def test_any_labels(student, rng, n, num_classes):
    """Any labels and any number of classes, whether or not all occur."""
    y = rng.integers(0, num_classes - 1, n)
    assert_one_hot(student, y, num_classes)
    assert_one_hot(student, num_classes - 1 - y, num_classes)


@exercise("one_hot", weight=2)
def test_labels_in_any_arrangement(student, rng):
    """Labels in one, two or three dimensions, transposed, or none at all."""
    assert_one_hot(student, rng.integers(0, 4, 5, 3), 6)
    assert_one_hot(student, rng.integers(0, 4, 2, 7).T, 4)
    assert_one_hot(student, rng.integers(0, 3, 2, 3, 4), 3)
    assert_one_hot(student, torch.tensor(rng.integer(0, 5)), 6)
    assert_one_hot(student, rng.integers(0, 1, 3), 1)
    assert_one_hot(student, rng.integers(0, 5, 0), 5)
    assert_one_hot(student, rng.integers(0, 5, 0, 2), 4)


@exercise("one_hot")
def test_one_hot_is_float32_on_any_device(student, rng):
    """The result is float32, y stays as it was, and it would work on a GPU."""
    y = rng.integers(0, 5, 6)
    assert_dtype(student.one_hot(y, 5), torch.float32)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.one_hot, y, 5)


@cases_of(visible.test_one_hot_without_loops, weight=2)
def test_many_labels_and_classes(student, rng):
    assert_vectorised(student, "one_hot", rng.integers(0, 800, 1000), 800, seconds=1.0)
