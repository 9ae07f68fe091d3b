"""Cases of `make_loaders` that students have."""

import torch

from grader.kit import exercise

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


@exercise("make_loaders")
def test_loaders_pairs(student):
    """Both are DataLoaders whose batches are samples with their own labels."""
    assert_pairs(student, *numbered_samples(25, 2), 6, 0.2, 0)


@exercise("make_loaders", weight=2, after=test_loaders_pairs)
def test_loaders_apart(student):
    """No sample is in both loaders."""
    assert_apart(student, *numbered_samples(60, 2), 6, 0.25, 0)


@exercise("make_loaders", weight=3, after=test_loaders_apart)
def test_loaders_hold_every_sample(student):
    """25 samples, a fifth for validation, batches (X, y) of 6: 6, 6, 6, 2 and 5, each sample once."""
    assert_whole(student, *numbered_samples(25, 2), 6, 0.2, 0)


@exercise("make_loaders", weight=13, after=test_loaders_apart)
def test_loaders_orders(student):
    """Training has a new order in every epoch."""
    assert_new_order(student, *numbered_samples(40, 3), 8, 0.25, 1)


@exercise("make_loaders", after=test_loaders_pairs)
def test_loaders_val_order(student):
    """Validation has the same order in every epoch."""
    assert_kept_order(student, *numbered_samples(40, 3), 8, 0.25, 1)


@exercise("make_loaders", weight=4, after=test_loaders_pairs)
def test_loaders_seeds(student):
    """The seed decides the split, and the split is drawn at random."""
    assert_loader_seeds(student, *numbered_samples(40, 2), 8, 0.25, (1, 2, 3))


@exercise("make_loaders")
def test_loaders_random_state(student):
    """The global random generator is left alone."""
    assert_loader_random_state(student, *numbered_samples(25, 2), 6, 0.2, 3)


@exercise("make_loaders")
def test_loaders_images(student):
    """X may be images of any dtype."""
    X, y = numbered_samples(30, 1, 4, 3)
    assert_pairs(student, X.to(torch.uint8), y, 7, 0.3, 5)
