"""What several exercises of 02_broadcasting are judged with."""

import torch

from grader.kit import assert_close, assert_no_python_loops, assert_scales, origin, tr

FIXED = 2
"""Seed of the visible checks: a student sees the same inputs twice."""


def assert_vectorised(student, name, *args, seconds, operations=500, allowed=0, apart=()):
    """No loop in the source of `name`, and none that a large input would show; `apart` are not looked at."""
    assert_no_python_loops(student, name, allowed=allowed, apart=apart)
    return assert_scales(student, student[name], *args, seconds=seconds, operations=operations)


def agreement(value, expected) -> float:
    """Which part of a tensor of the right shape and dtype is exactly right."""
    return float((value == expected).double().mean()) if origin(value).has_data else 0.0


DIGITS = tr("The first digits are right, and those that float64 has beyond float32 are not.")


def assert_precise(value, expected, *, atol=1e-10, name=None):
    """A float64 result, whose values are right already, is right to float64's digits, too; others are left alone."""
    if isinstance(value, torch.Tensor) and value.dtype == torch.float64:
        assert_close(value, expected, rtol=1e-9, atol=atol, name=name, hint=DIGITS)
