"""Cases of `one_hot` that students have."""

import torch

from grader.kit import Rng, assert_device_agnostic, assert_dtype, assert_inputs_unchanged, exercise

from ..common import FIXED, assert_vectorised
from .judges import assert_one_hot


@exercise("one_hot", weight=2)
def test_one_row_for_each_label(student):
    """Each label becomes a row with a single 1."""
    assert_one_hot(student, torch.tensor([2, 0, 1, 2]), 3)


@exercise("one_hot", weight=2)
def test_classes_that_do_not_occur(student):
    """Classes that do not occur in y have their column, too."""
    assert_one_hot(student, torch.tensor([0, 1, 1]), 5)


@exercise("one_hot", weight=2)
def test_labels_of_any_shape(student):
    """y may have two dimensions or none, or hold no labels at all."""
    assert_one_hot(student, torch.tensor([[2, 0, 1], [1, 1, 2]]), 4)
    assert_one_hot(student, torch.tensor([1]), 2)
    assert_one_hot(student, torch.tensor([0, 0]), 1)
    assert_one_hot(student, torch.tensor(2), 4)
    assert_one_hot(student, torch.tensor([], dtype=torch.int64), 3)


@exercise("one_hot", after=test_one_row_for_each_label)
def test_one_hot_is_float32(student):
    """The result is float32."""
    assert_dtype(student.one_hot(torch.tensor([1, 0, 3]), 4), torch.float32)


@exercise("one_hot", after=test_one_row_for_each_label)
def test_one_hot_is_a_good_citizen(student):
    """y stays as it was, and it would work on a GPU."""
    y = torch.tensor([1, 0, 3])
    student.one_hot(y, 4)
    assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.one_hot, y, 4)


@exercise("one_hot", weight=2, after=test_one_row_for_each_label)
def test_one_hot_without_loops(student):
    """No Python loops, and fast with many labels and classes."""
    assert_vectorised(student, "one_hot", Rng(FIXED).integers(0, 600, 700), 600, seconds=0.5)
