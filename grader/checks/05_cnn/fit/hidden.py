"""Cases of `fit` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import exercise

from .judges import (
    assert_fit_device,
    assert_fit_history,
    assert_fit_keeps_the_best,
    assert_fit_learns,
    assert_fit_losses,
    assert_fit_modes,
    assert_fit_seeded,
    assert_fit_updates,
    assert_fit_validation_only_looks,
)
from .saving import assert_fit_checkpoint, assert_fit_saves_each_best, assert_fit_saves_nothing
from .stopping import assert_fit_runs_every_epoch, assert_fit_stops_early


@exercise("fit")
def test_history_of_any_training(student, rng):
    """The history holds one finite Python float for each epoch, and the best epoch."""
    assert_fit_history(student, rng, rng.integer(1, 5))


@exercise("fit", weight=2)
@pytest.mark.parametrize(("epochs", "lr"), [(4, 0.1), (3, 0.03)])
def test_every_update(student, rng, epochs, lr):
    """Each batch makes one step of Adam, from its own gradients."""
    assert_fit_updates(student, rng, epochs, lr)


@exercise("fit", weight=22)
def test_learning_of_any_lesson(student, rng):
    """The model learns: its loss on the training samples falls."""
    assert_fit_learns(student, rng)


@exercise("fit", weight=2)
def test_modes_of_every_epoch(student, rng):
    """Every epoch trains in train mode and validates in eval mode."""
    assert_fit_modes(student, rng, rng.integer(3, 5))


@exercise("fit", weight=2)
def test_validation_of_every_epoch(student, rng):
    """Validation builds no graph and changes nothing; afterwards autograd is on."""
    assert_fit_validation_only_looks(student, rng, 3)


@exercise("fit", weight=2)
def test_losses_of_every_epoch(student, rng):
    """Losses and accuracy are means over samples, whatever the size of the last batch."""
    assert_fit_losses(student, rng, rng.integer(2, 4))


@exercise("fit", weight=3)
def test_weights_of_the_best_epoch(student, rng):
    """The model is left with the weights of the lowest validation loss, in eval mode."""
    assert_fit_keeps_the_best(student, rng)


@exercise("fit", weight=2)
def test_stopping_early(student, rng):
    """Training ends after `patience` epochs in a row without improvement."""
    assert_fit_stops_early(student, rng)


@exercise("fit")
def test_no_patience(student, rng):
    """Without patience every epoch is run."""
    assert_fit_runs_every_epoch(student, rng)


@exercise("fit", weight=2)
def test_saved_weights(student, rng):
    """The checkpoint is the best state_dict, in a folder that may not exist yet."""
    assert_fit_checkpoint(student, rng)


@exercise("fit")
def test_saved_at_each_best_epoch(student, rng):
    """The checkpoint is written whenever there is a new best, not only at the end."""
    assert_fit_saves_each_best(student, rng)


@exercise("fit", weight=0.5)
def test_nothing_saved(student, rng):
    """Without checkpoint_path no file is left behind."""
    assert_fit_saves_nothing(student, rng)


@exercise("fit", weight=2)
def test_any_device(student, rng):
    """Model and batches move to the device."""
    assert_fit_device(student, rng)


@exercise("fit", weight=2)
def test_repeatable(student, rng):
    """The same seed gives the same result; another seed, or none, another one."""
    assert_fit_seeded(student, rng, rng.integer(1, 1000))
