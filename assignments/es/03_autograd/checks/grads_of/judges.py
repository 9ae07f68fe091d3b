"""What decides `grads_of`, and what it says."""

import torch

from grader.kit import (
    StudentError,
    assert_close,
    assert_dtype,
    assert_gradients,
    assert_inputs_unchanged,
    assert_length,
    assert_returns,
    tr,
)
from grader.kit.gradients import assert_returned_gradient, explained, explained_cuts

from ..common import A_TUPLE, switch_autograd_on

NOT_A_LEAF = tr("Only a leaf keeps its .grad: make one from each tensor with x.detach().clone().requires_grad_().")


FLOATS_ONLY = tr("Only floating-point tensors have gradients: convert whole numbers with .float() before you begin.")


KEEP_FLOAT64 = tr("Convert only what is not floating-point yet (x.is_floating_point()): a float64 tensor stays one.")


MINUS_B = tr("a minus b is doubled, and c is added after that: write the three steps one by one.")


def product_sum(a, b):
    """The sum of a * b: the gradients are b and a."""
    return (a * b).sum()


def weighted_square(a, b, c):
    """The sum of a² b - 3 c."""
    return (a**2 * b - 3 * c).sum()


def cube_mean(x):
    """The mean of x³."""
    return (x**3).mean()


def assert_z(student, a, b, c):
    """`compute_z` equals 2 (a - b) + c."""
    z = student.compute_z(a, b, c)
    assert_close(z, 2 * (a - b) + c, name="z", mistakes=[(2 * a - b + c, MINUS_B), (2 * (a - b + c), MINUS_B)])
    assert_dtype(z, a.dtype)


def assert_z_gradients(student, a, b, c):
    """The gradients of `compute_z` are 2, -2 and 1."""
    assert_z(student, a, b, c)
    expected = [factor * torch.ones_like(a, dtype=torch.float64) for factor in (2, -2, 1)]
    assert_gradients(student, student.compute_z, a, b, c, expected=expected, names="abc")


def assert_grads(student, f, xs, expected, **options):
    """`grads_of` returns the gradients `expected` of `f`, and leaves its tensors as they were."""
    switch_autograd_on(student)
    with explained_cuts(student, "grads_of"):
        grads = student.grads_of(student.define(f), *xs)
    assert_returns(grads, tuple, hint=A_TUPLE)
    assert_length(grads, len(xs))
    for position, (grad, right) in enumerate(zip(grads, expected, strict=True)):
        assert_returned_gradient(student, "grads_of", grad, right, name=f"grads[{position}]", **options)
    assert_inputs_unchanged(student)
    return grads


def assert_grads_dtypes(student, whole, double):
    """Whole numbers get gradients in float32; float64 ones in float64."""
    try:
        grads = assert_grads(student, product_sum, (whole, double), (double, whole.double()))
    except StudentError as error:
        if "floating" not in error.message and "does not require grad" not in error.message:
            raise
        raise explained(error, FLOATS_ONLY) from error
    assert_dtype(grads[0], torch.float32, name="grads[0]")
    assert_dtype(grads[1], torch.float64, name="grads[1]", hint=KEEP_FLOAT64)
