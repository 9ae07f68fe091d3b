"""Cases of `build_mlp` that students have."""

import pytest

from grader.kit import exercise

from ..common import ramp
from .judges import (
    NO_FLATTEN,
    assert_built,
    assert_built_with_act,
    assert_double,
    assert_keeps_hidden,
    assert_takes_images,
    make_leaky,
    make_tanh,
)


@exercise("build_mlp", weight=4)
def test_build_two_hidden(student):
    """build_mlp(5, [7, 3], 2) is Flatten, Linear, ReLU, Linear, ReLU, Linear, and gives logits."""
    assert_built(student, (5, 7, 3, 2), None, ramp(4, 5))


@exercise("build_mlp", weight=2)
def test_build_no_hidden(student):
    """Without hidden layers it is Flatten and a single Linear."""
    assert_built(student, (4, 3), None, ramp(2, 4))


@exercise("build_mlp", weight=2)
@pytest.mark.parametrize("act", [make_tanh, make_leaky])
def test_build_act(student, act):
    """The activation is the one that is given."""
    assert_built_with_act(student, (5, 6, 3, 2), act)


@exercise("build_mlp", weight=2)
def test_build_images(student):
    """It takes images: build_mlp(784, [32, 16], 10) on (2, 1, 28, 28)."""
    assert_takes_images(student, "build_mlp", (784, 32, 16, 10), ramp(2, 1, 28, 28), NO_FLATTEN)


@exercise("build_mlp")
def test_build_double(student):
    """Each model has weights of its own, and works in float64 after model.double()."""
    assert_double(student, "build_mlp", (5, 7, 3, 2), ramp(4, 5))


@exercise("build_mlp")
def test_build_keeps_hidden(student):
    """The list hidden is not changed."""
    assert_keeps_hidden(student, "build_mlp", (5, 7, 3, 2))
