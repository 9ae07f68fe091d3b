"""Decides whether `fit` stops when it should."""

import math

from grader.kit import assert_that, tr
from grader.kit.failures import CheckFailure
from grader.kit.training.hints import BEST_STARTS_LOW
from grader.kit.training.histories import validation_losses
from grader.kit.training.lessons import Lesson
from grader.kit.training.probes import assert_trained

from ..early_stopping.judges import followed, stopping_table
from .scripted import (
    CHOSEN_BY_BATCH_MEANS,
    CHOSEN_BY_OTHER_NUMBERS,
    PATIENCE,
    SCRIPT,
    SCRIPT_LR,
    batch_means,
    finite,
    fitted,
    scripted,
)

STOPS_EARLY = tr("It stops although the validation loss improved meanwhile: an improvement starts the count again.")
STOPS_AT_ONCE = tr("It stops at the first epoch without improvement, although patience is 2: it takes 2 in a row.")
STOPS_LATE = tr("It goes on for too long: it stops at epoch number `patience` in a row without improvement.")
STOPS_ON_TRAINING = tr("It stops by the training loss: the validation loss decides.")
STOPS_ON_RISES = tr("It stops as if a higher loss were better: a loss is better when it is lower.")
STOPS_BY_THE_ONE_BEFORE = tr("Each loss is compared with the one before it: compare with the best so far.")
NEVER_STOPS = tr("It never stops early: compare each validation loss with the best so far.")
EQUAL_LOSS = tr("A loss that equals the best is no new lowest one: compare with <.")
WHEN_TO_STOP = tr(
    "Count the epochs in a row whose validation loss is no new lowest one: training ends when there are `patience`."
)
STOPS_UNASKED = tr("With patience=None every epoch is run.")


def assert_fit_stops_early(student, rng):
    most = len(SCRIPT) + 1
    runs = [
        (*fitted(student, scripted(rng), epochs=most, lr=SCRIPT_LR, patience=PATIENCE), None),
        (*fitted(student, Lesson.draw(rng), epochs=most, lr=0.0, patience=PATIENCE), EQUAL),
    ]
    for lab, history, same in runs:
        table = stopping_table(PATIENCE, 0.0, same or validation_losses(lab))
        wanted = len(table) if table[-1][0] else most
        ran = len(assert_trained(lab))
        if ran == len(history["val_loss"]) == wanted:
            continue
        raise CheckFailure(
            tr("When the validation loss stays the same, training ends after the wrong number of epochs.")
            if same
            else tr("With patience={patience}, training ends after the wrong number of epochs.", patience=PATIENCE),
            expected=tr("{n} epochs", n=wanted if table[-1][0] else SCRIPT.rindex("b") + 2 + PATIENCE),
            actual=tr("{n} epochs", n=ran),
            hint=why_it_stopped(runs, most),
        )


EQUAL = [2.0] * (len(SCRIPT) + 1)
"""The validation losses of a training with a learning rate of 0, but for their size."""

STOPPING_MISTAKES = (
    (BEST_STARTS_LOW, {"start": 1.0}),
    (STOPS_AT_ONCE, {"late": -1}),
    (STOPS_LATE, {"late": 1}),
    (STOPS_EARLY, {"resets": False}),
    (EQUAL_LOSS, {"is_better": lambda loss, best, _, __: loss <= best}),
    (STOPS_BY_THE_ONE_BEFORE, {"is_better": lambda loss, _, last, __: loss < last}),
    (STOPS_ON_RISES, {"is_better": lambda loss, best, _, __: loss > best, "start": -math.inf}),
    (STOPS_ON_RISES, {"is_better": lambda loss, best, _, __: loss > best, "start": 0.0}),
    (NEVER_STOPS, {"late": math.inf}),
)
"""Mistakes, as `followed` makes them."""


def why_it_stopped(runs, most):
    """The one mistake that ends every run where the student's code ended it, if there is just one."""
    ran = [len(assert_trained(lab)) for lab, _, _ in runs]

    def ends(numbers, **mistake):
        """Where training ends by these numbers; it may have ended before all of them were seen."""
        stops = [[stops for stops, _ in followed(PATIENCE, 0.0, losses, **mistake)] for losses in numbers]
        return [(found.index(True) + 1 if True in found else most) for found in stops]

    losses = [same or validation_losses(lab) for lab, _, same in runs]
    training = [[loss for loss in history["train_loss"] if type(loss) is float] for _, history, _ in runs]
    candidates = [(hint, ends(losses, **mistake)) for hint, mistake in STOPPING_MISTAKES]
    candidates.append((STOPS_ON_TRAINING, ends(training)))
    hints = [hint for hint, found in candidates if found == ran]
    if hints and all(hint == hints[0] for hint in hints):
        return hints[0]
    if not hints and len(losses[0]) > 1 and losses[0][-1] < min(losses[0][:-1]):
        return STOPS_EARLY  # the very epoch that ended the training was a new best
    if not hints and ends([same or batch_means(lab) for lab, _, same in runs]) == ran:
        return CHOSEN_BY_BATCH_MEANS
    given = [same or finite(history["val_loss"]) for _, history, same in runs]
    if not hints and ends(given) == ran:
        return CHOSEN_BY_OTHER_NUMBERS
    return WHEN_TO_STOP


def assert_fit_runs_every_epoch(student, rng):
    most = 8
    lab, history = fitted(student, Lesson.draw(rng), epochs=most, lr=0.0)  # no epoch is better than the first
    assert_that(
        len(assert_trained(lab)) == len(history["val_loss"]) == most,
        tr("Without patience, training does not run every epoch."),
        expected=tr("{n} epochs", n=most),
        actual=tr("{n} epochs", n=len(history["val_loss"])),
        hint=STOPS_UNASKED,
    )
