"""Cases of `dropout` that students have."""

import pytest

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import (
    assert_dropout,
    assert_dropout_gradient,
    assert_dropout_keeps_its_input,
    assert_dropout_of_any_shape,
    assert_dropout_on_a_gpu,
    assert_eval_identity,
    assert_half_by_default,
)


@exercise("dropout", weight=7)
@pytest.mark.parametrize("p", [0.5, 1.0])
def test_dropout_does_nothing_in_eval_mode(student, p):
    """In eval mode the layer returns what it gets."""
    assert_eval_identity(student, 1 + Rng(FIXED).uniform(9, 8), p)


@exercise("dropout", weight=3)
@pytest.mark.parametrize("p", [0.2, 0.7])
def test_dropout_in_train_mode(student, p):
    """In train mode a share p of the values becomes 0, and the rest grows by 1 / (1 - p)."""
    assert_dropout(student, 1 + Rng(FIXED).uniform(80, 60), p)


@exercise("dropout")
def test_dropout_of_any_shape(student):
    """Every value of a vector, a sequence or a batch of feature maps is kept or dropped by itself."""
    assert_dropout_of_any_shape(student, Rng(FIXED))


@exercise("dropout", weight=0.5)
def test_dropout_of_nothing_and_of_everything(student):
    """p = 0 drops nothing and p = 1 drops everything, without NaN."""
    for p in (0.0, 1.0):
        assert_dropout(student, 1 + Rng(FIXED).uniform(4, 3), p)


@exercise("dropout", weight=0.5, after=test_dropout_does_nothing_in_eval_mode)
def test_dropout_keeps_its_input(student):
    """The input stays as it was."""
    assert_dropout_keeps_its_input(student, 1 + Rng(FIXED).uniform(8, 6))


@exercise("dropout", weight=0.5)
def test_dropout_device(student):
    """The layer would work on a GPU."""
    assert_dropout_on_a_gpu(student, 1 + Rng(FIXED).uniform(40, 30))


@exercise("dropout")
def test_dropout_gradient(student):
    """The gradient passes through what survived."""
    assert_dropout_gradient(student, 1 + Rng(FIXED).uniform(9, 8), 0.25)


@exercise("dropout", weight=0.5)
def test_half_by_default(student):
    """p is 0.5 when nothing is said."""
    assert_half_by_default(student)
