"""What decides `clip_outliers`, and what it says."""

import torch

from grader.kit import (
    assert_close,
    assert_dtype,
    assert_equal,
    assert_inputs_unchanged,
    assert_length,
    assert_python_number,
    assert_shares_memory,
    assert_that,
    origin,
    tr,
)

NAN = float("nan")


READINGS = torch.tensor([0.5, -3.0, 2.0, 9.0, 1.0, -2.0, 5.0])


ROUNDED = tr("`y` is right but for rounding: the values in between must stay as they were, to the last digit.")


def clipped(student, x, low, high):
    """The two results of `clip_outliers(x, low, high)`."""
    result = student.clip_outliers(x, low, high)
    assert_length(result, 2)
    return result


def assert_clipped(student, x, low, high):
    """The values of y are right."""
    y, _ = clipped(student, x, low, high)
    expected = torch.where(x < low, torch.full_like(x, low), torch.where(x > high, torch.full_like(x, high), x))
    assert_that(not has_other_nans(y, x), tr("The NaN values of `y` are not where those of x are."))
    assert_close(y, expected, name="y")
    if y.dtype == x.dtype:
        assert_close(y, expected, rtol=0, atol=0, name="y", hint=ROUNDED)


def has_other_nans(y, x):
    """Whether y, of the shape of x, has NaN in other places."""
    if not isinstance(y, torch.Tensor) or y.shape != x.shape or not origin(y).has_data:
        return False
    return not torch.equal(y != y, x != x)


def assert_changes_counted(student, x, low, high):
    """The number of changes is right; a tensor that holds it will do."""
    _, n_changed = clipped(student, x, low, high)
    if isinstance(n_changed, torch.Tensor) and n_changed.ndim == 0 and origin(n_changed).has_data:
        n_changed = n_changed.item()
    assert_equal(n_changed, int(((x < low) | (x > high)).sum()), name="n_changed")


def assert_count_is_plain(student, x, low, high):
    """The number of changes is a Python int."""
    _, n_changed = clipped(student, x, low, high)
    assert_python_number(n_changed, int, name="n_changed")


def assert_input_kept(student, x, low, high):
    """x is as it was, and y has memory of its own."""
    y, _ = clipped(student, x, low, high)
    assert_inputs_unchanged(student)
    assert_shares_memory(y, shares=False, name="y")


def assert_dtype_kept(student, x, low, high):
    """The values of y are right, and it has the dtype of x."""
    assert_clipped(student, x, low, high)
    y, _ = clipped(student, x, low, high)
    assert_dtype(y, x.dtype, name="y")
