"""What decides `numerical_grad`, and what it says."""

import torch

from grader.kit import (
    CheckFailure,
    StudentError,
    assert_close,
    assert_dtype,
    assert_that,
    assert_without_operations,
    origin,
    reference,
    tr,
)
from grader.kit.gradients import explained
from grader.kit.operations import AUTOGRAD

from ..common import switch_autograd_on
from ..two_branch_grads.judges import _is_near

FORWARD = tr("That is the forward difference, with an error of the size of eps: look eps ahead and eps behind.")


BACKWARD = tr("That is the backward difference, with an error of the size of eps: look eps ahead and eps behind.")


DIVIDE_BY_2_EPS = tr("From x - eps to x + eps it is 2 eps: divide by that.")


DOUBLE = tr("float32 has 7 digits, and the difference of two close values loses nearly all: compute in .double().")


NOT_NUMERICAL = tr("That is the exact derivative, whatever eps is: here it comes from values of f alone.")


EPS_UNUSED = tr("The result is the same as for a tiny step: each element moves by the eps that is given.")


UPSIDE_DOWN = tr("The quotient is upside down: the change of f stands above, and 2 eps below.")


COPIED = tr("All zeros: did the step go into a copy? reshape and flatten copy a tensor that is not contiguous.")


RESTORE = tr("x + eps - 2 * eps + eps is not always x, to the last bit: work on a clone.")


ONE_AT_A_TIME = tr("All elements move at once: move one, and leave the others where they are.")


DIGITS = tr("Only the first digits are right: something on the way is float32, x itself or the step.")


LENT = tr("detach_(), requires_grad_() and backward work on x itself: x.detach().clone() is yours.")


LEAF_IN_PLACE = tr("A leaf that requires a gradient cannot change in place: work on x.detach().clone().")


def quartic(x):
    """The sum of x⁴ + x."""
    return (x**4 + x).sum()


def coupled(x):
    """Each element times the next one, and a sine."""
    flat = x.flatten()
    return (flat[1:] * flat[:-1]).sum() + torch.sin(flat).sum()


@reference
def differences(f, x, eps, ahead=1.0, behind=1.0):
    """(f(x + ahead eps) - f(x - behind eps)) / ((ahead + behind) eps) for each element, in float64."""
    raise NotImplementedError  # its values lie in expected.json


class Noting:
    """A function that notes the dtypes it is given."""

    def __init__(self, function):
        self.function, self.dtypes = function, set()

    def __call__(self, x):
        self.dtypes.add(str(x.dtype))
        return self.function(x)

    def seen(self):
        return sorted(self.dtypes)


def assert_numerical(student, f, x, *eps):
    """`numerical_grad` gives the central differences of `f`, in float64, and leaves x as it was.

    In float64 the differences are right but for the rounding of f: about |f| 2^-52 / eps. The values here stay below
    1000 with an eps of 0.01 or more, and below 100 with the usual one: 2e-11 and 1e-8.
    """
    switch_autograd_on(student)
    step = eps[0] if eps else 1e-6
    noting = student.define(Noting)(student.define(f))
    noting.label = f.__name__
    try:
        grad = student.numerical_grad(noting, x, *eps)
    except StudentError as error:
        if "leaf Variable" not in error.message:
            raise
        raise explained(error, LEAF_IN_PLACE) from error
    effects = student.last_call.effects
    at = (x if isinstance(x, torch.Tensor) else x.fetch()).detach()
    right = differences(f, at, step)
    dtypes = noting.seen()
    if at.numel():
        wide = tr("f does not compute in float64.")
        got = ", ".join(str(dtype).removeprefix("torch.") for dtype in dtypes)
        assert_that(dtypes == ["torch.float64"], wide, expected="float64", actual=got, hint=DOUBLE)
    mistakes = [
        (differences(f, at, step, behind=0.0), FORWARD),
        (differences(f, at, step, ahead=0.0), BACKWARD),
        (2 * right, DIVIDE_BY_2_EPS),
        (1 / right, UPSIDE_DOWN),
        *((differences(f, at, other), EPS_UNUSED) for other in (1e-6, 1e-5, 1e-4, 1e-3) if other != step),
    ]
    if right.abs().max() > 0.01 if right.numel() else False:
        mistakes += [(torch.zeros_like(right), COPIED), (torch.full_like(right, float(right.sum())), ONE_AT_A_TIME)]
    tolerances = {"rtol": 1e-9, "atol": 1e-9} if eps else {"rtol": 1e-6, "atol": 1e-7}
    try:
        assert_close(grad, right, **tolerances)
    except CheckFailure:
        switch_autograd_on(student)
        if _is_near(grad, torch.autograd.functional.jacobian(f, at.double())):
            assert_without_operations(
                student, student.numerical_grad, noting, x, *eps, forbidden=AUTOGRAD, hint=NOT_NUMERICAL
            )
        assert_close(grad, right, rtol=1e-6, atol=1e-7, mistakes=mistakes)
        assert_close(grad, right, hint=DIGITS, **tolerances)
    assert_dtype(grad, torch.float64, hint=DOUBLE)
    assert_that(not origin(grad).requires_grad, tr("The result still hangs on a computation graph."))
    assert_that(not any(effect.changed for effect in effects), tr("x is not what it was before."), hint=RESTORE)
    state = [effect for effect in effects if effect.requires_grad_changed or effect.grad is not None]
    assert_that(not state, tr("The values of x are what they were, but not its requires_grad or .grad."), hint=LENT)
