"""Visible checks of 03_autograd: what a student runs while working. Hidden ones ask the same of other inputs."""

import inspect
import math
import textwrap
from collections import deque
from functools import cache
from itertools import pairwise

import pytest
import torch

from grader.testing import (
    CheckFailure,
    StudentError,
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_gradients,
    assert_inputs_unchanged,
    assert_length,
    assert_python_number,
    assert_returns,
    assert_shape,
    assert_that,
    assert_without_operations,
    exercise,
    origin,
    tr,
    verbatim,
)
from grader.testing.gradients import assert_returned_gradient, dotted_names, explained, explained_cuts
from grader.testing.operations import AUTOGRAD

A_TUPLE = tr("A tuple was asked: return the tensors with a comma between them, or wrap a list in tuple(…).")

ON_THE_SOURCE = tr("Your backward walked on, beyond the tensor that was lent: a leaf of your own stops it there.")
GRAD_MODE = tr("Autograd is still off after your function: torch.no_grad() in a with block ends by itself.")


def layers_used(function, *args):
    """Whether a call of `function` runs layers or makes an optimizer, in whatever file."""
    from unittest import mock

    seen = set()
    run_layer, make_optimizer = torch.nn.Module.__call__, torch.optim.Optimizer.__init__

    def layer(self, *args, **kwargs):
        if any(True for _ in self.parameters()):
            seen.add("torch.nn")
        return run_layer(self, *args, **kwargs)

    def optimizer(self, *args, **kwargs):
        seen.add("torch.optim")
        make_optimizer(self, *args, **kwargs)

    in_layers = mock.patch.object(torch.nn.Module, "__call__", layer)
    in_optimizers = mock.patch.object(torch.optim.Optimizer, "__init__", optimizer)
    with in_layers, in_optimizers:
        function(*args)
    return sorted(seen)


def computed(student, values):
    """Twice a leaf: a tensor beside the student's code that is the result of an operation."""
    source = f"leaf = torch.tensor({values}, requires_grad=True)\nx = 2 * leaf\nx.source = leaf"
    x = student.define(source, "x")
    x.label = "2 * leaf"
    return x


def marks_left(x):
    """What a call left on `x`, which is the result of an operation, and on the leaf that it comes from."""
    changed = not torch.equal(x, 2 * x.source) or not x.requires_grad or x.is_leaf
    return [x.source.grad is not None or x.retains_grad, changed]


def assert_nothing_left(student, x):
    """`x` of `computed` is what it was, and so is the leaf behind it."""
    marks = student.define(marks_left)(x)
    assert_that(marks != [True, False], tr("Your function left a gradient behind the tensor x."), hint=ON_THE_SOURCE)
    assert_that(marks == [False, False], tr("x is not what it was before."))


def grad_mode():
    """Whether autograd is on; it is from here on."""
    was_on = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    return was_on


def switch_autograd_on(student):
    """Undoes what an earlier call left, so that it costs the check that looks at it and no other."""
    student.define(grad_mode)()


def assert_grad_mode(student):
    """The latest call left autograd on."""
    assert_that(student.define(grad_mode)() is True, tr("Your function switched autograd off."), hint=GRAD_MODE)


# ------------------------------------------------------------------------------------------- grads_of

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


@exercise("grads_of")
def test_z(student):
    """compute_z gives [-1, 1, 1] for a = [1, 3, 3], b = [3, 3, 4], c = [3, 1, 3]."""
    assert_z(student, torch.tensor([1.0, 3.0, 3.0]), torch.tensor([3.0, 3.0, 4.0]), torch.tensor([3.0, 1.0, 3.0]))


@exercise("grads_of")
def test_z_keeps_the_graph(student):
    """The gradients of z are 2, -2 and 1."""
    assert_z_gradients(student, torch.tensor([1.0, 3.0, 3.0]), torch.tensor([3.0, 3.0, 4.0]), torch.ones(3))


@exercise("grads_of", weight=2)
def test_gradients_of_a_product(student):
    """The gradients of sum(a * b) are b and a, and the tensors stay as they were."""
    a, b = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([4.0, 5.0, 6.0])
    assert_grads(student, product_sum, (a, b), (b, a))


@exercise("grads_of")
def test_gradients_of_tensors_that_require_them_already(student):
    """A tensor that already requires a gradient gets none in its .grad."""
    a, b = torch.tensor([1.0, 2.0, 3.0], requires_grad=True), torch.tensor([4.0, 5.0, 6.0])
    assert_grads(student, product_sum, (a, b), (b, a.detach()))


@exercise("grads_of")
def test_gradients_at_the_result_of_a_computation(student):
    """A tensor that is no leaf has a gradient as well."""
    a = computed(student, [1.0, 2.0, 3.0])
    b = torch.tensor([4.0, 5.0, 6.0])
    assert_grads(student, product_sum, (a, b), (b, torch.tensor([2.0, 4.0, 6.0])), hint=NOT_A_LEAF)
    assert_nothing_left(student, a)


@exercise("grads_of")
def test_gradients_at_whole_numbers(student):
    """Tensors of whole numbers are taken as float32, and float64 stays float64."""
    assert_grads_dtypes(student, torch.tensor([1, 2, 3]), torch.tensor([4.0, 5.0, 6.0], dtype=torch.float64))


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


# ---------------------------------------------------------------------------------- linear_loss_grads

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


@exercise("linear_loss_grads")
def test_gradients_of_one_sample(student):
    """For w = 1, b = 0.5, x = 1.4, y = 2.1 the gradients are -0.56 and -0.40."""
    w, b, x, y = (torch.tensor(value) for value in (1.0, 0.5, 1.4, 2.1))
    assert_linear_grads(student, w, b, x, y)


@exercise("linear_loss_grads", weight=2)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_of_a_batch(student, dtype):
    """For several samples they are the gradients of the mean loss, in the precision of the input."""
    x = torch.tensor([-1.0, 0.5, 2.0, 3.0, 7.0], dtype=dtype)
    y = torch.tensor([2.0, 1.0, -1.0, 0.3, 1.1], dtype=dtype)
    w, b = torch.tensor(0.7, dtype=dtype), torch.tensor(-0.2, dtype=dtype)
    assert_linear_grads(student, w, b, x, y)
    assert_from_formulas(student, w.double(), b.double(), x.double(), y.double())


