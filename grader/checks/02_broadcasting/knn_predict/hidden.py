"""Cases of `knn_predict` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of, exercise

from . import visible
from .judges import (
    apart,
    assert_good_citizen_knn,
    assert_knn,
    assert_knn_vectorised,
    assert_own_labels,
    assert_reads_digits,
    assert_whole_labels,
    digits,
    labelled_points,
)


@exercise("knn_predict", weight=3, after="test_knn_predict_is_own_work")
@pytest.mark.parametrize(
    ("n", "m", "d", "k"), [(30, 9, 3, 1), (40, 12, 2, 3), (25, 10, 5, 6), (30, 1, 4, 5), (9, 6, 1, 9)]
)
def test_neighbours_of_any_points_vote(student, rng, n, m, d, k):
    """Any points, any labels, any k."""
    xtr, ytr, xte = labelled_points(rng, n, m, d, k)
    apart(student, assert_knn, xtr, ytr, xte, k)
    apart(student, assert_knn, xtr.double().T.contiguous().T, 2 * ytr + 3, xte.double(), k)


@exercise("knn_predict", weight=2, after="test_knn_predict_is_own_work")
def test_any_tie(student, rng):
    """In a tie, the smallest label wins, however near the others are."""
    for k in (2, 4):
        xtr, _, xte = labelled_points(rng, 20, 15, 2, k)
        apart(student, assert_knn, xtr, rng.permutation(20), xte, k)
        apart(student, assert_knn, xtr, rng.permutation(20) // 7, xte, k)


@cases_of(visible.test_each_point_is_its_own_neighbour)
def test_every_training_point_is_its_own_neighbour(student, rng):
    xtr, ytr, _ = labelled_points(rng, 40, 0, 6, 1, classes=8)
    apart(student, assert_own_labels, xtr, ytr)


@cases_of(visible.test_labels_are_whole_numbers)
def test_any_labels_are_whole_numbers(student, rng):
    apart(student, assert_whole_labels, *labelled_points(rng, 15, 6, 3, 3), 3)


@cases_of(visible.test_knn_predict_is_a_good_citizen)
def test_knn_predict_leaves_its_inputs_alone(student, rng):
    points = (*labelled_points(rng, 15, 6, 3, 3), 3)
    apart(student, assert_good_citizen_knn, *points)


@cases_of(visible.test_knn_predict_without_loops_over_points, weight=2)
def test_many_points_without_loops_over_points(student, rng):
    apart(student, assert_knn_vectorised, labelled_points(rng, 1000, 0, 4, 3), rng.normal(1800, 4), 3)


@exercise("knn_predict", weight=3, after="test_knn_predict_is_own_work")
@pytest.mark.parametrize("k", [1, 3, 5])
def test_all_digits_are_read(student, rng, k):
    """At least 94 % of 797 digits, having seen 1000; also if the classes have other names."""
    _, ytr, _, yte = digits()
    renamed = rng.permutation(10)
    apart(student, assert_reads_digits, renamed[ytr], renamed[yte], 797, k)
