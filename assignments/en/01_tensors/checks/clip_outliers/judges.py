"""What decides `clip_outliers`, and what it says."""

import torch

from grader.kit import (
    assert_close,
    assert_equal,
    assert_inputs_unchanged,
    assert_length,
    assert_python_number,
    assert_shares_memory,
    origin,
    tr,
)

NAN = float("nan")


READINGS = torch.tensor([0.5, -3.0, 2.0, 9.0, 1.0, -2.0, 5.0])


BOTH_SIDES = tr("Values below low and values above high both count.")


LIMITS_STAY = tr("A value equal to low or to high is no outlier: it does not change.")


NAN_STAYS = tr("NaN is neither below low nor above high: it stays, and it has not changed.")


NAN_DIFFERS = tr("NaN differs from everything, from itself too: y != x counts it.")


COPY_FIRST = tr(
    "Your input changed too: what works in place (x[mask] = …, clamp_) writes in the tensor of whoever called you."
    " clone it first."
)


ROUNDED = tr("Clipping rounds nothing: the values in between stay as they were, to the last digit.")


NEW_TENSOR = tr("y is x itself, or a view of it: who writes in y would change x. Return a new tensor.")


DTYPE_OF_X = tr("y has the dtype of x: whole numbers stay whole numbers.")


def assert_clipped(student, x, low, high):
    """`clip_outliers(x, low, high)` gives the right values; returns the number of changes that it claims."""
    result = student.clip_outliers(x, low, high)
    assert_length(result, 2)
    y, n_changed = result
    expected = torch.where(x < low, torch.full_like(x, low), torch.where(x > high, torch.full_like(x, high), x))
    assert_close(y, expected, name="y", hint=NAN_STAYS if has_other_nans(y, x) else None)
    if y.dtype == x.dtype:
        assert_close(y, expected, rtol=0, atol=0, name="y", hint=ROUNDED)
    return y, n_changed


def has_other_nans(y, x):
    """Whether y, of the shape of x, has NaN in other places."""
    if not isinstance(y, torch.Tensor) or y.shape != x.shape or not origin(y).has_data:
        return False
    return not torch.equal(y != y, x != x)


def assert_changes_counted(student, x, low, high):
    """… and the right number of changes, as a Python int."""
    _, n_changed = assert_clipped(student, x, low, high)
    assert_python_number(n_changed, int, name="n_changed")
    below, above = int((x < low).sum()), int((x > high).sum())
    at_limits = int(((x == low) | (x == high)).sum())
    nans = int((x != x).sum())
    mistakes = [
        (below + above + nans, NAN_DIFFERS),
        (below + above + at_limits, LIMITS_STAY),
        (below, BOTH_SIDES),
        (above, BOTH_SIDES),
    ]
    assert_equal(n_changed, below + above, name="n_changed", mistakes=mistakes)


def assert_input_kept(student, x, low, high):
    """… and x is as it was, with memory of its own."""
    y, _ = assert_clipped(student, x, low, high)
    assert_inputs_unchanged(student, hint=COPY_FIRST)
    assert_shares_memory(y, shares=False, name="y", hint=NEW_TENSOR)
