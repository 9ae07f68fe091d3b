"""Cases of `split_train_val` that students do not have: new inputs at every grading."""

from grader.kit import cases_of, exercise

from . import visible
from .judges import assert_random_split, assert_split


@exercise("split_train_val")
def test_any_split(student, rng):
    """Every sample is in one part, for any size and fraction."""
    for n, fraction in ((1, 0.0), (2, 0.4), (31, 0.2), (rng.integer(40, 90), 0.37), (18, 0.9)):
        size = fraction * n
        if abs(size - int(size) - 0.5) > 1e-6:
            assert_split(student, n, fraction, rng.integer(0, 1000))


@cases_of(visible.test_split_is_random_and_repeatable)
def test_random_split(student, rng):
    size = 10 * rng.integer(7, 12) + rng.integer(0, 5)  # no 0.3 of it is a half, which people round up or to even
    assert_random_split(student, size, 0.3, rng.integer(0, 1000))
