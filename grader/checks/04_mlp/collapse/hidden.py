"""Cases of `collapse` that students do not have: new inputs at every grading."""

from itertools import pairwise

import pytest
import torch

from grader.kit import cases_of, exercise

from . import visible
from .judges import assert_bias, assert_exact, assert_leaves, assert_linear_result, assert_weight


def random_layers(rng, *sizes, dtype=torch.float64, bias=True):
    """Random weights and biases of a chain of layers."""
    weights = [rng.normal(m, n, dtype=dtype) for n, m in pairwise(sizes)]
    return weights, [rng.normal(len(weight), dtype=dtype) if bias else None for weight in weights]


SIZES = [(5, 7, 3), (1, 4, 2), (4, 4, 4, 4), (6, 2, 3, 4), (2, 3, 4, 5, 1)]


@exercise("collapse", weight=2)
def test_collapse_any_layers(student, rng):
    """The result is one nn.Linear, for any number of layers."""
    for sizes in SIZES:
        assert_linear_result(student, *random_layers(rng, *sizes))


@cases_of(visible.test_collapse_weight, weight=6, after=test_collapse_any_layers)
@pytest.mark.parametrize("sizes", SIZES)
def test_collapse_any_weight(student, rng, sizes):
    assert_weight(student, *random_layers(rng, *sizes))


@cases_of(visible.test_collapse_bias, weight=5, after=test_collapse_any_layers)
@pytest.mark.parametrize("sizes", SIZES)
def test_collapse_any_bias(student, rng, sizes):
    assert_bias(student, *random_layers(rng, *sizes))


@exercise("collapse", weight=2, after=test_collapse_any_layers)
def test_collapse_some_biases(student, rng):
    """Some layers, or all, may have no bias."""
    weights, biases = random_layers(rng, 3, 5, 4, 2)
    for kept in ([1], [0, 2], []):
        some = [bias if i in kept else None for i, bias in enumerate(biases)]
        assert_weight(student, weights, some)
        assert_bias(student, weights, some)


@cases_of(visible.test_collapse_exact, weight=3, after=test_collapse_any_layers)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_collapse_dtypes(student, rng, dtype):
    assert_exact(student, *random_layers(rng, 4, 6, 3, dtype=dtype))


@exercise("collapse", weight=2)
@pytest.mark.parametrize("sizes", [(4, 3), (5, 2, 4, 3)])
def test_collapse_any_layers_stay(student, rng, sizes):
    """The layers that were given stay as they were, also a single one, which is copied."""
    assert_leaves(student, *random_layers(rng, *sizes))
