"""Cases of `mlp` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of, exercise

from ..build_mlp.judges import ACTS, LASTS, assert_double, assert_keeps_hidden, assert_takes_images
from ..hidden_common import distinct_sizes
from . import visible
from .judges import assert_mlp, assert_mlp_learns, assert_mlp_parameters, assert_not_affine, assert_subclass


@exercise("mlp", weight=3)
@pytest.mark.parametrize("depth", [2, 3, 4, 6])
def test_mlp_has_no_other_parameters(student, rng, depth):
    """The parameters are those of the Linear layers and no others, for any depth."""
    assert_mlp_parameters(student, distinct_sizes(rng, depth))


@cases_of(visible.test_mlp_gradients, weight=8)
def test_mlp_learns(student, rng):
    sizes = distinct_sizes(rng, 5)
    assert_mlp_learns(student, sizes, rng.normal(8, sizes[0]))


@exercise("mlp", weight=13, after=test_mlp_learns)
@pytest.mark.parametrize("depth", [3, 4, 6])
def test_mlp_any_depth(student, rng, depth):
    """The outputs are those of its own weights and biases, for any depth and any sizes."""
    sizes = distinct_sizes(rng, depth)
    assert_mlp(student, sizes, None, rng.normal(5, sizes[0]))


@cases_of(visible.test_mlp_logits, weight=8, after=test_mlp_any_depth)
@pytest.mark.parametrize("depth", [2, 4])
def test_mlp_any_logits(student, rng, depth):
    sizes = distinct_sizes(rng, depth)
    assert_mlp(student, sizes, None, rng.normal(5 if depth > 2 else 1, sizes[0]), lasts=LASTS[:1])


@exercise("mlp", weight=4, after=test_mlp_learns)
@pytest.mark.parametrize("act", list(ACTS)[1:])
def test_mlp_any_act(student, rng, act):
    """The activation is the one that is given."""
    sizes = distinct_sizes(rng, 4)
    assert_mlp(student, sizes, act, rng.normal(6, sizes[0]))


@exercise("mlp", weight=2)
def test_mlp_any_images(student, rng):
    """It takes images, also a single one, and images that are not contiguous."""
    _, *hidden = distinct_sizes(rng, 4)
    sizes = (3 * 6 * 7, *hidden)
    assert_takes_images(student, "MLP", sizes, rng.normal(1, 3, 6, 7))
    assert_takes_images(student, "MLP", sizes, rng.normal(4, 6, 7, 3).permute(0, 3, 1, 2))


@cases_of(visible.test_mlp_subclass, weight=10)
def test_mlp_can_be_inherited(student, rng):
    sizes = distinct_sizes(rng, 4)
    assert_subclass(student, sizes, rng.normal(4, sizes[0]))


@cases_of(visible.test_mlp_bends)
def test_mlp_is_no_straight_map(student, rng):
    assert_not_affine(student, (7, 40, 30, 3), rng.normal(9, 7, std=3), rng.normal(9, 7, std=3))


@cases_of(visible.test_mlp_double)
def test_mlp_in_float64(student, rng):
    sizes = distinct_sizes(rng, 4)
    assert_double(student, "MLP", sizes, rng.normal(3, sizes[0]))


@exercise("mlp", after="test_mlp_parameters")
def test_mlp_leaves_hidden(student, rng):
    """The list hidden is not changed, however long it is."""
    assert_keeps_hidden(student, "MLP", distinct_sizes(rng, 5))
