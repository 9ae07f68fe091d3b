"""Cases of `make_loaders` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import cases_of, exercise

from . import visible
from .judges import (
    assert_apart,
    assert_kept_order,
    assert_loader_random_state,
    assert_loader_seeds,
    assert_new_order,
    assert_pairs,
    assert_whole,
    numbered_samples,
)


def shuffled_samples(rng, n, *shape):
    """Samples that can be told apart, with labels of their own, in a random order."""
    X, y = numbered_samples(n, *shape)
    order = rng.permutation(n)
    return X[order] + 1, 3 * y[order]


@cases_of(visible.test_loaders_pairs)
def test_loaders_any_pairs(student, rng):
    assert_pairs(student, *shuffled_samples(rng, 31, 3), 7, 0.3, rng.integer(0, 1000))


@cases_of(visible.test_loaders_apart, weight=2, after=test_loaders_any_pairs)
def test_loaders_always_apart(student, rng):
    assert_apart(student, *shuffled_samples(rng, 40, 2), 7, 0.3, rng.integer(0, 1000))


@exercise("make_loaders", weight=3, after=test_loaders_always_apart)
@pytest.mark.parametrize(("n", "batch_size", "fraction"), [(25, 6, 0.2), (31, 7, 0.3), (12, 50, 0.5), (21, 1, 0.1)])
def test_loaders_any_size(student, rng, n, batch_size, fraction):
    """Every sample is in one loader, once, whatever the sizes."""
    assert_whole(student, *shuffled_samples(rng, n, 3), batch_size, fraction, rng.integer(0, 1000))


@cases_of(visible.test_loaders_orders, weight=13, after=test_loaders_always_apart)
def test_loaders_new_order(student, rng):
    assert_new_order(student, *shuffled_samples(rng, 50, 2), 7, 0.3, rng.integer(0, 1000))


@cases_of(visible.test_loaders_val_order, after=test_loaders_any_pairs)
def test_loaders_kept_order(student, rng):
    assert_kept_order(student, *shuffled_samples(rng, 50, 2), 7, 0.3, rng.integer(0, 1000))


@cases_of(visible.test_loaders_seeds, weight=4, after=test_loaders_any_pairs)
def test_loaders_any_seed(student, rng):
    assert_loader_seeds(student, *numbered_samples(60, 2), 7, 0.3, rng.permutation(1000)[:4].tolist())
    seed = rng.integer(0, 1000)
    assert_loader_seeds(student, *numbered_samples(60, 2), 7, 0.3, [seed, seed + 256_000])


@cases_of(visible.test_loaders_random_state)
def test_loaders_leave_the_generator(student, rng):
    assert_loader_random_state(student, *shuffled_samples(rng, 30, 2), 6, 0.2, rng.integer(0, 1000))


@cases_of(visible.test_loaders_images)
def test_loaders_of_images(student, rng):
    X, y = shuffled_samples(rng, 40, 3, 4, 5)
    assert_pairs(student, X.to(torch.uint8), y, 9, 0.25, rng.integer(0, 1000))
    assert_pairs(student, X.double(), y.float(), 9, 0.25, rng.integer(0, 1000))
