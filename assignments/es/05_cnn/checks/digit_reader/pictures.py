"""Pictures of digits as a scanner, a camera or a screen gives them."""

from functools import lru_cache

import numpy as np
from PIL import Image

from grader import datasets


@lru_cache
def test_digits():
    """The held-out digits: images (N, 28, 28) uint8 and labels."""
    held_out = datasets.digits(train=False)
    return held_out.data, held_out.targets


test_digits.__test__ = False


@lru_cache
def known_digits():
    """The training digits as vectors, and their labels: a reader that needs no training."""
    train = datasets.digits(train=True)
    return train.data.flatten(1).float() / 255, train.targets


def one_of_each(rng):
    """Ten held-out digits, 0 to 9."""
    images, labels = test_digits()
    chosen = [rng.choice((labels == digit).nonzero().flatten().tolist()) for digit in range(10)]
    return images[chosen]


MODES = ("L", "pale", "RGB", "RGBA", "screenshot", "layer")
"""Of `scan`."""

PALE_DEPTH = 95
"""How much darker than the paper pale ink is, of 255."""

GRAIN = PALE_DEPTH / 8
"""How far a pixel of paper is from the paper's colour, at most. Of 40,000 normal ones the farthest is beyond any cut
now and then; within an eighth of the palest ink's depth, a cut at a fifth of it clears all, rounding included."""


def scan(digit, rng, mode="L"):
    """A 28×28 digit as a scanner gives it: larger, dark on nearly white, off-centre, with noise.

    Args:
        digit: uint8 (28, 28), white on black.
        rng: draws size, place and noise.
        mode: ``L`` for (H, W); ``pale`` for the same with gray ink; ``RGB`` for (H, W, 3) with red ink; ``RGBA`` for
            (H, W, 4) with transparent paper; ``screenshot`` for (H, W, 4) with red ink on paper, all opaque; ``layer``
            for (H, W, 4) with blue ink on paper whose rims are transparent, whatever colour lies under them.
    """
    side = rng.integer(90, 150)
    height, width = side + rng.integer(20, 60), side + rng.integer(70, 120)
    top, left = rng.integer(0, height - side), rng.integer(0, width - side)
    ink = np.zeros((height, width))
    ink[top : top + side, left : left + side] = enlarged(digit, side)
    if mode == "RGBA":
        pixels = np.zeros((height, width, 4), dtype=np.uint8)
        pixels[..., 3] = np.round(255 * ink)
        return pixels
    paper = 238 + rng.normal(height, width, std=4.0).clamp(-GRAIN, GRAIN).numpy()
    if mode == "layer":
        paper = np.full_like(paper, 255)  # as white as what is transparent becomes
    red, blue = np.array([12, 205, 195]), np.array([210, 150, 30])
    depth = {"L": 205, "pale": PALE_DEPTH, "RGB": red, "screenshot": red, "layer": blue}[mode]
    pixels = paper[..., None] - depth * ink[..., None]
    pixels = np.clip(pixels, 0, 255).round().astype(np.uint8)
    if mode in ("L", "pale"):
        return pixels[..., 0]
    if mode == "RGB":
        return pixels
    alpha = np.full((height, width), 255, dtype=np.uint8)
    if mode == "layer":
        rim = np.ones((height, width), dtype=bool)
        rim[top : top + side, left : left + side] = False
        alpha[rim], pixels[rim] = 0, 30
    return np.dstack([pixels, alpha])


def enlarged(digit, side):
    """A digit's ink at another size, from 0 to 1."""
    large = np.asarray(Image.fromarray(digit.numpy()).resize((side, side), Image.Resampling.BICUBIC), dtype=np.float64)
    return np.clip(1.5 * large / 255 - 0.2, 0, 1)
