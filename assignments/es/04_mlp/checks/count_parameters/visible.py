"""Cases of `count_parameters` that students have."""

import pytest

from grader.kit import exercise

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
@pytest.mark.parametrize("sizes", [(2, 3, 2), (784, 32, 16, 10), (784, 120, 84, 10)])
def test_counts_of_mlps(student, sizes):
    """2-3-2 has 17 parameters, 784-32-16-10 has 25,818, and 784-120-84-10 has 105,214."""
    assert_total(student, plain_net, sizes)


@exercise("count_parameters")
def test_counts_of_a_cnn(student):
    """A small convolutional network for digits has 1,199,882 parameters."""
    assert_total(student, digit_cnn)


@exercise("count_parameters", weight=2)
@pytest.mark.parametrize("trainable_only", [True, False])
def test_counts_frozen(student, trainable_only):
    """Frozen parameters count only with trainable_only=False."""
    assert_total(student, frozen_net, 4, 5, trainable_only=trainable_only)


@exercise("count_parameters", weight=2)
@pytest.mark.parametrize(("build", "n"), [(normalised_net, (4, 6)), (tied_net, (5,))])
def test_counts_buffers_and_ties(student, build, n):
    """Buffers do not count, and a shared parameter counts once."""
    assert_total(student, build, *n)


@exercise("count_parameters")
def test_counts_any_shape(student):
    """A parameter may have any number of dimensions, also none."""
    assert_total(student, odd_parameters, 4)


@exercise("count_parameters", weight=3)
@pytest.mark.parametrize(("build", "n"), [(plain_net, ((2, 3, 2),)), (normalised_net, (4, 6)), (frozen_net, (4, 5))])
def test_counts_by_name(student, build, n):
    """The dict has the number for each parameter that is counted, under its name."""
    assert_names(student, build, *n)


@exercise("count_parameters")
def test_counts_change_nothing(student):
    """The model that is counted stays in its mode, and its gradients stay."""
    assert_leaves_model(student, normalised_net, 4, 6)
    assert_leaves_model(student, frozen_net, 4, 5)


@exercise("count_parameters")
def test_counts_types(student):
    """The result is a tuple of a Python int and a dict of Python ints."""
    assert_types(student, plain_net, (2, 3, 2))
