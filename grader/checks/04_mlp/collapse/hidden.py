"""Cases of `collapse` that students do not have: new inputs at every grading."""

from itertools import pairwise

import pytest
import torch

from grader.kit import exercise

from .judges import assert_collapse


def random_layers(rng, *sizes, dtype=torch.float64, bias=True):
    """Random weights and biases of a chain of layers."""
    weights = [rng.normal(m, n, dtype=dtype) for n, m in pairwise(sizes)]
    return weights, [rng.normal(len(weight), dtype=dtype) if bias else None for weight in weights]


@exercise("collapse", weight=2)
@pytest.mark.parametrize("sizes", [(5, 7, 3), (1, 4, 2), (3, 1, 5), (6, 2, 3, 4), (2, 3, 4, 5, 1)])
def test_collapse_any_sizes(student, rng, sizes):
    """The result is right for any number of layers, of any sizes."""
    assert_collapse(student, *random_layers(rng, *sizes))


@exercise("collapse")
def test_collapse_square_layers(student, rng):
    """The order is right where the shapes do not tell."""
    assert_collapse(student, *random_layers(rng, 4, 4, 4, 4))


@exercise("collapse")
def test_collapse_some_biases(student, rng):
    """Some layers, or all, may have no bias."""
    weights, biases = random_layers(rng, 3, 5, 4, 2)
    for kept in ([1], [0, 2], []):
        assert_collapse(student, weights, [bias if i in kept else None for i, bias in enumerate(biases)])


@exercise("collapse", weight=2)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_collapse_dtypes(student, rng, dtype):
    """It is exact, and in the dtype of the layers."""
    assert_collapse(student, *random_layers(rng, 4, 6, 3, dtype=dtype), exact=True)


@exercise("collapse")
def test_collapse_any_layers_stay(student, rng):
    """The layers that were given stay as they were, also a single one, which is copied."""
    assert_collapse(student, *random_layers(rng, 4, 3), leaves=True)
    assert_collapse(student, *random_layers(rng, 5, 2, 4, 3), leaves=True)
