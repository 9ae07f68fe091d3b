"""Cases of `max_pool2d` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import cases_of, exercise

from . import visible
from .judges import assert_max_pool2d, assert_max_pool2d_rules


@exercise("max_pool2d", weight=4)
@pytest.mark.parametrize(
    ("shape", "k", "stride"),
    [
        ((2, 3, 9, 7), 2, None),
        ((1, 1, 5, 8), 3, None),
        ((3, 2, 7, 6), 3, 2),
        ((1, 2, 6, 5), 1, 2),
        ((2, 1, 4, 7), 4, 1),
        ((1, 2, 9, 8), 2, 3),
    ],
)
def test_any_pooling(student, rng, shape, k, stride):
    """Your own code takes any size, window and step; negative numbers too."""
    assert_max_pool2d(student, rng.normal(*shape, mean=-2.0), k, stride)


@exercise("max_pool2d")
def test_pooling_of_a_view(student, rng):
    """Images in float64 that are not contiguous."""
    assert_max_pool2d(student, rng.normal(2, 3, 8, 10, dtype=torch.float64).transpose(2, 3)[..., ::2], 2)


@cases_of(visible.test_pooling_rules, weight=1.5)
def test_rules_of_pooling(student, rng):
    assert_max_pool2d_rules(student, rng)
