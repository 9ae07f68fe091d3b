"""Cases of `fit` that students have."""

from grader.kit import Rng, exercise

from ..common import FIXED
from .judges import (
    assert_fit_best_epoch,
    assert_fit_device,
    assert_fit_ends_in_eval_mode,
    assert_fit_history,
    assert_fit_keeps_the_best,
    assert_fit_learns,
    assert_fit_leaves_autograd_on,
    assert_fit_losses,
    assert_fit_modes,
    assert_fit_seeded,
    assert_fit_updates,
    assert_fit_validation_only_looks,
)
from .saving import assert_fit_checkpoint, assert_fit_saves_each_best, assert_fit_saves_nothing
from .scripted import SCRIPTED, UNSAID, assert_any_batch_size
from .stopping import assert_fit_runs_every_epoch, assert_fit_stops_at_equal_losses, assert_fit_stops_early


@exercise("fit", weight=0.5)
def test_history(student):
    """The history holds one finite Python float for each epoch, and the best epoch."""
    assert_fit_history(student, Rng(FIXED), 3)


@exercise("fit", weight=3)
def test_learning(student):
    """The model learns from the training samples, and from them alone: their loss falls."""
    assert_fit_learns(student, Rng(FIXED))


@exercise("fit", weight=8, after=test_learning)
def test_autograd_afterwards(student):
    """Afterwards autograd is on, as it was: whoever trains next in the notebook can."""
    assert_fit_leaves_autograd_on(student, Rng(FIXED))


@exercise("fit", weight=5, after=test_learning)
def test_batch_sizes(student):
    """A batch may have any size, and the last one a smaller one: all its samples are trained on."""
    assert_any_batch_size(student, Rng(FIXED), (4, 16))


@exercise("fit", weight=4, after=test_learning)
def test_updates(student):
    """Each batch makes one step of Adam, from its own gradients."""
    assert_fit_updates(student, Rng(FIXED), 3)
    assert_fit_updates(student, Rng(FIXED), 1, UNSAID)


@exercise("fit")
def test_modes(student):
    """Every epoch trains in train mode and validates in eval mode."""
    assert_fit_modes(student, Rng(FIXED), 3)


@exercise("fit")
def test_validation_only_looks(student):
    """Validation builds no graph and changes nothing."""
    assert_fit_validation_only_looks(student, Rng(FIXED), 3)


@exercise("fit", weight=2)
def test_losses_are_means_over_samples(student):
    """Losses and accuracy are means over samples, whatever the size of the last batch."""
    assert_fit_losses(student, Rng(FIXED), 2)


@exercise("fit", weight=3, after=test_learning)
def test_best_weights(student):
    """The model is left with the weights of the lowest validation loss."""
    assert_fit_keeps_the_best(student, Rng(SCRIPTED))


@exercise("fit", weight=0.5)
def test_best_epoch(student):
    """The best epoch is the index of the lowest validation loss, of the first one where several are equal."""
    assert_fit_best_epoch(student, Rng(SCRIPTED))


@exercise("fit", weight=0.5)
def test_left_in_eval_mode(student):
    """The model is left in eval mode."""
    assert_fit_ends_in_eval_mode(student, Rng(FIXED))


@exercise("fit", weight=3, after=test_learning)
def test_early_stopping(student):
    """Training ends after `patience` epochs in a row without improvement."""
    assert_fit_stops_early(student, Rng(SCRIPTED))


@exercise("fit", weight=0.5)
def test_equal_losses(student):
    """A loss that equals the best is no improvement."""
    assert_fit_stops_at_equal_losses(student, Rng(FIXED))


@exercise("fit", weight=0.5)
def test_every_epoch_without_patience(student):
    """Without patience every epoch is run."""
    assert_fit_runs_every_epoch(student, Rng(FIXED))


@exercise("fit", after=test_learning)
def test_checkpoint(student):
    """The checkpoint is the best state_dict, in a folder that may not exist yet."""
    assert_fit_checkpoint(student, Rng(SCRIPTED))


@exercise("fit", weight=0.5, after=test_learning)
def test_checkpoint_of_each_best_epoch(student):
    """The checkpoint is written whenever there is a new best, not only at the end."""
    assert_fit_saves_each_best(student, Rng(SCRIPTED))


@exercise("fit", weight=0.5)
def test_no_checkpoint(student):
    """Without checkpoint_path no file is left behind."""
    assert_fit_saves_nothing(student, Rng(FIXED))


@exercise("fit")
def test_device(student):
    """Model and batches move to the device."""
    assert_fit_device(student, Rng(FIXED))


@exercise("fit")
def test_seed(student):
    """The same seed gives the same result; another seed, or none, another one."""
    assert_fit_seeded(student, Rng(FIXED), 5)
