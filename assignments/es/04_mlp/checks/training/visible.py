"""Cases of `training` that students have."""

from grader.kit import Rng, exercise
from grader.kit.training.accuracy import assert_accuracy
from grader.kit.training.lessons import Lesson

from .accuracy import digits_accuracy
from .judges import (
    assert_devices,
    assert_eval_modes,
    assert_evaluation_numbers,
    assert_evaluation_only_looks,
    assert_loss_fn_is_used,
    assert_one_pass,
    assert_train_modes,
    assert_training_numbers,
    assert_types,
)
from .updates import assert_steps_of_batches, assert_training_updates


@exercise("training", weight=10)
def test_training_steps(student):
    """Each batch makes one step, from the gradient of its own loss."""
    assert_steps_of_batches(student, Lesson.draw(Rng(1)))


@exercise("training", weight=2)
def test_training_updates(student):
    """The weights are exactly those of one step for each batch, of the optimizer that is given."""
    assert_training_updates(student, Lesson.draw(Rng(1)), 2)


@exercise("training", weight=2, after=test_training_steps)
def test_training_accuracy(student):
    """A network learns to read digits: 784-64-10, 6 epochs."""
    assert_accuracy(student, Rng(8), digits_accuracy)


@exercise("training", weight=2)
def test_training_numbers(student):
    """train_epoch returns the mean loss and the accuracy over samples; the last batch is smaller."""
    assert_training_numbers(student, Lesson.draw(Rng(2)), 2)


@exercise("training", weight=2)
def test_evaluation_numbers(student):
    """evaluate returns the mean loss and the accuracy over samples."""
    assert_evaluation_numbers(student, Lesson.draw(Rng(3)))


@exercise("training")
def test_training_types(student):
    """Both functions return a tuple of two Python floats."""
    assert_types(student, Lesson.draw(Rng(3)))


@exercise("training")
def test_training_modes(student):
    """train_epoch trains in train mode, epoch after epoch, and sets no seed."""
    assert_train_modes(student, Lesson.draw(Rng(4), dropout=0.5, shuffle=True))


@exercise("training")
def test_evaluation_modes(student):
    """evaluate measures in eval mode."""
    assert_eval_modes(student, Lesson.draw(Rng(4), dropout=0.5))


@exercise("training")
def test_training_passes(student):
    """Loss and accuracy are of the logits that the step was made from: each batch goes through the model once."""
    assert_one_pass(student, Lesson.draw(Rng(9), dropout=0.5, norm=True))


@exercise("training", weight=2)
def test_evaluation_only_looks(student):
    """evaluate builds no graph and changes neither weights nor buffers."""
    assert_evaluation_only_looks(student, Lesson.draw(Rng(5), norm=True))


@exercise("training")
def test_training_loss_fn(student):
    """The loss is that of the loss function that is given."""
    assert_loss_fn_is_used(student, Lesson.draw(Rng(6)), 0.3)


@exercise("training")
def test_training_device(student):
    """Model and batches move to the device that is given."""
    assert_devices(student, Lesson.draw(Rng(7)))
