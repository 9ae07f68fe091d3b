"""Cases of `make_loaders` that students have."""

import torch

from grader.kit import exercise

from .judges import (
    assert_loader_orders,
    assert_loader_random_state,
    assert_loader_seeds,
    assert_loaders,
    numbered_samples,
)


@exercise("make_loaders", weight=3)
def test_loaders_hold_every_sample(student):
    """25 samples, a fifth for validation, batches of 6: 6, 6, 6, 2 and 5, each sample once."""
    assert_loaders(student, *numbered_samples(25, 2), 6, 0.2, 0, whole=True)


@exercise("make_loaders")
def test_loaders_orders(student):
    """Training has a new order in every epoch; validation keeps its own."""
    assert_loader_orders(student, *numbered_samples(40, 3), 8, 0.25, 1)


@exercise("make_loaders", weight=2)
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
    assert_loaders(student, X.to(torch.uint8), y, 7, 0.3, 5)
