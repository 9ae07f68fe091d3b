"""Cases of `build_mlp` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of, exercise

from ..hidden_common import distinct_sizes
from . import visible
from .judges import (
    ACTS,
    NO_FLATTEN,
    assert_built,
    assert_built_with_act,
    assert_double,
    assert_keeps_hidden,
    assert_takes_images,
)


@exercise("build_mlp", weight=4)
@pytest.mark.parametrize("depth", [3, 4, 6])
def test_build_any_depth(student, rng, depth):
    """The layers and the outputs are right for any depth and any sizes."""
    sizes = distinct_sizes(rng, depth)
    assert_built(student, sizes, None, rng.normal(5, sizes[0]))


@exercise("build_mlp", weight=2)
def test_build_without_hidden_layers(student, rng):
    """Without hidden layers it is Flatten and a single Linear, also for one example."""
    sizes = distinct_sizes(rng, 2)
    assert_built(student, sizes, None, rng.normal(1, sizes[0]))


@cases_of(visible.test_build_act, weight=2)
@pytest.mark.parametrize("act", list(ACTS)[1:])
def test_build_any_act(student, rng, act):
    assert_built_with_act(student, distinct_sizes(rng, 4), act)


@exercise("build_mlp", weight=2)
def test_build_for_images(student, rng):
    """It takes images of any size, also a single one, and images that are not contiguous."""
    _, *hidden = distinct_sizes(rng, 4)
    sizes = (3 * 6 * 7, *hidden)
    assert_takes_images(student, "build_mlp", sizes, rng.normal(3, 6, 7, 3).permute(0, 3, 1, 2), NO_FLATTEN)
    assert_takes_images(student, "build_mlp", sizes, rng.normal(1, 3, 6, 7), NO_FLATTEN)


@cases_of(visible.test_build_double)
def test_build_in_float64(student, rng):
    sizes = distinct_sizes(rng, 4)
    assert_double(student, "build_mlp", sizes, rng.normal(3, sizes[0]))


@exercise("build_mlp")
def test_build_leaves_hidden(student, rng):
    """The list hidden is not changed, however long it is."""
    assert_keeps_hidden(student, "build_mlp", distinct_sizes(rng, 5))
