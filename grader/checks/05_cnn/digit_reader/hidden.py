"""Cases of `digit_reader` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import assert_that, cases_of, exercise, load_checkpoint, read_checkpoint, tr
from grader.kit.training.accuracy import accuracy_of_logits, percent
from grader.kit.training.checkpoints import MAX_BYTES

from . import visible
from .judges import (
    PREDICT,
    assert_confusion,
    assert_only_looks,
    assert_predicts,
    assert_predicts_on_a_gpu,
    assert_trained_network,
    assert_types_of_prediction,
)
from .pictures import MODES, test_digits
from .preparing import assert_preprocessed, assert_reads, assert_type_of_preprocessed


@cases_of(visible.test_preprocessed_digit, weight=3)
@pytest.mark.parametrize("mode", MODES)
def test_any_scan(student, rng, mode):
    assert_preprocessed(student, rng, mode)


@cases_of(visible.test_ten_scans, weight=2)
def test_ten_other_scans(student, rng):
    assert_reads(student, rng)


@cases_of(visible.test_type_of_preprocessed, weight=0.5)
def test_type_of_any_scan(student, rng):
    assert_type_of_preprocessed(student, rng)


@cases_of(visible.test_prediction, weight=2)
def test_any_prediction(student, rng):
    assert_predicts(student, rng)


@cases_of(visible.test_types_of_prediction, weight=0.5)
def test_types_of_any_prediction(student, rng):
    assert_types_of_prediction(student, rng)


@cases_of(visible.test_prediction_only_looks, weight=0.5)
def test_any_prediction_only_looks(student, rng):
    assert_only_looks(student, rng)


@cases_of(visible.test_prediction_device, weight=0.5)
def test_device_of_any_prediction(student, rng):
    assert_predicts_on_a_gpu(student, rng)


@cases_of(visible.test_confusion_matrix)
@pytest.mark.parametrize(("n", "classes"), [(60, 4), (1, 3), (0, 2)])
def test_any_confusion_matrix(student, rng, n, classes):
    assert_confusion(student, rng.integers(0, classes, n), rng.integers(0, classes, n), classes)


@cases_of(visible.test_trained_network, weight=2)
def test_network_on_unseen_digits(student, rng):
    assert_trained_network(student, rng)


CHECKPOINT = "checkpoints/my_cnn.pt"


@exercise("digit_reader", weight=0)
def test_submitted_network(student):
    """No points: the network that you trained and handed in, checkpoints/my_cnn.pt, reads 95 % of the test digits."""
    if student.file(CHECKPOINT, max_bytes=MAX_BYTES) is None:
        pytest.skip("nothing was handed in")
    model = load_checkpoint(student, student.SmallCNN(), read_checkpoint(student, CHECKPOINT))
    images, labels = test_digits()
    logits = student.define(PREDICT, "predict")(model, images.unsqueeze(1).float() / 255)
    accuracy = accuracy_of_logits(logits, labels, 10, name="model(images)")
    assert_that(
        accuracy >= 0.95,
        tr("Your trained network reads too few digits rightly."),
        expected=percent(0.95),
        actual=percent(accuracy),
        hint=tr("Look at your learning curves, run the training cell again, and hand the new file in."),
    )
