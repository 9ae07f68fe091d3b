"""Cases of `training` that students do not have: new inputs at every grading."""

from grader.kit import cases_of, exercise
from grader.kit.training.accuracy import assert_accuracy
from grader.kit.training.lessons import Lesson

from . import visible
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


@cases_of(visible.test_training_steps, weight=10)
def test_steps_of_training(student, rng):
    assert_steps_of_batches(student, Lesson.draw(rng))


@exercise("training", weight=2)
def test_training_follows_the_definition(student, rng):
    """The weights are exactly those of one step for each batch, of the optimizer that is given, epoch after epoch."""
    assert_training_updates(student, Lesson.draw(rng), 3)


@exercise("training", weight=2, after=test_steps_of_training)
def test_digits_are_learned(student, rng):
    """A network learns to read digits, with its classes renamed."""
    assert_accuracy(student, rng, digits_accuracy)


@exercise("training", weight=2)
def test_training_loss_and_accuracy(student, rng):
    """The loss and the accuracy of an epoch are means over samples."""
    assert_training_numbers(student, Lesson.draw(rng), 3)


@exercise("training", weight=2)
def test_evaluation_loss_and_accuracy(student, rng):
    """The loss and the accuracy of an evaluation are means over samples."""
    assert_evaluation_numbers(student, Lesson.draw(rng))


@cases_of(visible.test_training_types)
def test_types_of_training(student, rng):
    assert_types(student, Lesson.draw(rng))


@exercise("training")
def test_mode_of_training(student, rng):
    """Training runs in train mode, epoch after epoch, and sets no seed."""
    assert_train_modes(student, Lesson.draw(rng, dropout=0.4, shuffle=True))


@exercise("training")
def test_mode_of_evaluation(student, rng):
    """Evaluation runs in eval mode."""
    assert_eval_modes(student, Lesson.draw(rng, dropout=0.4))


@exercise("training")
def test_passes_of_an_epoch(student, rng):
    """Each training batch goes through the model once."""
    assert_one_pass(student, Lesson.draw(rng, dropout=0.4, norm=True))


@exercise("training", weight=2)
def test_evaluation_leaves_everything(student, rng):
    """Evaluation builds no graph and changes neither weights nor buffers."""
    assert_evaluation_only_looks(student, Lesson.draw(rng, norm=True))


@cases_of(visible.test_training_loss_fn)
def test_any_loss_function(student, rng):
    assert_loss_fn_is_used(student, Lesson.draw(rng), 0.1 + 0.1 * rng.integer(1, 5))


@cases_of(visible.test_training_device)
def test_training_on_a_gpu(student, rng):
    assert_devices(student, Lesson.draw(rng))
