"""Cases of `split_train_val` that students do not have: new inputs at every grading."""

from grader.kit import cases_of

from . import visible
from .judges import assert_random_split, assert_split, assert_split_leaves_generators, assert_split_reads_nothing


@cases_of(visible.test_split_holds_every_sample_once, weight=3)
def test_any_split(student, rng):
    for n, fraction in ((1, 0.0), (2, 0.4), (31, 0.2), (rng.integer(40, 90), 0.37), (18, 0.9)):
        size = fraction * n
        if abs(size - int(size) - 0.5) > 1e-6:
            assert_split(student, n, fraction, rng.integer(0, 1000))


@cases_of(visible.test_split_is_random_and_repeatable, weight=4)
def test_random_split(student, rng):
    size = 10 * rng.integer(7, 12) + rng.integer(0, 5)  # no 0.3 of it is a half, which people round up or to even
    assert_random_split(student, size, 0.3, rng.integer(0, 1000))


@cases_of(visible.test_split_leaves_the_generators_alone, weight=0.5)
def test_generators_of_any_split(student, rng):
    assert_split_leaves_generators(student, rng.integer(10, 30), rng.integer(0, 1000))


@cases_of(visible.test_split_reads_no_sample, weight=0.5)
def test_reads_nothing_of_any_size(student, rng):
    assert_split_reads_nothing(student, rng.integer(10, 30), rng.integer(0, 1000))
