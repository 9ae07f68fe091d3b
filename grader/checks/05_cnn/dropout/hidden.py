"""Cases of `dropout` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import cases_of

from . import visible
from .judges import (
    assert_dropout,
    assert_dropout_gradient,
    assert_dropout_keeps_its_input,
    assert_dropout_of_any_shape,
    assert_dropout_on_a_gpu,
    assert_eval_identity,
)


@cases_of(visible.test_dropout_does_nothing_in_eval_mode, weight=10)
@pytest.mark.parametrize("p", [0.5, 1.0])
def test_eval_mode(student, rng, p):
    assert_eval_identity(student, 1 + rng.uniform(11, 13), p)


@cases_of(visible.test_dropout_in_train_mode, weight=6)
@pytest.mark.parametrize("p", [0.1, 0.4, 0.8])
def test_train_mode(student, rng, p):
    assert_dropout(student, 1 + rng.uniform(90, 70, dtype=torch.float64), p)


@cases_of(visible.test_dropout_of_any_shape)
def test_any_shape(student, rng):
    assert_dropout_of_any_shape(student, rng)


@cases_of(visible.test_dropout_of_nothing_and_of_everything, weight=0.5)
def test_nothing_and_everything(student, rng):
    for p in (0.0, 1.0):
        assert_dropout(student, 1 + rng.uniform(5, 1), p)


@cases_of(visible.test_dropout_keeps_its_input, weight=0.5)
def test_input_of_any_size(student, rng):
    assert_dropout_keeps_its_input(student, 1 + rng.uniform(7, 9))


@cases_of(visible.test_dropout_device, weight=0.5)
def test_on_a_gpu(student, rng):
    assert_dropout_on_a_gpu(student, 1 + rng.uniform(30, 50))


@cases_of(visible.test_dropout_gradient)
def test_gradient(student, rng):
    assert_dropout_gradient(student, 1 + rng.uniform(11, 7), 0.6)
