"""Cases of `count_parameters` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import cases_of, exercise

from . import visible
from .judges import (
    assert_leaves_model,
    assert_names,
    assert_total,
    assert_types,
    digit_cnn,
    frozen_net,
    normalised_net,
    odd_parameters,
    plain_net,
    tied_net,
)


@exercise("count_parameters", weight=4)
def test_counts_of_any_mlp(student, rng):
    """The counts are right for any network."""
    for depth in (2, 3, 5):
        assert_total(student, plain_net, tuple(rng.integers(1, 30, depth).tolist()))


@exercise("count_parameters")
def test_counts_of_convolutions(student):
    """The counts are right for convolutions."""
    assert_total(student, digit_cnn)


@exercise("count_parameters", weight=2)
@pytest.mark.parametrize("trainable_only", [True, False])
def test_counts_of_frozen_layers(student, rng, trainable_only):
    """Frozen parameters are counted only where asked."""
    assert_total(student, frozen_net, rng.integer(3, 20), rng.integer(3, 20), trainable_only=trainable_only)


@cases_of(visible.test_counts_buffers_and_ties, weight=2)
@pytest.mark.parametrize("trainable_only", [True, False])
def test_counts_each_parameter_once(student, rng, trainable_only):
    assert_total(student, normalised_net, rng.integer(3, 20), rng.integer(3, 20), trainable_only=trainable_only)
    assert_total(student, tied_net, rng.integer(3, 20), trainable_only=trainable_only)


@exercise("count_parameters")
def test_counts_of_odd_parameters(student, rng):
    """Parameters of any number of dimensions are counted; a model without parameters has none."""
    assert_total(student, odd_parameters, rng.integer(3, 9))
    assert_total(student, empty_net)


@cases_of(visible.test_counts_by_name, weight=3)
@pytest.mark.parametrize("trainable_only", [True, False])
def test_counts_of_any_names(student, rng, trainable_only):
    assert_names(student, plain_net, tuple(rng.integers(1, 30, 4).tolist()), trainable_only=trainable_only)
    assert_names(student, frozen_net, rng.integer(3, 20), rng.integer(3, 20), trainable_only=trainable_only)
    assert_names(student, tied_net, rng.integer(3, 20), trainable_only=trainable_only)
    assert_names(student, odd_parameters, rng.integer(3, 9), trainable_only=trainable_only)


@cases_of(visible.test_counts_change_nothing)
def test_counts_of_any_model_change_nothing(student, rng):
    assert_leaves_model(student, normalised_net, rng.integer(3, 20), rng.integer(3, 20))
    assert_leaves_model(student, odd_parameters, rng.integer(3, 9))


@cases_of(visible.test_counts_types)
def test_types_of_counts(student, rng):
    assert_types(student, plain_net, tuple(rng.integers(1, 30, 3).tolist()))


def empty_net():
    """A model without parameters."""
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.ReLU())
