"""Cases of `digit_reader` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import assert_that, exercise, load_checkpoint, read_checkpoint, tr
from grader.kit.training.accuracy import accuracy_of_logits, percent
from grader.kit.training.checkpoints import MAX_BYTES

from .judges import PREDICT, assert_confusion, assert_predicts, assert_predicts_on_a_gpu, assert_trained_network
from .pictures import MODES, test_digits
from .preparing import assert_preprocessed, assert_reads


@exercise("digit_reader")
@pytest.mark.parametrize("mode", MODES)
def test_any_scan(student, rng, mode):
    """A scan (gray, pale, in colour, transparent, a screenshot) becomes a digit like those of the training set."""
    assert_preprocessed(student, rng, mode)


@exercise("digit_reader", weight=2)
def test_ten_other_scans(student, rng):
    """Ten scanned digits can be recognised after your preparation."""
    assert_reads(student, rng)


@exercise("digit_reader", weight=2)
def test_any_prediction(student, rng):
    """A prediction is a label and ten probabilities, in eval mode and without autograd."""
    assert_predicts(student, rng)
    assert_predicts_on_a_gpu(student, rng)


@exercise("digit_reader")
@pytest.mark.parametrize(("n", "classes"), [(60, 4), (1, 3), (0, 2)])
def test_any_confusion_matrix(student, rng, n, classes):
    """Rows are true classes, columns are predictions, entries are counts."""
    assert_confusion(student, rng.integers(0, classes, n), rng.integers(0, classes, n), classes)


@exercise("digit_reader", weight=3)
def test_network_on_unseen_digits(student, rng):
    """Your network, trained by your fit, recognises digits that it never saw."""
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
