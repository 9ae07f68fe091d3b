"""Cases of `split_train_val` that students have."""

import pytest

from grader.kit import exercise

from .judges import assert_random_split, assert_split, assert_split_leaves_generators, assert_split_reads_nothing


@exercise("split_train_val", weight=3)
@pytest.mark.parametrize(("n", "fraction"), [(20, 0.25), (23, 0.1), (7, 0.3), (5, 0.0), (40, 0.4), (11, 0.35)])
def test_split_holds_every_sample_once(student, n, fraction):
    """Every sample is in one part, for sizes that do not divide evenly too."""
    assert_split(student, n, fraction, 3)


@exercise("split_train_val", weight=4)
def test_split_is_random_and_repeatable(student):
    """The same seed gives the same split, another seed another one."""
    assert_random_split(student, 60, 0.4, 7)


@exercise("split_train_val", weight=0.5, after=test_split_holds_every_sample_once)
def test_split_leaves_the_generators_alone(student):
    """The global random generators stay as they are."""
    assert_split_leaves_generators(student, 20, 4)


@exercise("split_train_val", weight=0.5, after=test_split_holds_every_sample_once)
def test_split_reads_no_sample(student):
    """No sample is read."""
    assert_split_reads_nothing(student, 20, 5)
