"""Cases of `clip_outliers` that students have."""

import torch

from grader.kit import exercise

from .judges import (
    NAN,
    READINGS,
    assert_changes_counted,
    assert_clipped,
    assert_count_is_plain,
    assert_dtype_kept,
    assert_input_kept,
)


@exercise("clip_outliers", weight=2)
def test_clipped_values(student):
    """Values below low become low, values above high become high, the others stay."""
    assert_clipped(student, READINGS, -2, 5)
    assert_clipped(student, READINGS.reshape(7, 1), 0.0, 1.5)
    assert_clipped(student, READINGS.double() / 3, 0.1, 0.1)
    assert_clipped(student, READINGS[3], 0, 5)


@exercise("clip_outliers", weight=2)
def test_changes_counted(student):
    """n_changed is how many values changed."""
    assert_changes_counted(student, READINGS, -2, 5)
    assert_changes_counted(student, READINGS, 0.75, 1.5)
    assert_changes_counted(student, READINGS, -100, 100)


@exercise("clip_outliers")
def test_count_is_a_python_int(student):
    """n_changed is a Python int."""
    assert_count_is_plain(student, READINGS, -2, 5)


@exercise("clip_outliers", weight=2, after=test_clipped_values)
def test_clipping_keeps_the_input(student):
    """x is as it was, and y is a new tensor, also when there is nothing to clip."""
    assert_input_kept(student, READINGS, 0, 5)
    assert_input_kept(student, READINGS, -100, 100)


@exercise("clip_outliers")
def test_clipping_nan(student):
    """NaN stays NaN and does not count as a change."""
    for x in (torch.tensor([NAN, 3.0, -1.0, NAN]), torch.tensor([[0.5, NAN]])):
        assert_clipped(student, x, 0, 2)
        assert_changes_counted(student, x, 0, 2)


@exercise("clip_outliers")
def test_clipping_whole_numbers(student):
    """A tensor of whole numbers gives one of the same dtype."""
    for dtype in (torch.int64, torch.int32):
        assert_dtype_kept(student, torch.tensor([[4, -7, 12], [0, 3, 99]], dtype=dtype), 0, 10)
