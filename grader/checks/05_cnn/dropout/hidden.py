"""Cases of `dropout` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import exercise

from .judges import (
    assert_dropout,
    assert_dropout_gradient,
    assert_dropout_of_any_shape,
    assert_dropout_on_a_gpu,
    assert_eval_identity,
)


@exercise("dropout", weight=8)
@pytest.mark.parametrize("p", [0.5, 1.0])
def test_eval_mode(student, rng, p):
    """In eval mode the layer returns what it gets."""
    assert_eval_identity(student, 1 + rng.uniform(11, 13), p)


@exercise("dropout", weight=5)
@pytest.mark.parametrize("p", [0.1, 0.4, 0.8])
def test_train_mode(student, rng, p):
    """In train mode a share p of the values becomes 0, and the rest grows by 1 / (1 - p)."""
    assert_dropout(student, 1 + rng.uniform(90, 70, dtype=torch.float64), p)


@exercise("dropout")
def test_any_shape(student, rng):
    """Every value of a vector, a sequence or a batch of feature maps is kept or dropped by itself."""
    assert_dropout_of_any_shape(student, rng)


@exercise("dropout", weight=0.5)
def test_nothing_and_everything(student, rng):
    """p = 0 drops nothing and p = 1 drops everything, without NaN."""
    for p in (0.0, 1.0):
        assert_dropout(student, 1 + rng.uniform(5, 1), p)


@exercise("dropout", weight=0.5)
def test_on_a_gpu(student, rng):
    """The layer would work on a GPU."""
    assert_dropout_on_a_gpu(student, 1 + rng.uniform(30, 50))


@exercise("dropout")
def test_gradient(student, rng):
    """The gradient passes through what survived."""
    assert_dropout_gradient(student, 1 + rng.uniform(11, 7), 0.6)