@exercise("linear_loss_grads", weight=2)
def test_gradients_by_hand(student):
    """Your formulas give the gradients, without autograd, on any device."""
    w, b = torch.tensor(0.7), torch.tensor(-0.2)
    x, y = torch.tensor([-1.0, 0.5, 2.0]), torch.tensor([2.0, 1.0, -1.0])
    assert_by_hand(student, w, b, x, y)
    assert_device_agnostic(student, student.linear_loss_grads, w, b, x, y)


# ---------------------------------------------------------------------------- elementwise_derivative

SUM_NOT_MEAN = tr("Backward from a mean divides every derivative by the number of values: use the sum, or ones_like.")
OLD_GRAD = tr("x already had something in its .grad, and backward adds to it: start from a leaf of your own.")


def line(x):
    """5 x - 20."""
    return 5 * x - 20


def parabola(x):
    """5 x²."""
    return 5 * x**2


def wave(x):
    """A sine wave under a bell: sin(2 pi x) exp(-(x - 5)² / 3)."""
    return torch.sin(2 * torch.pi * x) * torch.exp(-((x - 5) ** 2) / 3)


def wave_slope(x):
    """The derivative of the wave, by hand."""
    bell = torch.exp(-((x - 5) ** 2) / 3)
    slope = 2 * torch.pi * torch.cos(2 * torch.pi * x)
    return bell * (slope - 2 / 3 * (x - 5) * torch.sin(2 * torch.pi * x))


def polynomial(x):
    """1 - 2 x + 0.5 x³, all powers at once: x gets one more dimension and loses it again."""
    powers = torch.stack([x**0, x, x**3], dim=-1)
    return (powers * torch.tensor([1.0, -2.0, 0.5], dtype=x.dtype)).sum(-1)


def assert_derivative(student, f, x, expected, **tolerances):
    """`elementwise_derivative` gives `expected`, detached and its own, and leaves x as it was."""
    switch_autograd_on(student)
    with explained_cuts(student, "elementwise_derivative"):
        derivative = student.elementwise_derivative(student.define(f), x)
    assert_returned_gradient(
        student,
        "elementwise_derivative",
        derivative,
        expected,
        name=tr("The derivative"),
        mistakes=[(expected / max(expected.numel(), 1), SUM_NOT_MEAN), (expected.sum(), SUM_NOT_ONE)],
        **tolerances,
    )
    assert_dtype(derivative, expected.dtype)
    assert_inputs_unchanged(student)


SUM_NOT_ONE = tr("One derivative for each value was asked, in the shape of x: yours is their sum.")
EXACT = {"rtol": 1e-9, "atol": 1e-11}
"""In float64 autograd is exact but for rounding; differences with a small step are not."""


@exercise("elementwise_derivative", weight=2)
def test_derivative_of_a_line(student):
    """The derivative of 5x - 20 is 5 at every x."""
    assert_derivative(student, line, torch.tensor([0.0, 1.0, 2.0, 3.0]), torch.full((4,), 5.0))


@exercise("elementwise_derivative")
def test_derivative_of_the_wave(student):
    """The derivative of the wave equals the one worked out by hand."""
    x = torch.linspace(0, 10, 7, dtype=torch.float64)
    assert_derivative(student, wave, x, wave_slope(x), **EXACT)


@exercise("elementwise_derivative")
def test_derivative_in_any_shape(student):
    """x may have any shape, and f may change it on the way."""
    x = torch.tensor([[0.5, -1.0, 2.0], [3.0, 1.5, -0.5]])
    assert_derivative(student, parabola, x.t(), 10 * x.t())
    assert_derivative(student, polynomial, x, -2 + 1.5 * x**2)
    assert_derivative(student, parabola, torch.tensor(3.0), torch.tensor(30.0))


@exercise("elementwise_derivative", weight=2)
def test_derivative_without_traces(student):
    """x keeps its requires_grad, and its .grad, whatever was in it."""
    x = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
    assert_derivative(student, parabola, x, 10 * x.detach())
    assert_old_grad_ignored(student, [1.0, -2.0, 0.5])
    assert_derivative_of_computed(student, [1.0, -2.0, 0.5])


def assert_derivative_of_computed(student, values):
    """An x that is the result of an operation: its derivative is right, and the leaf behind it stays as it was."""
    x, right = computed(student, values), 20 * torch.tensor(values)
    derivative = student.elementwise_derivative(student.define(parabola), x)
    assert_returned_gradient(student, "elementwise_derivative", derivative, right, name=tr("The derivative"))
    assert_nothing_left(student, x)


def assert_old_grad_ignored(student, values):
    """An x with something in its .grad: the derivative does not count it, and it stays."""
    x = student.define(f"x = torch.tensor({values}, requires_grad=True)\nx.grad = torch.full_like(x, 7.0)", "x")
    right = 10 * torch.tensor(values)
    derivative = student.elementwise_derivative(student.define(parabola), x)
    assert_returned_gradient(
        student,
        "elementwise_derivative",
        derivative,
        right,
        name=tr("The derivative"),
        mistakes=[(right + 7, OLD_GRAD)],
    )
    assert_close(x.grad, torch.full_like(right, 7.0), name=verbatim("`x.grad`"), hint=OLD_GRAD)


@exercise("elementwise_derivative")
def test_derivative_on_any_device(student):
    """It works wherever x lies."""
    assert_derivative(student, parabola, torch.tensor([3.0, 4.0]), torch.tensor([30.0, 40.0]))
    assert_device_agnostic(student, student.elementwise_derivative, student.define(parabola), torch.tensor([3.0, 4.0]))


# ---------------------------------------------------------------------------------- two_branch_grads

ACCUMULATED = tr("x.grad accumulated: it holds both derivatives. Reset it between the two, or use torch.autograd.grad.")
SAME_OBJECT = tr("Both results hold the derivative that came last: backward writes into x.grad itself, so clone it.")
SWAPPED = tr("The two derivatives are in the opposite order: dy/dx comes first.")
CHAIN_TWICE = tr(
    "backward from y already goes all the way to x: multiplying by dz/dx again applies the chain rule twice."
)
STOPS_AT_Z = tr("That is dy/dz, which ends at z: the chain goes on to x.")
ONE_FORWARD = tr("The graph of the first pass serves both: backward keeps it when you pass retain_graph=True.")


