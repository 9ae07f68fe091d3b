"""What several exercises of 02_broadcasting are judged with."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from grader.kit import CheckFailure, StudentError, assert_close, assert_no_python_loops, assert_scales, origin, tr

FIXED = 2
"""Seed of the visible checks: a student sees the same inputs twice."""


@contextmanager
def blaming(hint, kind, *texts) -> Iterator[None]:
    """Gives `hint` to whoever's code raises `kind` with one of `texts` (any, if there are none) in its message."""
    try:
        yield
    except StudentError as error:
        if hint is None or isinstance(error, NotImplementedError) or not isinstance(error, kind):
            raise
        if texts and not any(text in error.message for text in texts):
            raise
        raise CheckFailure(
            tr("Your code raised {kind}: {message}", kind=error.type_name, message=error.message[:300]), hint=hint
        ) from error


def assert_vectorised(student, name, *args, seconds, operations=500, allowed=0, apart=(), hint=None):
    """No loop in the source of `name`, and none that a large input would show; `apart` are not looked at."""
    assert_no_python_loops(student, name, allowed=allowed, apart=apart, hint=hint)
    return assert_scales(student, student[name], *args, seconds=seconds, operations=operations, hint=hint)


def agreement(value, expected) -> float:
    """Which part of a tensor of the right shape and dtype is exactly right."""
    return float((value == expected).double().mean()) if origin(value).has_data else 0.0


FLOAT32_ON_THE_WAY = tr(
    "The result has the dtype float64 and only the 7 digits of float32: something on the way was float32."
)


def assert_precise(value, expected, *, atol=1e-10, name=None, hint=FLOAT32_ON_THE_WAY):
    """A float64 result, whose values are right already, is right to float64's digits, too; others are left alone."""
    if value.dtype == torch.float64:
        assert_close(value, expected, rtol=1e-9, atol=atol, name=name, hint=hint)
