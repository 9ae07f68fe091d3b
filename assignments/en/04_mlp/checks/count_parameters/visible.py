"""Cases of `count_parameters` that students have."""

import pytest

from grader.kit import exercise

from .judges import assert_counts, digit_cnn, frozen_net, normalised_net, odd_parameters, plain_net, tied_net


@exercise("count_parameters", weight=2)
@pytest.mark.parametrize("sizes", [(2, 3, 2), (784, 32, 16, 10), (784, 120, 84, 10)])
def test_counts_of_mlps(student, sizes):
    """2-3-2 has 17 parameters, 784-32-16-10 has 25,818, and 784-120-84-10 has 105,214."""
    assert_counts(student, plain_net, sizes)


@exercise("count_parameters")
def test_counts_of_a_cnn(student):
    """A small convolutional network for digits has 1,199,882 parameters."""
    assert_counts(student, digit_cnn)


@exercise("count_parameters")
@pytest.mark.parametrize("trainable_only", [True, False])
def test_counts_frozen(student, trainable_only):
    """Frozen parameters count only with trainable_only=False."""
    assert_counts(student, frozen_net, 4, 5, trainable_only=trainable_only)


@exercise("count_parameters")
def test_counts_buffers_and_ties(student):
    """Buffers do not count, and a shared parameter counts once."""
    assert_counts(student, normalised_net, 4, 6)
    assert_counts(student, tied_net, 5)


@exercise("count_parameters")
def test_counts_any_shape(student):
    """A parameter may have any number of dimensions, also none."""
    assert_counts(student, odd_parameters, 4)