def count_sines(function, x):
    """How many sines a call of `function` computes, its backward passes included."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Counter(TorchDispatchMode):
        sines = 0

        def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
            self.sines += str(operation).startswith(("aten.sin.", "aten.sin_."))
            return operation(*args, **(kwargs or {}))

    with Counter() as counter:
        function(x)
    return counter.sines


INNER_DERIVATIVE = tr("Half of what it should be: the derivative of sin(2x) has that of 2x as a factor.")


def assert_branches(student, x):
    """`two_branch_grads` gives dy/dx = sin 4x and dz/dx = 2 cos 2x, and leaves x as it was."""
    switch_autograd_on(student)
    with explained_cuts(student, "two_branch_grads"):
        grads = student.two_branch_grads(x)
    assert_returns(grads, tuple, hint=A_TUPLE)
    assert_length(grads, 2)
    at = x.detach() if isinstance(x, torch.Tensor) else x.fetch().detach()
    z = torch.sin(2 * at)
    dz = 2 * torch.cos(2 * at)
    dy = z * dz
    is_swapped = _is_near(grads[0], dz) and _is_near(grads[1], dy)
    is_same = _is_near(grads[0], dz) and _is_near(grads[1], dz)
    in_dy = [
        *([(dz, SWAPPED)] if is_swapped else [(dz, SAME_OBJECT)] if is_same else []),
        (dy / 2, INNER_DERIVATIVE),
        (dy + dz, ACCUMULATED),
        (dy * dz, CHAIN_TWICE),
        (z, STOPS_AT_Z),
    ]
    in_dz = [(dz / 2, INNER_DERIVATIVE), (dy + dz, ACCUMULATED), (dz * dz, CHAIN_TWICE)]
    for name, grad, right, mistakes in (("dy_dx", grads[0], dy, in_dy), ("dz_dx", grads[1], dz, in_dz)):
        assert_returned_gradient(student, "two_branch_grads", grad, right, name=name, mistakes=mistakes)
        assert_dtype(grad, at.dtype, name=name)
    if isinstance(x, torch.Tensor):
        assert_inputs_unchanged(student)


def _is_near(value, right):
    is_comparable = isinstance(value, torch.Tensor) and value.shape == right.shape
    return is_comparable and torch.allclose(value.double(), right.double(), rtol=1e-4, atol=1e-6)


def assert_one_forward(student, x):
    """`two_branch_grads` is right and computes the sine once."""
    assert_branches(student, x)
    sines = student.define(count_sines)(student.two_branch_grads, x)
    assert_that(
        type(sines) is int and sines <= 1,
        tr("The forward pass runs more than once."),
        expected=tr("{n} sines", n=1),
        actual=tr("{n} sines", n=sines if type(sines) is int else "?"),
        hint=ONE_FORWARD,
    )


@exercise("two_branch_grads", weight=2)
def test_both_derivatives(student):
    """dy/dx and dz/dx are right, and x is left as it was."""
    assert_branches(student, torch.tensor([0.0, 0.3, 1.0, 2.0]))
    assert_branches(student, torch.tensor(0.7, dtype=torch.float64, requires_grad=True))


@exercise("two_branch_grads")
def test_same_answer_twice(student):
    """A second call with the same x gives the same answer."""
    x = student.define("x = torch.tensor([0.2, 0.4, 1.1], requires_grad=True)", "x")
    assert_branches(student, x)
    assert_branches(student, x)
    x = computed(student, [0.2, 0.4, 1.1])
    assert_branches(student, x)
    assert_nothing_left(student, x)


@exercise("two_branch_grads")
def test_one_forward_pass(student):
    """z is computed once, for both derivatives."""
    assert_one_forward(student, torch.tensor([0.3, 1.0, 2.0]))


# --------------------------------------------------------------------------------- accumulated_step

ZERO_INSIDE = tr("Only the last micro-batch counts: zero_grad inside the loop throws the earlier gradients away.")
MEAN_OF_MEANS = tr("A mean of means weighs every micro-batch alike: weigh each by its number of samples.")
SUM_OF_MEANS = tr("The losses are added without weights: each counts as n_i / n, its share of the samples.")
STEP_EACH = tr("opt.step() belongs after the loop: the gradients of all micro-batches add up, and then comes one step.")
STALE = tr("Gradients from before are still in .grad and are counted: opt.zero_grad() once, before the loop.")
ONE_BY_ONE = tr("Call the model on each micro-batch by itself: the big batch is the one that does not fit in memory.")
ONCE = tr("The model is called again for the same samples: the first pass has the loss already.")
MODE = tr("Your code switches the mode: train() and eval() are for whoever lent the model.")
LAST_LOSS = tr("That is the loss of the last micro-batch: add them up, each with its share of the samples.")


class Training:
    """A linear model that notes the sizes of its batches, an optimizer that counts its steps, and a loss.

    Made in the grader's process and beside the student's code alike.
    """

    class Model(torch.nn.Module):
        def __init__(self, weight, bias):
            super().__init__()
            self.weight = torch.nn.Parameter(weight.clone())
            self.bias = torch.nn.Parameter(bias.clone())
            self.batch_sizes = []
            self.modes = []

        def forward(self, x):
            self.batch_sizes.append(len(x))
            self.modes.append(self.training)
            return torch.nn.functional.linear(x, self.weight, self.bias)

    class Optimizer(torch.optim.SGD):
        steps = 0

        def step(self, closure=None):
            self.steps += 1
            return super().step(closure)

    def __init__(self, weight, bias, loss="mse", momentum=0.0, stale=False):
        self.model = self.Model(weight, bias)
        self.opt = self.Optimizer(self.model.parameters(), lr=0.1, momentum=momentum)
        self.loss_fn = torch.nn.MSELoss() if loss == "mse" else torch.nn.CrossEntropyLoss()
        if stale:
            for parameter in self.model.parameters():
                parameter.grad = torch.full_like(parameter, 5.0)

    def loss(self, batch):
        """The mean loss over a batch."""
        x, y = batch
        return self.loss_fn(self.model(x), y)

    @property
    def parameters(self):
        """The weight and the bias."""
        return self.model.weight.detach().clone(), self.model.bias.detach().clone()

    @property
    def record(self):
        """The sizes of the batches that the model saw, and the number of steps."""
        return self.model.batch_sizes, self.opt.steps


def one_big_batch(training, batches):
    """What the accumulated step must equal; returns the loss."""
    training.opt.zero_grad()
    loss = training.loss([torch.cat(parts) for parts in zip(*batches, strict=True)])
    loss.backward()
    training.opt.step()
    return loss.item()


def _mean_of_means(training, batches):
    training.opt.zero_grad()
    sum(training.loss(batch) / len(batches) for batch in batches).backward()
    training.opt.step()


def _sum_of_means(training, batches):
    training.opt.zero_grad()
    sum(training.loss(batch) for batch in batches).backward()
    training.opt.step()


def _whole(batches):  # noqa: ARG001 - the weight of a micro-batch that is not weighted
    return 1.0


def _share_of_samples(batches):
    return len(batches[-1][0]) / sum(len(x) for x, _ in batches)


def _share_of_batches(batches):
    return 1 / len(batches)


def _zero_inside(share):
    def step(training, batches):
        one_big_batch_gradient(training, batches[-1:], share(batches))
        training.opt.step()

    return step


def one_big_batch_gradient(training, batches, factor=1.0):
    """Leaves the gradient of the batches' mean loss, times a factor, in .grad."""
    training.opt.zero_grad()
    (factor * training.loss([torch.cat(parts) for parts in zip(*batches, strict=True)])).backward()


