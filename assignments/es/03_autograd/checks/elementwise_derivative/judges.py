"""What decides `elementwise_derivative`, and what it says."""

import torch

from grader.kit import assert_dtype, assert_inputs_unchanged, tr
from grader.kit.gradients import assert_returned_gradient, explained_cuts

from ..common import assert_nothing_left, assert_old_gradient_kept, computed, values_of, with_old_gradient


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


EXACT = {"rtol": 1e-9, "atol": 1e-11}
"""In float64 autograd is exact but for rounding; differences with a small step are not."""


def derivative_of(student, f, x):
    """What `elementwise_derivative` returns."""
    with explained_cuts(student, "elementwise_derivative"):
        return student.elementwise_derivative(student.define(f), x)


def assert_derivative(student, f, x, expected, **tolerances):
    """The values of `elementwise_derivative` are `expected`."""
    derivative = values_of(derivative_of(student, f, x))
    _assert_values(student, derivative, expected, **tolerances)
    assert_dtype(derivative, expected.dtype)


def assert_derivative_without_traces(student, f, x, expected):
    """It is right and the caller's own, and x is as it was."""
    _assert_values(student, derivative_of(student, f, x), expected)
    assert_inputs_unchanged(student)


def assert_derivative_of_computed(student, values):
    """An x that is the result of an operation: its derivative is right, and the leaf behind it stays as it was."""
    x = computed(student, values)
    _assert_values(student, derivative_of(student, parabola, x), 20 * torch.tensor(values))
    assert_nothing_left(student, x)


def assert_old_grad_ignored(student, values):
    """An x with something in its .grad: the derivative does not count it, and it stays."""
    x = with_old_gradient(student, values)
    _assert_values(student, derivative_of(student, parabola, x), 10 * torch.tensor(values))
    assert_old_gradient_kept(x)


def _assert_values(student, derivative, expected, **tolerances):
    name = tr("The derivative")
    assert_returned_gradient(student, "elementwise_derivative", derivative, expected, name=name, **tolerances)
