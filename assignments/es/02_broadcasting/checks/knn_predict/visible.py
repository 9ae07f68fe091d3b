"""Cases of `knn_predict` that students have."""

import pytest
import torch

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import (
    apart,
    assert_good_citizen_knn,
    assert_knn,
    assert_knn_vectorised,
    assert_own_labels,
    assert_own_neighbours,
    assert_reads_digits,
    assert_whole_labels,
    digits,
    labelled_points,
)


@exercise("knn_predict")
def test_knn_predict_is_own_work(student):
    """The neighbours are found with operations on tensors, and by no other library."""
    apart(student, assert_own_neighbours, *labelled_points(Rng(FIXED), 12, 5, 2, 3), 3)


@exercise("knn_predict", weight=3, after=test_knn_predict_is_own_work)
@pytest.mark.parametrize("k", [1, 3])
def test_neighbours_vote(student, k):
    """Each point gets the label that most of its k nearest neighbours have."""
    xtr = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [9.0, 9.0], [9.0, 8.0], [8.0, 9.0], [0.2, 0.1]])
    ytr = torch.tensor([4, 4, 4, 7, 7, 7, 9])
    apart(student, assert_knn, xtr, ytr, torch.tensor([[0.25, 0.2], [8.75, 8.5], [7.0, 7.5], [0.1, 0.7]]), k)


@exercise("knn_predict", after=test_knn_predict_is_own_work)
def test_ties(student):
    """In a tie, the smallest label wins."""
    xtr, ytr = torch.tensor([[0.0], [1.0], [3.0], [4.5], [12.0], [15.0]]), torch.tensor([6, 2, 6, 2, 3, 8])
    apart(student, assert_knn, xtr, ytr, torch.tensor([[0.2], [0.9], [14.5]]), 2)
    apart(student, assert_knn, xtr, ytr, torch.tensor([[1.2], [2.9]]), 4)


@exercise("knn_predict", after=test_knn_predict_is_own_work)
def test_each_point_is_its_own_neighbour(student):
    """With k=1, the training points themselves get their own labels."""
    xtr, ytr, _ = labelled_points(Rng(FIXED), 30, 0, 4, 1)
    apart(student, assert_own_labels, xtr, ytr)


@exercise("knn_predict", after=test_knn_predict_is_own_work)
def test_labels_are_whole_numbers(student):
    """The labels are whole numbers (int64)."""
    apart(student, assert_whole_labels, *labelled_points(Rng(FIXED), 12, 5, 2, 3), 3)


@exercise("knn_predict", after=test_knn_predict_is_own_work)
def test_knn_predict_is_a_good_citizen(student):
    """The inputs stay as they were, and it would work on a GPU."""
    points = (*labelled_points(Rng(FIXED), 12, 5, 2, 3), 3)
    apart(student, assert_good_citizen_knn, *points)


@exercise("knn_predict", after=[test_knn_predict_is_own_work, test_neighbours_vote])
def test_knn_predict_without_loops_over_points(student):
    """No loop over points (one over blocks of them is allowed), and fast."""
    rng = Rng(FIXED)
    apart(student, assert_knn_vectorised, labelled_points(rng, 800, 0, 3, 3), rng.normal(900, 3), 3)


@exercise("knn_predict", weight=2, after=test_knn_predict_is_own_work)
def test_digits_are_read(student):
    """At least 94 % of the first 200 test digits, having seen 1000."""
    _, ytr, _, yte = digits()
    apart(student, assert_reads_digits, ytr, yte, 200, 3)