def _step_each(weighted):
    def step(training, batches):
        n = sum(len(x) for x, _ in batches)
        training.opt.zero_grad()
        for batch in batches:
            (training.loss(batch) * (len(batch[0]) / n if weighted else 1.0)).backward()
            training.opt.step()

    return step


def _step_each_zeroed(weighted):
    def step(training, batches):
        n = sum(len(x) for x, _ in batches)
        for batch in batches:
            one_big_batch_gradient(training, [batch], len(batch[0]) / n if weighted else 1.0)
            training.opt.step()

    return step


def _stale(training, batches):
    loss = training.loss([torch.cat(parts) for parts in zip(*batches, strict=True)])
    loss.backward()
    training.opt.step()


STEP_MISTAKES = [
    (_stale, STALE),
    *((_zero_inside(share), ZERO_INSIDE) for share in (_whole, _share_of_samples, _share_of_batches)),
    (_step_each(weighted=False), STEP_EACH),
    (_step_each(weighted=True), STEP_EACH),
    (_step_each_zeroed(weighted=False), STEP_EACH),
    (_step_each_zeroed(weighted=True), STEP_EACH),
    (_mean_of_means, MEAN_OF_MEANS),
    (_sum_of_means, SUM_OF_MEANS),
]


@cache
def training_source():
    """The source of `Training`, read once: finding a class in a long file takes longer than a check."""
    return inspect.getsource(Training)


def step_mistakes(weight, bias, batches, **options):
    """The parameters that known mistakes end at, each with its hint."""
    wrong = []
    for mistake, hint in STEP_MISTAKES:
        training = Training(weight, bias, **options)
        mistake(training, batches)
        wrong.append((training.parameters, hint))
    return wrong


def assert_step(student, weight, bias, batches, **options):
    """`accumulated_step` leaves the weights of one big batch's step, and returns its loss.

    Returns:
        What the model and the optimizer recorded.
    """
    switch_autograd_on(student)
    right = Training(weight, bias, **options)
    right_loss = one_big_batch(right, batches)
    training = student.define(training_source(), "Training")(weight, bias, **options)
    model, opt, loss_fn = training.model, training.opt, training.loss_fn
    for remote, label in ((model, "model"), (opt, "opt"), (loss_fn, "loss_fn")):
        remote.label = label
    with explained_cuts(student, "accumulated_step", legitimate=("item", "float", "no_grad", "detach")):
        loss = student.accumulated_step(model, opt, loss_fn, batches)
    assert_python_number(loss, float)
    got = training.parameters
    try:
        assert_parameters_after(got, right.parameters)
    except CheckFailure:
        assert_parameters_after(got, right.parameters, step_mistakes(weight, bias, batches, **options))
    means = [Training(weight, bias, **options).loss(batch).item() for batch in batches]
    assert_close(
        loss,
        right_loss,
        name=tr("The loss that is returned"),
        mistakes=[
            (torch.tensor(means[-1]), LAST_LOSS),
            (torch.tensor(sum(means)), SUM_OF_MEANS),
            (torch.tensor(sum(means) / len(means)), MEAN_OF_MEANS),
        ],
        hint=tr("The mean loss over all samples was asked, with the weights from before the step."),
    )
    assert_inputs_unchanged(student)
    return training.record


def assert_modes(student, weight, bias, batches):
    """A model that comes in training mode works and stays in it, and so does one in evaluation mode."""
    for training in (True, False):
        switch_autograd_on(student)
        made = student.define(training_source(), "Training")(weight, bias)
        model, opt, loss_fn = made.model, made.opt, made.loss_fn
        for remote, label in ((model, "model"), (opt, "opt"), (loss_fn, "loss_fn")):
            remote.label = label
        model.train(training)
        student.accumulated_step(model, opt, loss_fn, batches)
        assert_grad_mode(student)
        modes = [*model.modes, model.training] if isinstance(model.modes, list) else []
        assert_that(
            len(modes) > 1 and all(mode is training for mode in modes),
            tr("The model does not stay in the mode that it is in."),
            expected=verbatim(f"training={training}"),
            actual=verbatim(", ".join(f"training={mode}" for mode in dict.fromkeys(modes))),
            hint=MODE,
        )


def assert_parameters_after(got, right, wrong=()):
    """The weight and the bias after the step."""
    for position, name in enumerate(("weight", "bias")):
        assert_close(
            got[position],
            right[position],
            atol=1e-7,
            name=tr("The {which} of the model after the step", which=name),
            mistakes=[(parameters[position], hint) for parameters, hint in wrong],
        )


