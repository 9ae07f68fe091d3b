"""Cases of `elementwise_derivative` that students have."""

import torch

from grader.kit import assert_device_agnostic, exercise

from .judges import (
    EXACT,
    assert_derivative,
    assert_derivative_of_computed,
    assert_derivative_without_traces,
    assert_old_grad_ignored,
    line,
    parabola,
    polynomial,
    wave,
    wave_slope,
)


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
    """x keeps its values, its requires_grad and its .grad, whatever was in it; the derivative hangs on no graph."""
    x = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
    assert_derivative_without_traces(student, parabola, x, 10 * x.detach())
    assert_derivative_without_traces(student, parabola, x.detach(), 10 * x.detach())
    assert_old_grad_ignored(student, [1.0, -2.0, 0.5])
    assert_derivative_of_computed(student, [1.0, -2.0, 0.5])


@exercise("elementwise_derivative", after=test_derivative_of_a_line)
def test_derivative_on_any_device(student):
    """It works wherever x lies."""
    assert_device_agnostic(student, student.elementwise_derivative, student.define(parabola), torch.tensor([3.0, 4.0]))
