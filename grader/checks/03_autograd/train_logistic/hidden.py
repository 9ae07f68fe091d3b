"""Cases of `train_logistic` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_device_agnostic, cases_of, exercise

from ..common import assert_grad_mode
from ..hidden_common import DTYPES
from . import visible
from .judges import (
    assert_history,
    assert_no_layers,
    assert_plain_results,
    assert_repeatable,
    assert_separates,
    assert_stable,
    assert_trained,
)


def labelled(rng, n, d, dtype=torch.float32):
    """Random points, with labels that a line would mostly get right."""
    x = rng.normal(n, d, dtype=dtype)
    scores = x @ rng.normal(d, dtype=dtype) + 0.5 * rng.normal(n, dtype=dtype)
    y = (scores > scores.median()).to(dtype)
    return x, y


@exercise("train_logistic")
@pytest.mark.parametrize(("n", "d"), [(9, 1), (5, 4)])
def test_first_step_of_any_data(student, rng, n, d):
    """The first step is -lr times the gradient."""
    x, y = labelled(rng, n, d)
    assert_repeatable(student, x, y, 0.3, 1)
    assert_trained(student, x, y, 0.3, 1)
    assert_trained(student, x, y, 0.3, 0)


@exercise("train_logistic", weight=2)
@DTYPES
@pytest.mark.parametrize(("n", "d"), [(11, 3), (8, 1)])
def test_several_steps_of_any_data(student, rng, n, d, dtype):
    """Every step follows the gradient of that step alone."""
    assert_trained(student, *labelled(rng, n, d, dtype), 0.4, 6)


@cases_of(visible.test_history)
def test_history_of_any_data(student, rng):
    assert_history(student, *labelled(rng, 9, 2), 0.4, 5)


@cases_of(visible.test_large_scores, weight=2)
def test_large_scores_of_any_data(student, rng):
    x, y = labelled(rng, 13, 2, torch.float64)
    assert_stable(student, 300 * x, y, 1.0, 2)


@cases_of(visible.test_two_clouds)
def test_any_two_clouds(student, rng):
    centre = torch.tensor([[2.0, 1.5]])
    x = torch.cat([rng.uniform(35, 2, low=-1, high=1) + centre, rng.uniform(45, 2, low=-1, high=1) - centre])
    order = rng.permutation(80)
    assert_separates(student, x[order], (torch.arange(80) < 35).float()[order])


@cases_of(visible.test_nothing_but_autograd, weight=2)
def test_nothing_but_autograd_in_any_dimension(student, rng):
    x, y = labelled(rng, 7, 5)
    assert_no_layers(student)
    student.train_logistic(x.t().contiguous().t(), y, 0.3, 3)
    assert_grad_mode(student)
    assert_device_agnostic(student, student.train_logistic, x, y, 0.3, 2)


@cases_of(visible.test_plain_results)
def test_plain_results_of_any_data(student, rng):
    assert_plain_results(student, *labelled(rng, 6, 3, torch.float64), 0.3, 2)