def assert_micro(student, weight, bias, batches, **options):
    """The step is right, it is one, and the model saw one micro-batch at a time."""
    sizes, steps = assert_step(student, weight, bias, batches, **options)
    assert_that(
        steps == 1,
        tr("The optimizer steps more than once."),
        expected=verbatim("1"),
        actual=verbatim(str(steps)),
        hint=STEP_EACH,
    )
    wanted = [len(x) for x, _ in batches]
    seen = sizes if isinstance(sizes, list) and all(type(size) is int for size in sizes) else []
    assert_that(
        sorted(seen) == sorted(wanted),
        tr("The model does not see each micro-batch by itself, and once."),
        expected=tr("batches of {sizes}", sizes=wanted),
        actual=tr("batches of {sizes}", sizes=seen),
        hint=ONCE if set(seen) == set(wanted) else ONE_BY_ONE,
    )


WEIGHT = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]], dtype=torch.float64)
BIAS = torch.tensor([0.1, -0.2], dtype=torch.float64)


def batches_of(sizes, labels=False):
    """Fixed micro-batches of these sizes."""
    n = sum(sizes)
    x = torch.sin(torch.arange(3 * n, dtype=torch.float64)).reshape(n, 3)
    y = torch.arange(n) % 2 if labels else torch.cos(3 * torch.arange(2 * n, dtype=torch.float64)).reshape(n, 2)
    return list(zip(x.split(sizes), y.split(sizes), strict=True))


@exercise("accumulated_step", weight=2)
def test_equal_micro_batches(student):
    """With micro-batches of one size, the step is the one of the big batch."""
    assert_step(student, WEIGHT, BIAS, batches_of([4, 4, 4]))


@exercise("accumulated_step", weight=2)
def test_unequal_micro_batches(student):
    """With micro-batches of different sizes, too."""
    assert_step(student, WEIGHT, BIAS, batches_of([4, 4, 1]))


@exercise("accumulated_step")
def test_old_gradients_are_ignored(student):
    """What is in .grad at the beginning does not count."""
    assert_step(student, WEIGHT, BIAS, batches_of([4, 1]), stale=True)


@exercise("accumulated_step")
def test_one_step_and_one_micro_batch_at_a_time(student):
    """There is one step, and the model sees each micro-batch by itself."""
    assert_micro(student, WEIGHT, BIAS, batches_of([2, 3, 5], labels=True), loss="cross_entropy")


@exercise("accumulated_step")
def test_the_mode_stays(student):
    """The model stays in the mode that it is in, train or eval."""
    assert_step(student, WEIGHT, BIAS, batches_of([2, 3]))
    assert_modes(student, WEIGHT, BIAS, batches_of([2, 3]))


# ---------------------------------------------------------------------------------------- graph_ops

NO_VISITED = tr("A node that two others use appears twice: remember the nodes that you have met, and skip them.")
DEPTH_FIRST = tr("That order goes deep first: a queue gives the first node in (popleft) the first turn.")
NOT_NONE = tr("An input that needs no gradient, such as a number, stands as None in next_functions: skip it.")
ADDRESS = tr("str(node) shows a memory address as well: type(node).__name__ is the name alone.")
CPP_NAME = tr("node.name() gives leaves their C++ name: type(node).__name__ is the short one.")
BACKWARD_ORDER = tr("The list begins at the result, t.grad_fn, and ends at the leaves: yours runs the other way.")
NO_LEAVES = tr("The leaves are missing: AccumulateGrad is a node of the graph like any other.")
LAST_MET = tr("A node that is met at two depths stands where it is met last: it belongs where it is met first.")
MET_AGAIN = tr("A node that is met again, after its turn, appears twice: a node stays in the set of those seen.")
NO_GRAPH = tr("A tensor without grad_fn has no graph: there is nothing to walk.")
NO_ROOT = tr("The first node is missing: the list begins with t.grad_fn itself.")


def squared_error():
    """((w x + b - y)²).mean() with leaves w and b."""
    w, b = torch.tensor(1.0, requires_grad=True), torch.tensor(0.5, requires_grad=True)
    x, y = torch.tensor([1.4, 0.2]), torch.tensor([2.1, 0.3])
    return ((w * x + b - y) ** 2).mean()


def shared_node():
    """exp(x), used twice."""
    x = torch.tensor([0.1, 0.2], requires_grad=True)
    e = x.exp()
    return (e.sin() * e).sum()


