"""Cases of `fit` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of

from . import visible
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
from .scripted import UNSAID, assert_any_batch_size
from .stopping import assert_fit_runs_every_epoch, assert_fit_stops_at_equal_losses, assert_fit_stops_early


@cases_of(visible.test_history, weight=0.5)
def test_history_of_any_training(student, rng):
    assert_fit_history(student, rng, rng.integer(1, 5))


@cases_of(visible.test_autograd_afterwards, weight=16)
def test_autograd_after_any_training(student, rng):
    assert_fit_leaves_autograd_on(student, rng)


@cases_of(visible.test_batch_sizes, weight=9)
def test_batches_of_other_sizes(student, rng):
    assert_any_batch_size(student, rng, (rng.choice([3, 7]), 10))


@cases_of(visible.test_updates, weight=8)
@pytest.mark.parametrize(("epochs", "lr"), [(4, 0.1), (3, 0.03), pytest.param(2, UNSAID, id="2-unsaid")])
def test_every_update(student, rng, epochs, lr):
    assert_fit_updates(student, rng, epochs, lr)


@cases_of(visible.test_learning, weight=3)
def test_learning_of_any_lesson(student, rng):
    assert_fit_learns(student, rng)


@cases_of(visible.test_modes, weight=2)
def test_modes_of_every_epoch(student, rng):
    assert_fit_modes(student, rng, rng.integer(3, 5))


@cases_of(visible.test_validation_only_looks, weight=2)
def test_validation_of_every_epoch(student, rng):
    assert_fit_validation_only_looks(student, rng, 3)


@cases_of(visible.test_losses_are_means_over_samples, weight=4)
def test_losses_of_every_epoch(student, rng):
    assert_fit_losses(student, rng, rng.integer(2, 4))


@cases_of(visible.test_best_weights, weight=6)
def test_weights_of_the_best_epoch(student, rng):
    assert_fit_keeps_the_best(student, rng)


@cases_of(visible.test_best_epoch)
def test_index_of_the_best_epoch(student, rng):
    assert_fit_best_epoch(student, rng)


@cases_of(visible.test_left_in_eval_mode)
def test_mode_afterwards(student, rng):
    assert_fit_ends_in_eval_mode(student, rng)


@cases_of(visible.test_early_stopping, weight=5)
def test_stopping_early(student, rng):
    assert_fit_stops_early(student, rng)


@cases_of(visible.test_equal_losses)
def test_equal_losses_of_any_size(student, rng):
    assert_fit_stops_at_equal_losses(student, rng)


@cases_of(visible.test_every_epoch_without_patience)
def test_no_patience(student, rng):
    assert_fit_runs_every_epoch(student, rng)


@cases_of(visible.test_checkpoint, weight=2)
def test_saved_weights(student, rng):
    assert_fit_checkpoint(student, rng)


@cases_of(visible.test_checkpoint_of_each_best_epoch)
def test_saved_at_each_best_epoch(student, rng):
    assert_fit_saves_each_best(student, rng)


@cases_of(visible.test_no_checkpoint, weight=0.5)
def test_nothing_saved(student, rng):
    assert_fit_saves_nothing(student, rng)


@cases_of(visible.test_device, weight=2)
def test_any_device(student, rng):
    assert_fit_device(student, rng)


@cases_of(visible.test_seed, weight=2)
def test_repeatable(student, rng):
    assert_fit_seeded(student, rng, rng.integer(1, 1000))
