"""Cases of `digit_reader` that students have."""

import pytest
import torch

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import (
    assert_confusion,
    assert_only_looks,
    assert_predicts,
    assert_predicts_on_a_gpu,
    assert_trained_network,
    assert_type_of_confusion,
    assert_types_of_prediction,
)
from .pictures import MODES
from .preparing import assert_preprocessed, assert_reads, assert_type_of_preprocessed


@exercise("digit_reader", weight=2)
@pytest.mark.parametrize("mode", MODES)
def test_preprocessed_digit(student, mode):
    """A scan (gray, pale, in colour, transparent, a screenshot) becomes a digit like those of the training set."""
    assert_preprocessed(student, Rng(FIXED), mode)


@exercise("digit_reader", weight=1.5)
def test_ten_scans(student):
    """Ten scanned digits can be recognised after your preparation."""
    assert_reads(student, Rng(FIXED))


@exercise("digit_reader", weight=0.5)
def test_type_of_preprocessed(student):
    """The prepared picture is float32, and the scan stays as it was."""
    assert_type_of_preprocessed(student, Rng(FIXED))


@exercise("digit_reader", weight=1.5)
def test_prediction(student):
    """A prediction is the most probable label and ten probabilities."""
    assert_predicts(student, Rng(FIXED))


@exercise("digit_reader", weight=0.5)
def test_types_of_prediction(student):
    """The label is a Python int, and the probabilities are one vector."""
    assert_types_of_prediction(student, Rng(FIXED))


@exercise("digit_reader", weight=0.5)
def test_prediction_only_looks(student):
    """The model predicts in eval mode and without autograd."""
    assert_only_looks(student, Rng(FIXED))


@exercise("digit_reader", weight=0.5)
def test_prediction_device(student):
    """The picture follows the model to its device, and the probabilities come back to the CPU."""
    assert_predicts_on_a_gpu(student, Rng(FIXED))


ACTUAL, PREDICTED = [0, 0, 1, 2, 2, 2, 3], [0, 1, 1, 2, 0, 0, 3]


@exercise("digit_reader")
def test_confusion_matrix(student):
    """Rows are true classes, columns are predictions, entries are counts."""
    assert_confusion(student, torch.tensor(PREDICTED), torch.tensor(ACTUAL), 5)


@exercise("digit_reader", weight=0.5)
def test_type_of_the_matrix(student):
    """The confusion matrix is int64."""
    assert_type_of_confusion(student, torch.tensor(PREDICTED), torch.tensor(ACTUAL), 5)


@exercise("digit_reader", after=test_prediction)
def test_trained_network(student):
    """Your SmallCNN, trained by your fit or, where that fails, by a loop of ours, reads digits that it never saw."""
    assert_trained_network(student, Rng(FIXED))