def two_arms():
    """Two arms of different lengths, where breadth-first and depth-first differ."""
    a, b = torch.tensor(1.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    return a.exp().sin() + b.cos()


def two_depths():
    """((sin(w x) + b - y)²).mean() + 0.1 w²: the leaf w is met at two depths."""
    w, b = torch.tensor(1.0, requires_grad=True), torch.tensor(0.5, requires_grad=True)
    x, y = torch.tensor([1.4, 0.2]), torch.tensor([2.1, 0.3])
    return ((torch.sin(w * x) + b - y) ** 2).mean() + 0.1 * w**2


def early_and_late():
    """e * e.sin().cos() with e = exp(x): the node of e is met beside the cosine, and again below the sine."""
    x = torch.tensor([0.1, 0.2], requires_grad=True)
    e = x.exp()
    return e * e.sin().cos()


def two_halves():
    """The product of the two halves of exp(x): both come from one node."""
    x = torch.ones(4, requires_grad=True)
    a, b = x.exp().chunk(2)
    return a * b


def leaf():
    """A leaf."""
    return torch.ones(2, requires_grad=True)


def without_gradient():
    """A tensor that autograd does not follow."""
    return torch.ones(3) * 2


def node_names(root):
    """The names of all nodes below `root`, breadth-first, each node once."""
    queue, seen, names = deque([root] if root is not None else []), {root}, []
    while queue:
        node = queue.popleft()
        names.append(type(node).__name__)
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                queue.append(following)
    return names


def _names_repeated(root):
    queue, names = deque([root] if root is not None else []), []
    while queue and len(names) < 1000:
        node = queue.popleft()
        names.append(type(node).__name__)
        queue.extend(following for following, _ in node.next_functions if following is not None)
    return names


def _names_depth_first(root, seen):
    if root is None or root in seen:
        return []
    seen.add(root)
    below = [name for following, _ in root.next_functions for name in _names_depth_first(following, seen)]
    return [type(root).__name__, *below]


def _names_repeated_depth_first(root):
    if root is None:
        return []
    below = [name for following, _ in root.next_functions for name in _names_repeated_depth_first(following)]
    return [type(root).__name__, *below]


def _names_last_met(root):
    queue, met = deque([root] if root is not None else []), []
    while queue and len(met) < 1000:
        node = queue.popleft()
        met.append(node)
        queue.extend(following for following, _ in node.next_functions if following is not None)
    kept = [node for place, node in enumerate(met) if node not in met[place + 1 :]]
    return [type(node).__name__ for node in kept]


def _names_met_again(root):
    queue, names = deque([root] if root is not None else []), []
    while queue and len(names) < 1000:
        node = queue.popleft()
        names.append(type(node).__name__)
        queue.extend(
            following for following, _ in node.next_functions if following is not None and following not in queue
        )
    return names


def _all_nodes(root):
    """Every node's Python object, kept so that each node stays one object as long as the tensor lives."""
    nodes = [root]
    for node in nodes:
        nodes += [following for following, _ in getattr(node, "next_functions", ()) if following not in nodes]
    return nodes


def graph(student, build):
    """The tensor that `build` makes, beside the student's code."""
    sources = [textwrap.dedent(inspect.getsource(function)) for function in (build, _all_nodes)]
    ready = f"t = {build.__name__}()\nt.nodes = _all_nodes(t.grad_fn)"
    t = student.define("\n".join([*sources, ready]), "t")
    t.label = build.__name__
    return t


def assert_graph(student, build, expression=None):
    """`graph_ops` names the nodes of the tensor that `build` makes; the lists are shown beside an `expression`."""
    switch_autograd_on(student)
    root = build().grad_fn
    right = node_names(root)
    t = graph(student, build)
    t.label = expression or "t"
    try:
        names = student.graph_ops(t)
    except StudentError as error:
        if "NoneType" not in error.message:
            raise
        raise explained(error, NOT_NONE if right else NO_GRAPH) from error
    assert_returns(names, list)
    for name in names:
        assert_returns(name, str, name=tr("An item of the list"))
    assert_that(not any(" at 0x" in name for name in names), tr("The names hold more than names."), hint=ADDRESS)
    assert_that(not any("::" in name for name in names), tr("The names hold more than names."), hint=CPP_NAME)
    assert_that("NoneType" not in names, tr("NoneType is no node of the graph."), hint=NOT_NONE)
    assert_that(
        names == right,
        tr("The list of the nodes is wrong."),
        expected=verbatim(str(right)) if expression else tr("{n} items", n=len(right)),
        actual=verbatim(str(names)[:600]) if expression else tr("{n} items", n=len(names)),
        hint=next((hint for wrong, hint in _wrong_lists(root, right) if names == wrong != right), None),
    )


def _wrong_lists(root, right):
    """What known mistakes list, each with its hint."""
    return [
        (["AccumulateGrad"] if root is None else [], NO_GRAPH if root is None else None),
        (_names_met_again(root), MET_AGAIN),
        (_names_last_met(root), LAST_MET),
        (_names_depth_first(root, set()), DEPTH_FIRST),
        (_names_with_a_stack(root), DEPTH_FIRST),
        (_names_repeated(root), NO_VISITED),
        (_names_repeated_depth_first(root), NO_VISITED),
        (right[::-1], BACKWARD_ORDER),
        ([name for name in right if name != "AccumulateGrad"], NO_LEAVES),
        (right[1:], NO_ROOT),
    ]


def _names_with_a_stack(root):
    stack, seen, names = [root] if root is not None else [], {root}, []
    while stack:
        node = stack.pop()
        names.append(type(node).__name__)
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                stack.append(following)
    return names


@exercise("graph_ops", weight=2)
def test_graph_of_a_loss(student):
    """The graph of ((w x + b - y)²).mean(), from the mean down to w and b."""
    assert_graph(student, squared_error, "((w * x + b - y) ** 2).mean()")


@exercise("graph_ops")
def test_graph_breadth_first(student):
    """All nodes of one depth come before the next depth."""
    assert_graph(student, two_arms, "a.exp().sin() + b.cos()")


@exercise("graph_ops", weight=2)
def test_graph_with_nodes_at_two_depths(student):
    """A node that is met at two depths appears once, at the first of them."""
    assert_graph(student, two_depths, "((torch.sin(w * x) + b - y) ** 2).mean() + 0.1 * w**2")
    assert_graph(student, early_and_late, "e * e.sin().cos(), with e = x.exp()")


@exercise("graph_ops")
def test_graph_with_a_shared_node(student):
    """A node that is used twice appears once."""
    assert_graph(student, shared_node, "(e.sin() * e).sum(), with e = x.exp()")
    assert_graph(student, two_halves, "a * b, with a, b = x.exp().chunk(2)")


@exercise("graph_ops")
def test_graph_of_a_leaf(student):
    """A leaf, and a tensor without gradient, have no graph: the list is empty. A product has one."""
    assert_graph(student, leaf, "w")
    assert_graph(student, without_gradient, "torch.ones(3) * 2")
    assert_graph(student, squared_error, "((w * x + b - y) ** 2).mean()")


# -------------------------------------------------------------------------------------- numerical_grad

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


def differences(f, x, eps, ahead=1.0, behind=1.0):
    """(f(x + ahead eps) - f(x - behind eps)) / ((ahead + behind) eps) for each element, in float64."""
    x = x.detach().double().contiguous()
    result = torch.zeros_like(x)
    for index in range(x.numel()):
        ends = []
        for move in (ahead * eps, -behind * eps):
            moved = x.clone()
            moved.view(-1)[index] += move
            ends.append(float(f(moved)))
        result.view(-1)[index] = (ends[0] - ends[1]) / ((ahead + behind) * eps)
    return result


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


@exercise("numerical_grad", weight=2)
def test_central_differences(student):
    """With eps = 0.1 the result is the central difference, not the forward one and not the derivative."""
    assert_numerical(student, quartic, torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64), 0.1)


@exercise("numerical_grad")
def test_small_step(student):
    """With the usual eps the result is the gradient, also where the elements depend on one another."""
    assert_numerical(student, coupled, torch.tensor([0.3, -1.2, 2.0, 0.7], dtype=torch.float64))


@exercise("numerical_grad", weight=2)
def test_float32_is_computed_in_float64(student):
    """A float32 x is computed in float64, and is the same after the call, to the last bit."""
    assert_numerical(student, quartic, torch.tensor([0.1, -1.7, 0.3]))


