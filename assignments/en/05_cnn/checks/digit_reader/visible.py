"""Cases of `digit_reader` that students have."""

import pytest
import torch

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import assert_confusion, assert_predicts, assert_predicts_on_a_gpu, assert_trained_network
from .pictures import MODES
from .preparing import assert_preprocessed, assert_reads


@exercise("digit_reader")
@pytest.mark.parametrize("mode", MODES)
def test_preprocessed_digit(student, mode):
    """A scan (gray, pale, in colour, transparent, a screenshot) becomes a digit like those of the training set."""
    assert_preprocessed(student, Rng(FIXED), mode)


@exercise("digit_reader")
def test_ten_scans(student):
    """Ten scanned digits can be recognised after your preparation."""
    assert_reads(student, Rng(FIXED))


@exercise("digit_reader")
def test_prediction(student):
    """A prediction is a label and ten probabilities, in eval mode and without autograd."""
    assert_predicts(student, Rng(FIXED))
    assert_predicts_on_a_gpu(student, Rng(FIXED))


@exercise("digit_reader")
def test_confusion_matrix(student):
    """Rows are true classes, columns are predictions, entries are counts."""
    actual = torch.tensor([0, 0, 1, 2, 2, 2, 3])
    predicted = torch.tensor([0, 1, 1, 2, 0, 0, 3])
    assert_confusion(student, predicted, actual, 5)


@exercise("digit_reader")
def test_trained_network(student):
    """Your network, trained by your fit, recognises digits that it never saw."""
    assert_trained_network(student, Rng(FIXED))
