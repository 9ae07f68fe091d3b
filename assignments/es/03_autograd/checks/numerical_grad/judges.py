"""What decides `numerical_grad`, and what it says."""

import torch

from grader.kit import assert_close, assert_dtype, assert_that, assert_without_operations, origin, reference, tr
from grader.kit.operations import AUTOGRAD

from ..common import assert_grad_mode, assert_old_gradient_kept, with_old_gradient

DIGITS = tr("The first digits are right, and those that float64 has beyond float32 are not.")


def quartic(x):
    """The sum of x⁴ + x."""
    return (x**4 + x).sum()


def coupled(x):
    """Each element times the next one, and a sine."""
    flat = x.flatten()
    return (flat[1:] * flat[:-1]).sum() + torch.sin(flat).sum()


@reference
def differences(f, x, eps):
    """(f(x + eps) - f(x - eps)) / (2 eps) for each element, in float64."""
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
    """`numerical_grad` gives the central differences of `f`, in float64, and leaves the values of x as they were.

    In float64 the differences are right but for the rounding of f: about |f| 2^-52 / eps. The values here stay below
    1000 with an eps of 0.01 or more, and below 100 with the usual one: 2e-11 and 1e-8.
    """
    noting = noted(student, f)
    grad = student.numerical_grad(noting, x, *eps)
    effects = student.last_call.effects
    right = differences(f, x.detach(), eps[0] if eps else 1e-6)
    dtypes = noting.seen()
    if x.numel():
        wide = tr("f does not compute in float64.")
        got = ", ".join(str(dtype).removeprefix("torch.") for dtype in dtypes)
        assert_that(dtypes == ["torch.float64"], wide, expected="float64", actual=got or tr("f was not called"))
    tolerances = {"rtol": 1e-9, "atol": 1e-9} if eps else {"rtol": 1e-6, "atol": 1e-7}
    assert_close(grad, right, rtol=1e-6, atol=1e-7)
    assert_close(grad, right, hint=DIGITS, **tolerances)
    assert_dtype(grad, torch.float64)
    assert_that(not origin(grad).requires_grad, tr("The result still hangs on a computation graph."))
    assert_that(not any(effect.changed for effect in effects), tr("x is not what it was before."))


def assert_numerical_without_traces(student, f, x, *eps):
    """The differences are right, and x is as it was, its requires_grad and .grad too."""
    assert_numerical(student, f, x, *eps)
    student.numerical_grad(student.define(f), x, *eps)
    state = [effect for effect in student.last_call.effects if effect.requires_grad_changed or effect.grad is not None]
    assert_that(not state, tr("The values of x are what they were, but not its requires_grad or .grad."))


def assert_old_gradient_stays(student, f, values):
    """What lies in the .grad of x is still there after a call."""
    x = with_old_gradient(student, values, torch.float64)
    assert_close(student.numerical_grad(student.define(f), x, 0.01), differences(f, x.fetch().detach(), 0.01))
    assert_old_gradient_kept(x)


def assert_autograd_stays_on(student, f, x):
    """A call leaves autograd on."""
    student.numerical_grad(student.define(f), x, 0.01)
    assert_grad_mode(student)


def assert_from_values(student, f, x):
    """`numerical_grad` uses nothing of autograd."""
    assert_without_operations(student, student.numerical_grad, noted(student, f), x, forbidden=AUTOGRAD)


def noted(student, f):
    """f beside the student's code, noting the dtypes it is given."""
    noting = student.define(Noting)(student.define(f))
    noting.label = f.__name__
    return noting