@exercise("numerical_grad")
def test_any_shape(student):
    """x may have any shape, be a transpose, or require a gradient, and autograd stays on."""
    x = torch.tensor([[0.1, -1.0, 2.0], [0.3, 1.0, 0.7]], dtype=torch.float64)
    assert_numerical(student, coupled, x.t(), 0.01)
    assert_numerical(student, quartic, x.clone().requires_grad_(), 0.01)
    assert_numerical(student, quartic, torch.tensor(0.5, dtype=torch.float64), 0.01)
    assert_numerical(student, quartic, torch.zeros(0, 3, dtype=torch.float64), 0.01)
    assert_grad_mode(student)


# ---------------------------------------------------------------------------------------- train_logistic

LEAF_LOST = tr("w = w - lr * w.grad makes a new tensor that is no leaf: update in place, under torch.no_grad().")
NOT_ZEROED = tr("The gradients pile up: set w.grad = None (or zero it) after each step, and b's as well.")
OVERFLOW = tr("exp of a large score is infinite, and so is the logarithm behind it: use BCE with logits.")
FROM_ZERO = tr("With w = 0 and b = 0 the first loss is log 2, about 0.693, whatever the data: yours is another.")
RANDOM_START = tr("Two calls with the same data end differently: w and b begin at zero, not at random numbers.")
STABLE_LOSS = tr("For large scores sigmoid gives exactly 0 or 1, and log(0) is infinite: use BCE with logits.")
MEAN_LOSS = tr("The loss is the mean over the samples: yours is their sum.")
HISTORY_BEFORE = tr("The history holds the loss before each step, the first with w = 0 and b = 0: log 2, about 0.693.")
UPHILL = tr("The loss grows: the step goes against the gradient, w - lr * gradient.")
DETACH_RESULT = tr("Return w.detach() and b.detach(): the last graph is no longer needed.")
PLAIN_FLOATS = tr("A tensor in the history keeps its graph alive, step after step: loss.item() is enough.")
STILL_ZERO = tr("w and b are still zero: in-place steps change them, a name bound to a new tensor does not.")
NO_BIAS = tr("The bias stays at zero: it has a gradient too.")
SQUARED_ERROR = tr("That is the squared error of the probabilities: the loss asked is the binary cross-entropy.")
NO_LAYERS = tr("Two tensors with requires_grad=True are the whole model, and the step is one line for each.")
KINK = tr("At a score of 0, max(s, 0) and |s| have a kink, and autograd picks one of its sides: use a smooth function.")
STABLE_FUNCTIONS = ("with_logits", "WithLogitsLoss", "logsigmoid", "LogSigmoid", "softplus", "Softplus", "logaddexp")
FORBIDDEN = ("torch.optim", "torch.nn.Linear", "torch.nn.LazyLinear", "torch.nn.Sequential", "torch.nn.Module")


def descent(x, y, lr, steps, *, factor=1.0, pile_up=False, bias=True, at_zero=0.5):
    """Gradient descent on the mean BCE from zero, with the gradient in closed form: Xᵀ (p - y) / n.

    The other parameters make it go wrong as students do; `at_zero` is the probability at a score of exactly 0.
    """
    w, b, history = x.new_zeros(x.shape[1]), x.new_zeros(()), []
    total_w, total_b = torch.zeros_like(w), torch.zeros_like(b)
    for _ in range(steps):
        scores = x @ w + b
        loss = torch.logaddexp(scores, torch.zeros_like(scores)) - y * scores
        history.append(float(loss.mean()))
        error = torch.where(scores == 0, at_zero, torch.sigmoid(scores)) - y
        step_w, step_b = factor * x.t() @ error / len(x), factor * error.mean()
        total_w, total_b = (total_w + step_w, total_b + step_b) if pile_up else (step_w, step_b)
        w, b = w - lr * total_w, b - lr * total_b * bias
    return w, b, history


def squared_descent(x, y, lr, steps):
    """The same with the squared error of the probabilities in place of the cross-entropy."""
    w, b = x.new_zeros(x.shape[1]), x.new_zeros(())
    for _ in range(steps):
        p = torch.sigmoid(x @ w + b)
        error = 2 * (p - y) * p * (1 - p)
        w, b = w - lr * x.t() @ error / len(x), b - lr * error.mean()
    return w, b, []


def train(student, x, y, lr, steps):
    """What `train_logistic` returns, its three parts of the right types and shapes."""
    switch_autograd_on(student)
    try:
        with explained_cuts(student, "train_logistic", legitimate=("item", "float", "no_grad", "data", "detach")):
            result = student.train_logistic(x, y, lr, steps)
    except StudentError as error:
        if "NoneType" not in error.message:
            raise
        raise explained(error, LEAF_LOST) from error
    assert_returns(result, tuple, hint=A_TUPLE)
    assert_length(result, 3)
    w, b, history = result
    assert_shape(w, (x.shape[1],), name="w")
    assert_shape(b, (), name="b")
    assert_length(history, steps, name="history", hint=HISTORY_BEFORE)
    assert_returns(history, list, name="history")
    for loss in history:
        assert_python_number(loss, float, name=tr("An item of the history"), hint=PLAIN_FLOATS)
    return w, b, history


def wrong_descents(x, y, lr, steps):
    """What (w, b) known mistakes end at, each with its hint."""
    return [
        (descent(x, y, 0.0, steps), STILL_ZERO),
        (descent(x, y, lr, steps, pile_up=True), NOT_ZEROED),
        (descent(x, y, lr, steps, factor=len(x)), MEAN_LOSS),
        (descent(x, y, lr, steps, factor=-1), UPHILL),
        (descent(x, y, lr, steps, bias=False), NO_BIAS),
        (squared_descent(x, y, lr, steps), SQUARED_ERROR),
        (descent(x, y, lr, steps, at_zero=0.0), KINK),
        (descent(x, y, lr, steps, at_zero=1.0), KINK),
    ]


def unstable(student):
    """The hint for a loss that is not finite, where the source takes the logarithm of a probability."""
    names = dotted_names(student.cells, "train_logistic")
    if any(name.endswith(STABLE_FUNCTIONS) for name in names):
        return None
    takes_log = any(name.endswith((".log", ".log2", ".log1p", "binary_cross_entropy", "BCELoss")) for name in names)
    if takes_log and any(name.endswith((".exp", ".expm1")) for name in names):
        return OVERFLOW
    return STABLE_LOSS if takes_log else None


