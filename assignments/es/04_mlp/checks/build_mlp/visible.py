"""Cases of `build_mlp` that students have."""

import pytest

from grader.kit import exercise

from ..common import ramp
from .judges import (
    assert_begins,
    assert_between,
    assert_build_outputs,
    assert_double,
    assert_ends,
    assert_keeps_hidden,
    assert_single,
    assert_sizes,
    assert_takes_images,
    make_leaky,
    make_tanh,
)


@exercise("build_mlp", weight=3)
def test_build_sizes(student):
    """build_mlp(5, [7, 3], 2) is an nn.Sequential whose Linear layers go from 5 to 7, to 3 and to 2 values."""
    assert_sizes(student, (5, 7, 3, 2))


@exercise("build_mlp", weight=6, after=test_build_sizes)
@pytest.mark.parametrize("act", [None, make_tanh, make_leaky])
def test_build_act(student, act):
    """Between two Linear layers stands the activation that is given."""
    assert_between(student, (5, 6, 3, 2), act)


@exercise("build_mlp", weight=9, after=test_build_sizes)
def test_build_outputs(student):
    """The outputs are those of its weights and biases, with ReLU between the layers."""
    assert_build_outputs(student, (5, 7, 3, 2), ramp(4, 5))


@exercise("build_mlp", weight=6, after=test_build_sizes)
def test_build_ends(student):
    """Nothing follows the last Linear: its outputs are the logits."""
    assert_ends(student, (5, 7, 3, 2))


@exercise("build_mlp", weight=2, after=test_build_sizes)
def test_build_no_hidden(student):
    """Without hidden layers there is a single Linear."""
    assert_sizes(student, (4, 3))
    assert_single(student, (4, 3))


@exercise("build_mlp", weight=2, after=test_build_sizes)
def test_build_images(student):
    """It begins with Flatten and takes images: build_mlp(784, [32, 16], 10) on (2, 1, 28, 28)."""
    assert_takes_images(student, "build_mlp", (784, 32, 16, 10), ramp(2, 1, 28, 28))
    assert_begins(student, (784, 32, 16, 10))


@exercise("build_mlp", after=test_build_sizes)
def test_build_double(student):
    """Each model has weights of its own, and works in float64 after model.double()."""
    assert_double(student, "build_mlp", (5, 7, 3, 2), ramp(4, 5))


@exercise("build_mlp", after=test_build_sizes)
def test_build_keeps_hidden(student):
    """The list hidden is not changed."""
    assert_keeps_hidden(student, "build_mlp", (5, 7, 3, 2))
