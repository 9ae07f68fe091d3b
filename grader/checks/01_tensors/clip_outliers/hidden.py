"""Cases of `clip_outliers` that students do not have: new inputs at every grading."""

import torch

from grader.kit import cases_of, exercise

from . import visible
from .judges import (
    NAN,
    assert_changes_counted,
    assert_clipped,
    assert_count_is_plain,
    assert_dtype_kept,
    assert_input_kept,
)


def random_readings(rng):
    """Tensors with values below -1, above 1 and equal to both, contiguous and not."""
    rows, columns = rng.integer(2, 5), rng.integer(5, 9)
    limits = torch.tensor([-1.0, 1.0])
    return [
        torch.cat([rng.normal(30, std=2), limits]),
        rng.normal(rows, columns, dtype=torch.float64, std=2).t(),
        rng.integers(-3, 4, rows, columns, 2)[:, ::2].double(),
        rng.normal(0, columns),
        torch.cat([limits, 10 * limits]).reshape(4, 1),
        rng.normal(std=2, dtype=torch.float64),
    ]


@exercise("clip_outliers", weight=2)
def test_clipped_values_of_any_tensor(student, rng):
    """y is right for any shape, for values at the limits and for no values at all."""
    for x in random_readings(rng):
        assert_clipped(student, x, -1, 1)
        assert_clipped(student, x, -0.5, 1.25)
        assert_clipped(student, x, 0.3, 0.3)


@exercise("clip_outliers", weight=2)
def test_changes_counted_in_any_tensor(student, rng):
    """n_changed counts values on both sides."""
    for x in random_readings(rng):
        assert_changes_counted(student, x, -1, 1)
        assert_changes_counted(student, x, -0.5, 1.25)


@cases_of(visible.test_count_is_a_python_int)
def test_count_of_any_tensor_is_a_python_int(student, rng):
    for x in random_readings(rng):
        assert_count_is_plain(student, x, -1, 1)


@exercise("clip_outliers", weight=2, after=["test_clipped_values", test_clipped_values_of_any_tensor])
def test_any_input_is_kept(student, rng):
    """x is as it was, and y is a new tensor."""
    for x in random_readings(rng):
        assert_input_kept(student, x, -1, 1)
        assert_input_kept(student, x, -1000, 1000)


@exercise("clip_outliers")
def test_nan_among_others(student, rng):
    """NaN stays NaN and does not count as a change; infinity is clipped."""
    x = rng.normal(5, 7, std=2, dtype=torch.float64)
    x[rng.integer(0, 5), rng.integer(0, 3)] = NAN
    x[rng.integer(0, 5), rng.integer(3, 5)] = float("inf")
    x[rng.integer(0, 5), rng.integer(5, 7)] = float("-inf")
    for values, low in ((x, -1), (torch.tensor([NAN, NAN, 2.0]), 0)):
        assert_clipped(student, values, low, 1)
        assert_changes_counted(student, values, low, 1)


@exercise("clip_outliers")
def test_whole_numbers_of_any_dtype(student, rng):
    """y has the dtype of x."""
    for dtype in (torch.int32, torch.uint8, torch.int64, torch.float64):
        x = (
            rng.integers(0, 100, rng.integer(3, 6), 7, dtype=dtype)
            if dtype != torch.float64
            else rng.normal(9).double()
        )
        assert_dtype_kept(student, x, 20, 60)