def start(student, x, y, lr, steps, result):
    """The hint for a training that does not begin at zero; None for one that seems to."""
    w, b, history = result
    again = train(student, x, y, lr, steps)
    if not torch.equal(w, again[0]) or not torch.equal(b, again[1]) or history != again[2]:
        return RANDOM_START
    return None if not history or abs(history[0] - math.log(2)) < 1e-4 else FROM_ZERO


def assert_parameters(w, b, x, y, lr, steps, *, hint=None, **tolerances):
    """w and b are where gradient descent leads."""
    right_w, right_b, _ = descent(x, y, lr, steps)
    wrong = wrong_descents(x, y, lr, steps)
    assert_close(w, right_w, name="w", mistakes=[(ends[0], why) for ends, why in wrong], hint=hint, **tolerances)
    assert_close(b, right_b, name="b", mistakes=[(ends[1], why) for ends, why in wrong[1:]], hint=hint, **tolerances)


def assert_trained(student, x, y, lr, steps):
    """`train_logistic` follows gradient descent on the mean loss, step by step."""
    w, b, history = train(student, x, y, lr, steps)
    losses = torch.tensor(history, dtype=torch.float64)
    right, after = (torch.tensor(descent(x, y, lr, n)[2], dtype=torch.float64) for n in (steps, steps + 1))
    infinite = tr("The history holds NaN or infinity.")
    assert_that(bool(torch.isfinite(losses).all()), infinite, hint=unstable(student))
    tolerances = {"rtol": 1e-4, "atol": 1e-5} if x.dtype == torch.float32 else {"rtol": 1e-7, "atol": 1e-9}
    try:
        assert_parameters(w, b, x, y, lr, steps, **tolerances)
    except CheckFailure:
        hint = start(student, x, y, lr, steps, (w, b, history))
        assert_parameters(w, b, x, y, lr, steps, hint=hint, **tolerances)
    mistakes = [(after[1:], HISTORY_BEFORE), (len(x) * right, MEAN_LOSS)]
    assert_close(losses, right, name="history", mistakes=mistakes, **tolerances)
    for name, value in (("w", w), ("b", b)):
        assert_dtype(value, x.dtype, name=name)
        assert_detached(value, name)
    assert_inputs_unchanged(student)


def assert_detached(value, name):
    """A trained parameter has no graph behind it."""
    problem = tr("`{name}` still requires a gradient, or has a graph behind it.", name=name)
    assert_that(not origin(value).requires_grad, problem, hint=DETACH_RESULT)


def assert_stable(student, x, y, lr, steps):
    """Large scores give no infinite loss, and the right one; small ones come first, so that it is size that matters."""
    assert_trained(student, x / x.abs().max(), y, lr, steps)
    w, b, history = train(student, x, y, lr, steps)
    losses, right = torch.tensor(history), torch.tensor(descent(x, y, lr, steps)[2])
    hint = unstable(student)
    assert_close(losses, right, name="history", hint=hint)
    assert_parameters(w, b, x, y, lr, steps, hint=hint)


def assert_separates(student, x, y):
    """On two clouds that a line separates, the loss falls at every step and 98 % end on the right side."""
    assert_trained(student, x, y, 0.1, 3)
    w, b, history = train(student, x, y, 0.1, 150)
    scores = x.double() @ w.double() + b.double()
    share = float(((scores > 0) == (y > 0.5)).double().mean())
    assert_that(
        share >= 0.98,
        tr("Too few points lie on the right side of the boundary."),
        expected=tr("{share} or more", share="98 %"),
        actual=verbatim(f"{100 * share:.0f} %"),
    )
    falls = all(later <= earlier + 1e-7 for earlier, later in pairwise(history))
    assert_that(falls and history[-1] < history[0], tr("The loss does not fall at every step."))


def assert_no_layers(student):
    """Neither the source nor what runs uses layers or optimizers."""
    x, y = points()
    ran = student.define(layers_used)(student.train_logistic, x, y, 0.5, 2)
    used = ran if isinstance(ran, list) else []
    used += [name for name in dotted_names(student.cells, "train_logistic") if name.startswith(FORBIDDEN)]
    problem = tr("torch.optim and the layers of torch.nn are not for this exercise.")
    assert_that(not used, problem, actual=", ".join(sorted(used)), hint=NO_LAYERS)


def points():
    """Six points in the plane, the classes mixed."""
    x = torch.tensor([[1.0, 2.0], [-1.0, 0.5], [2.0, -1.0], [0.0, 1.5], [-2.0, -1.0], [1.5, 0.3]])
    return x, torch.tensor([1.0, 0.0, 1.0, 1.0, 0.0, 0.0])


@exercise("train_logistic")
def test_first_step(student):
    """From zero, one step leads to -lr times the gradient, and the first loss is log 2."""
    x, y = points()
    assert_trained(student, x, y, 0.5, 1)


@exercise("train_logistic", weight=2)
def test_several_steps(student):
    """Every step follows the gradient of that step alone, in float32 and in float64, by autograd and no layers."""
    x, y = points()
    assert_trained(student, x, y, 0.5, 7)
    assert_trained(student, x.double(), y.double(), 0.2, 5)
    assert_no_layers(student)


@exercise("train_logistic")
def test_large_scores(student):
    """With large inputs the loss stays finite, and right."""
    x, y = points()
    assert_stable(student, 200 * x.double(), y.double(), 1.0, 3)


@exercise("train_logistic")
def test_two_clouds(student):
    """Two clouds are separated, and the loss falls at every step."""
    angle = torch.arange(40) * 2.4
    ring = torch.stack([angle.cos(), angle.sin()], dim=1) * (0.2 + 0.02 * torch.arange(40)).unsqueeze(1)
    x = torch.cat([ring + 2, ring - 2])
    assert_separates(student, x, torch.cat([torch.ones(40), torch.zeros(40)]))


@exercise("train_logistic")
def test_nothing_but_autograd(student):
    """There is no layer and no optimizer, autograd stays on, and it works on any device."""
    x, y = points()
    assert_trained(student, x, y, 0.5, 2)
    assert_grad_mode(student)
    assert_no_layers(student)
    assert_device_agnostic(student, student.train_logistic, x, y, 0.5, 2)
