"""Cases of `max_pool2d` that students have."""

import pytest

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import assert_max_pool2d, assert_max_pool2d_rules


@exercise("max_pool2d", weight=2)
@pytest.mark.parametrize(("k", "stride"), [(2, None), (3, None), (3, 2), (2, 3)])
def test_pooling(student, k, stride):
    """Your own code finds the largest value of each window, for sizes that do not divide evenly too."""
    assert_max_pool2d(student, Rng(FIXED).normal(2, 3, 8, 7), k, stride)


@exercise("max_pool2d")
def test_pooling_of_negative_numbers(student):
    """Negative numbers stay negative."""
    assert_max_pool2d(student, -1 - Rng(FIXED).uniform(1, 2, 5, 5), 2)


@exercise("max_pool2d")
def test_pooling_rules(student):
    """The gradient goes to each window's maximum, on any device."""
    assert_max_pool2d_rules(student, Rng(FIXED))
