"""Cases of `build_mlp` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of, exercise

from ..hidden_common import distinct_sizes
from . import visible
from .judges import (
    ACTS,
    assert_begins,
    assert_between,
    assert_build_outputs,
    assert_double,
    assert_ends,
    assert_keeps_hidden,
    assert_single,
    assert_sizes,
    assert_takes_images,
)


@exercise("build_mlp", weight=3)
@pytest.mark.parametrize("depth", [3, 4, 6])
def test_build_any_depth(student, rng, depth):
    """The sizes of the layers are right for any depth."""
    assert_sizes(student, distinct_sizes(rng, depth))


@cases_of(visible.test_build_act, weight=6, after=test_build_any_depth)
@pytest.mark.parametrize("act", ACTS)
def test_build_any_act(student, rng, act):
    assert_between(student, distinct_sizes(rng, 4), act)


@exercise("build_mlp", weight=9, after=test_build_any_depth)
@pytest.mark.parametrize("depth", [3, 4, 6])
def test_build_any_outputs(student, rng, depth):
    """The outputs are right for any depth and any sizes."""
    sizes = distinct_sizes(rng, depth)
    assert_build_outputs(student, sizes, rng.normal(5, sizes[0]))


@cases_of(visible.test_build_ends, weight=6, after=test_build_any_depth)
def test_build_ends_at_any_depth(student, rng):
    assert_ends(student, distinct_sizes(rng, 5))


@exercise("build_mlp", weight=2, after=test_build_any_depth)
def test_build_without_hidden_layers(student, rng):
    """Without hidden layers there is a single Linear, also for one example."""
    sizes = distinct_sizes(rng, 2)
    assert_sizes(student, sizes)
    assert_single(student, sizes)
    assert_build_outputs(student, sizes, rng.normal(1, sizes[0]))


@exercise("build_mlp", weight=2, after=test_build_any_depth)
def test_build_for_images(student, rng):
    """It takes images of any size, also a single one, and images that are not contiguous."""
    _, *hidden = distinct_sizes(rng, 4)
    sizes = (3 * 6 * 7, *hidden)
    assert_takes_images(student, "build_mlp", sizes, rng.normal(3, 6, 7, 3).permute(0, 3, 1, 2))
    assert_takes_images(student, "build_mlp", sizes, rng.normal(1, 3, 6, 7))
    assert_begins(student, sizes)


@cases_of(visible.test_build_double, after=test_build_any_depth)
def test_build_in_float64(student, rng):
    sizes = distinct_sizes(rng, 4)
    assert_double(student, "build_mlp", sizes, rng.normal(3, sizes[0]))


@exercise("build_mlp", after=test_build_any_depth)
def test_build_leaves_hidden(student, rng):
    """The list hidden is not changed, however long it is."""
    assert_keeps_hidden(student, "build_mlp", distinct_sizes(rng, 5))
