"""What decides `linear_loss_grads`, and what it says."""

import torch

from grader.kit import (
    CheckFailure,
    StudentError,
    assert_close,
    assert_dtype,
    assert_inputs_unchanged,
    assert_length,
    assert_returns,
    assert_that,
    assert_without_operations,
    tr,
)
from grader.kit.gradients import dotted_names
from grader.kit.operations import AUTOGRAD

from ..common import A_TUPLE, switch_autograd_on

FACTOR_2 = tr("The derivative of a square brings its exponent down: a factor 2 is missing.")


A_MEAN = tr("The loss is the mean over the samples, so the gradient is a mean too: yours is their sum.")


NO_MEAN = tr("The mean is taken twice: the gradient is already a mean over the samples.")


SIGN = tr("The sign is the other way round: with z - y the inner derivative of z by w is +x; with y - z it is -x.")


TIMES_X = tr("The chain rule ends with the derivative of z by w, which is x; it is 1 only for b.")


BY_HAND = tr("Write down the two formulas with sums and products; autograd comes in afterwards, to compare.")


NOT_DIFFERENCES = tr(
    "The loss is huge here, and the gradients are small: the formulas give them all the same, while a difference of two"
    " losses has no digits left."
)


AUTOGRAD_NAMES = {"backward", "autograd", "grad", "func", "vjp", "jvp", "jacrev", "jacfwd", "jacobian"}


def linear_loss(w, b, x, y):
    """The mean of (w x + b - y)²."""
    return ((w * x + b - y) ** 2).mean()


def assert_linear_grads(student, w, b, x, y):
    """`linear_loss_grads` equals the closed form, to the precision of the dtype."""
    switch_autograd_on(student)
    grads = student.linear_loss_grads(w, b, x, y)
    assert_returns(grads, tuple, hint=A_TUPLE)
    assert_length(grads, 2)
    residual, n = w * x + b - y, x.numel()
    exact = w.dtype == torch.float64
    for name, grad, inner in (("dw", grads[0], x), ("db", grads[1], torch.ones_like(x))):
        right = 2 * (residual * inner).mean()
        bare = 2 * residual.mean()
        mistakes = [
            (-right, SIGN),
            (right / 2, FACTOR_2),
            (-right / 2, FACTOR_2),
            (n * right, A_MEAN),
            (-n * right, A_MEAN),
            (n * right / 2, A_MEAN),
            (-n * right / 2, A_MEAN),
            (right / n, NO_MEAN),
            (2 * residual * inner, A_MEAN),
            (bare, TIMES_X),
            (bare * x.mean(), tr("The mean of a product is not the product of the means: multiply first.")),
        ]
        tolerances = {"rtol": 1e-10, "atol": 1e-11} if exact else {}
        assert_close(grad, right, name=name, mistakes=mistakes, **tolerances)
        assert_dtype(grad, w.dtype, name=name)
    assert_inputs_unchanged(student)
    assert_without_operations(student, student.linear_loss_grads, w, b, x, y, forbidden=AUTOGRAD, hint=BY_HAND)


def assert_from_formulas(student, w, b, x, y):
    """The gradients are small where the loss is 2^48: differences of such losses, with any step, know no digit of them.

    The errors of y alternate between 2^24 and -2^24, so that they nearly cancel in the gradients. Rounding costs a
    formula about 2^24 / 2^53 for each operation, 2e-9; differences with step h cost 2^48 / 2^53 / h, 0.03 / h.
    """
    y = y + 2.0**24 * (-1.0) ** torch.arange(len(y), dtype=y.dtype)
    grads = student.linear_loss_grads(w, b, x, y)
    residual = w * x + b - y
    for name, grad, right in zip(("dw", "db"), grads, (2 * (residual * x).mean(), 2 * residual.mean()), strict=True):
        assert_close(grad, right, rtol=1e-13, atol=1e-6, name=name, hint=NOT_DIFFERENCES)


def without_autograd(function, *args):
    """Calls `function` where autograd records nothing."""
    with torch.inference_mode():
        return function(*args)


def assert_by_hand(student, w, b, x, y):
    """`linear_loss_grads` is right, and uses nothing of autograd."""
    assert_linear_grads(student, w, b, x, y)
    used = [name for name in dotted_names(student.cells, "linear_loss_grads") if _is_autograd(name)]
    assert_from_formulas(student, w.double(), b.double(), x.double(), y.double())
    problem = tr("Autograd does the work, where your own formulas were asked.")
    assert_that(not used, problem, actual=", ".join(sorted(used)), hint=BY_HAND)
    try:
        student.define(without_autograd)(student.linear_loss_grads, w, b, x, y)
    except StudentError as error:
        raise CheckFailure(problem, hint=BY_HAND) from error


def _is_autograd(name):
    first, *rest = name.split(".")
    return bool(AUTOGRAD_NAMES & set(rest)) or first in {"backward"}
