"""Decides whether `fit` stops when it should."""

from grader.kit import assert_that, tr, trn
from grader.kit.training.histories import validation_losses
from grader.kit.training.probes import assert_trained

from ..early_stopping.judges import stopping_table
from .scripted import PATIENCE, SCRIPT, SCRIPT_LR, at_their_size, fitted

MOST = len(SCRIPT) + 1
EQUAL = [2.0] * MOST
"""The validation losses of a training with a learning rate of 0, but for their size."""


@at_their_size
def assert_fit_stops_early(student, lessons):
    lab, _ = fitted(student, lessons.scripted(), epochs=MOST, lr=SCRIPT_LR, patience=PATIENCE)
    ran, table = len(assert_trained(lab)), stopping_table(PATIENCE, 0.0, validation_losses(lab))
    assert_that(
        ran == len(table) and (table[-1][0] or ran == MOST),
        tr("With patience={patience}, training ends after the wrong number of epochs.", patience=PATIENCE),
        expected=count_of(len(table) if table[-1][0] else SCRIPT.rindex("b") + 2 + PATIENCE),
        actual=count_of(ran),
    )


@at_their_size
def assert_fit_stops_at_equal_losses(student, lessons):
    """No epoch is better than the first."""
    lab, _ = fitted(student, lessons.draw(), epochs=MOST, lr=0.0, patience=PATIENCE)
    ran, wanted = len(assert_trained(lab)), len(stopping_table(PATIENCE, 0.0, EQUAL))
    assert_that(
        ran == wanted,
        tr("When the validation loss stays the same, training ends after the wrong number of epochs."),
        expected=count_of(wanted),
        actual=count_of(ran),
    )


@at_their_size
def assert_fit_runs_every_epoch(student, lessons):
    most = 8
    lab, _ = fitted(student, lessons.draw(), epochs=most, lr=0.0)  # no epoch is better than the first
    ran = len(assert_trained(lab))
    assert_that(
        ran == most,
        tr("Without patience, training does not run every epoch."),
        expected=count_of(most),
        actual=count_of(ran),
    )


def count_of(epochs):
    return trn("{n} epoch", "{n} epochs", epochs)
