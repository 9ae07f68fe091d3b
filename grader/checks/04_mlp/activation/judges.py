"""What decides `activation`, and what it says."""

import torch

from grader.kit import (
    CheckFailure,
    Remote,
    assert_close,
    assert_inputs_unchanged,
    assert_shape,
    assert_that,
    assert_without_operations,
    reference,
    tr,
    verbatim,
)
from grader.kit.comparison import as_comparable, first_differing
from grader.kit.gradients import dotted_names
from grader.kit.operations import AUTOGRAD

from ..common import assert_plain

ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


BY_HAND = tr("Write it with exp, abs, where, clamp, tanh's and sigmoid's formulas: PyTorch's own are for comparing.")


BY_FORMULA = tr("Write the derivative's formula: autograd is there to compare it with.")


NO_COMPLEX = tr("Write the derivative's formula: a step along the imaginary axis is a quotient of differences too.")


FORBIDDEN = frozenset(
    {"sigmoid", "sigmoid_", "tanh", "tanh_", "relu", "relu_", "Sigmoid", "Tanh", "ReLU", "expit", "logit", "sech"}
    | {"logsigmoid", "LogSigmoid", "relu6", "ReLU6", "leaky_relu", "LeakyReLU", "silu", "SiLU", "threshold", "softmax"}
)


LOOKUPS = frozenset({"getattr", "eval", "exec", "__dict__", "vars"})


def function_from(student, maker, name):
    """What `activation` or `act_grad` returns for `name`: a function."""
    function = student[maker](name)
    assert_that(
        isinstance(function, Remote),
        tr("{call} should return a function.", call=f'{maker}("{name}")'),
        actual=verbatim(type(function).__name__),
    )
    function.label = f'{maker}("{name}")'
    return function


@reference
def derivative(name, x):
    """The derivative, by autograd in float64."""
    x = x.detach().double().requires_grad_()
    ACTIVATIONS[name](x).sum().backward()
    return x.grad


def assert_finite(value, right):
    """Fails where a value is not finite, and shows which."""
    if not bool(torch.isfinite(value).all()):
        raise CheckFailure(
            tr("The result holds NaN or infinity."), **first_differing(*as_comparable(value, right), 1, 1)
        )


def assert_activation(student, name, x):
    """The activation has the right values, keeps shape, dtype and x."""
    function = function_from(student, "activation", name)
    value = function(x)
    right = ACTIVATIONS[name](x.double())
    assert_shape(value, x.shape)
    assert_plain(value, x.dtype)
    assert_finite(value, right)
    assert_close(value, right)
    assert_inputs_unchanged(student)


def assert_act_grad(student, name, x):
    """The derivative has the right values, keeps shape, dtype and x; at ReLU's corner anything from 0 to 1 will do."""
    value = function_from(student, "act_grad", name)(x)
    right = derivative(name, x)
    assert_shape(value, x.shape)
    assert_plain(value, x.dtype)
    if name == "relu":
        corner = x == 0
        right = torch.where(corner & (value >= 0) & (value <= 1), value.double(), right)
    assert_finite(value, right)
    assert_close(value, right)
    assert_inputs_unchanged(student)


READY_MADE = [
    f"aten::{name}{ending}"
    for name in (
        *("sigmoid", "tanh", "relu", "relu6", "hardtanh", "threshold", "leaky_relu", "prelu", "rrelu", "elu", "celu"),
        *("selu", "silu", "gelu", "mish", "glu", "hardswish", "hardsigmoid", "softplus", "log_sigmoid", "softmax"),
        *("log_softmax", "logaddexp", "logit", "softshrink", "hardshrink", "logcumsumexp", "logsumexp"),
    )
    for ending in ("", "_", "_forward", "_backward", "_kernel")
]
"""PyTorch's activations, and what gives one of the three by a single call."""


def assert_source_by_hand(student, maker):
    """No ready-made activation, and nothing looked up by its name, in the source of `maker`; NumPy's is seen here."""
    used = {
        found
        for found in dotted_names(student.cells, maker)
        if ("." in found and found.split(".")[-1] in FORBIDDEN) or found.split(".")[-1] in LOOKUPS
    }
    assert_that(
        not used,
        tr("It is built from a ready-made activation: {names}.", names=", ".join(sorted(used))),
        hint=BY_HAND,
    )


COMPLEX_NAMES = frozenset({"complex", "complex64", "complex128", "cfloat", "cdouble"})


COMPLEX = [f"aten::{name}" for name in ("complex", "polar", "real", "imag", "view_as_real", "view_as_complex", "angle")]
"""The ways from real numbers to complex ones and back."""


def assert_by_hand(student, name, x):
    """The values are right, and no ready-made activation made them."""
    function = function_from(student, "activation", name)
    assert_source_by_hand(student, "activation")
    value = assert_without_operations(student, function, x, forbidden=READY_MADE, hint=BY_HAND)
    assert_close(value, ACTIVATIONS[name](x.double()))


def assert_slope_by_hand(student, name, x):
    """The derivative is right, and no ready-made activation made it."""
    function = function_from(student, "act_grad", name)
    assert_source_by_hand(student, "act_grad")
    assert_without_operations(student, function, x, forbidden=READY_MADE, hint=BY_HAND)
    assert_act_grad(student, name, x)


def assert_from_a_formula(student, name, x):
    """Neither autograd nor a quotient of differences made the derivative, be it right or not.

    Args:
        student: the notebook.
        name: the activation's.
        x: float64, and nowhere 0.
    """
    function = function_from(student, "act_grad", name)
    assert_without_operations(student, function, x, forbidden=AUTOGRAD, hint=BY_FORMULA)
    value = assert_without_operations(student, function, x, forbidden=COMPLEX, hint=NO_COMPLEX)
    names = {found.split(".")[-1] for found in dotted_names(student.cells, "act_grad")}
    assert_that(not names & COMPLEX_NAMES, tr("It computes with complex numbers."), hint=NO_COMPLEX)
    right = derivative(name, x)
    assert_shape(value, x.shape)
    if right_to_a_few_digits(value, right):
        raise CheckFailure(
            tr("It is right to a few digits only: a formula in the input's dtype gives all of them."),
            **first_differing(*as_comparable(value, right), 0, 1e-14),
            hint=tr("Write the derivative's formula: a quotient of differences is near it, and never there."),
        )


def right_to_a_few_digits(value, right):
    """Whether a derivative in float64 is near the right one as quotients of differences are.

    Formulas are within 1e-15 of one another; five-point differences, the best that float64 allows, within 1e-13. What
    a formula gives in float32 is another fault.
    """
    if not value.is_floating_point() or torch.equal(value.double(), value.float().double()):
        return False
    gap = (value.double() - right).abs()
    return bool((gap <= 1e-4 + 1e-2 * right.abs()).all() and gap.max() > 1e-14)


NEAR = torch.tensor([[-3.0, -0.5, 0.25], [0.75, 2.0, 5.0]])


FAR = torch.tensor([-100.0, -30.0, 0.0, 30.0, 100.0])
