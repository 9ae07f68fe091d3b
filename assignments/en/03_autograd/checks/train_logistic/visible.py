"""Cases of `train_logistic` that students have."""

import torch

from grader.kit import assert_device_agnostic, exercise

from ..common import assert_grad_mode
from .judges import (
    assert_history,
    assert_no_layers,
    assert_plain_results,
    assert_repeatable,
    assert_separates,
    assert_stable,
    assert_trained,
    points,
)


@exercise("train_logistic")
def test_first_step(student):
    """From zero, one step leads to -lr times the gradient."""
    x, y = points()
    assert_repeatable(student, x, y, 0.5, 1)
    assert_trained(student, x, y, 0.5, 1)


@exercise("train_logistic", weight=2)
def test_several_steps(student):
    """Every step follows the gradient of that step alone, in float32 and in float64."""
    x, y = points()
    assert_trained(student, x, y, 0.5, 7)
    assert_trained(student, x.double(), y.double(), 0.2, 5)


@exercise("train_logistic")
def test_history(student):
    """The history holds the loss before each step; the first one is log 2."""
    x, y = points()
    assert_history(student, x, y, 0.5, 7)


@exercise("train_logistic", weight=2, after=test_several_steps)
def test_large_scores(student):
    """With large inputs the loss stays finite, and right."""
    x, y = points()
    assert_stable(student, 200 * x.double(), y.double(), 1.0, 3)


@exercise("train_logistic", after=test_several_steps)
def test_two_clouds(student):
    """Two clouds are separated, and the loss falls at every step."""
    angle = torch.arange(40) * 2.4
    ring = torch.stack([angle.cos(), angle.sin()], dim=1) * (0.2 + 0.02 * torch.arange(40)).unsqueeze(1)
    x = torch.cat([ring + 2, ring - 2])
    assert_separates(student, x, torch.cat([torch.ones(40), torch.zeros(40)]))


@exercise("train_logistic", weight=2)
def test_nothing_but_autograd(student):
    """There is no layer and no optimizer, autograd stays on, and it works on any device."""
    x, y = points()
    assert_no_layers(student)
    student.train_logistic(x, y, 0.5, 2)
    assert_grad_mode(student)
    assert_device_agnostic(student, student.train_logistic, x, y, 0.5, 2)


@exercise("train_logistic")
def test_plain_results(student):
    """w and b are detached and have the dtype of X, the losses are floats, and X and y stay as they were."""
    x, y = points()
    assert_plain_results(student, x, y, 0.5, 2)
