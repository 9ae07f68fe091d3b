"""What decides `linear_loss_grads`, and what it says."""

import torch

from grader.kit import (
    CheckFailure,
    StudentError,
    assert_close,
    assert_dtype,
    assert_inputs_unchanged,
    assert_that,
    assert_without_operations,
    reference,
    tr,
)
from grader.kit.gradients import dotted_names
from grader.kit.operations import AUTOGRAD

from ..common import tensors_of

AUTOGRAD_NAMES = {"backward", "autograd", "grad", "func", "vjp", "jvp", "jacrev", "jacfwd", "jacobian"}


@reference
def exact_grads(w, b, x, y):
    """The gradients of the mean loss, in closed form."""
    raise NotImplementedError  # its values lie in expected.json


def assert_linear_grads(student, w, b, x, y):
    """`linear_loss_grads` equals the closed form, to the precision of the dtype."""
    grads = tensors_of(student.linear_loss_grads(w, b, x, y), 2)
    tolerances = {"rtol": 1e-10, "atol": 1e-11} if w.dtype == torch.float64 else {}
    for name, grad, right in zip(("dw", "db"), grads, exact_grads(w, b, x, y), strict=True):
        assert_close(grad, right, name=name, **tolerances)
        assert_dtype(grad, w.dtype, name=name)
    assert_inputs_unchanged(student)


def assert_from_formulas(student, w, b, x, y):
    """The gradients are small where the loss is 2^48: differences of such losses, with any step, know no digit of them.

    The errors of y alternate between 2^24 and -2^24, so that they nearly cancel in the gradients. Rounding costs a
    formula about 2^24 / 2^53 for each operation, 2e-9; differences with step h cost 2^48 / 2^53 / h, 0.03 / h.
    """
    y = y + 2.0**24 * (-1.0) ** torch.arange(len(y), dtype=y.dtype)
    grads = tensors_of(student.linear_loss_grads(w, b, x, y), 2)
    for name, grad, right in zip(("dw", "db"), grads, exact_grads(w, b, x, y), strict=True):
        assert_close(grad, right, rtol=1e-13, atol=1e-6, name=name)


def without_autograd(function, *args):
    """Calls `function` where autograd records nothing."""
    with torch.inference_mode():
        return function(*args)


def assert_by_hand(student, w, b, x, y):
    """`linear_loss_grads` uses nothing of autograd, and no differences."""
    used = [name for name in dotted_names(student.cells, "linear_loss_grads") if _is_autograd(name)]
    problem = tr("Autograd does the work, where your own formulas were asked.")
    assert_that(not used, problem, actual=", ".join(sorted(used)))
    assert_without_operations(student, student.linear_loss_grads, w, b, x, y, forbidden=AUTOGRAD)
    try:
        student.define(without_autograd)(student.linear_loss_grads, w, b, x, y)
    except StudentError as error:
        raise CheckFailure(problem) from error
    assert_from_formulas(student, w.double(), b.double(), x.double(), y.double())


def _is_autograd(name):
    first, *rest = name.split(".")
    return bool(AUTOGRAD_NAMES & set(rest)) or first in {"backward"}
