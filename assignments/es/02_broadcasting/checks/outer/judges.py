"""What decides `outer`, and what it says."""

import torch

from grader.kit import assert_close, assert_gradients

from ..common import assert_precise


def assert_outer(student, a, b):
    """`student.outer` on two vectors; a vector is small enough to be multiplied one entry at a time."""
    expected = torch.stack([a * value for value in b], dim=1) if len(b) else a.new_zeros(len(a), 0)
    result = student.outer(a, b)
    assert_close(result, expected)
    assert_precise(result, expected)
    return result


def assert_outer_gradients(student, a, b, weights):
    """The gradients of `student.outer` are the closed form."""
    weights = weights.double()
    assert_gradients(
        student,
        student.outer,
        a,
        b,
        cotangent=weights,
        expected=[weights @ b.double(), weights.T @ a.double()],
        names=["a", "b"],
    )
