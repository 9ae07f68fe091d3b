"""What decides `outer`, and what it says."""

import torch

from grader.kit import assert_close, assert_gradients, tr

from ..common import assert_precise, blaming

ADD_A_DIMENSION = tr(
    "The two vectors were multiplied one beside the other. Add a dimension of size 1 to one of them, so that every"
    " entry of a meets every entry of b."
)


OPPOSITE_SIDES = tr(
    "Both vectors got their new dimension on the same side. One must become a column (n, 1), the other stay a row (m,)."
)


SUMMED = tr("@ of two vectors adds the products up: their scalar product, one number. You need all n·m products.")


DO_NOT_FIT = tr(
    "The shapes that your code multiplies do not fit: one vector must become a column (n, 1), the other stay a row."
)


SWAPPED = tr("The result is the transpose: entry [i, j] must be a[i] * b[j].")


def assert_outer(student, a, b):
    """`student.outer` on two vectors; a vector is small enough to be multiplied one entry at a time."""
    expected = torch.stack([a * value for value in b], dim=1) if len(b) else a.new_zeros(len(a), 0)
    mistakes = [(expected.T, SWAPPED)]
    if len(a) == len(b):
        side_by_side = a * b
        mistakes += [
            (side_by_side, ADD_A_DIMENSION),
            (side_by_side.reshape(-1, 1), OPPOSITE_SIDES),
            (side_by_side.reshape(1, -1), OPPOSITE_SIDES),
            (side_by_side.sum(), SUMMED),
        ]
    with (
        blaming(DO_NOT_FIT, RuntimeError, "must match the size"),
        blaming(SUMMED, RuntimeError, "inconsistent tensor size"),
    ):
        result = student.outer(a, b)
    assert_close(result, expected, mistakes=mistakes)
    assert_precise(result, expected)
    return result


def assert_outer_gradients(student, a, b, weights):
    assert_outer(student, a, b)
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
