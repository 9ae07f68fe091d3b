"""What decides `fit`, and what it says."""

from functools import lru_cache

import torch

from grader.kit import Rng, assert_equal, assert_that, tr, verbatim
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.observations import observe, unobserved
from grader.kit.training.averages import assert_accuracies, assert_losses
from grader.kit.training.histories import assert_best_weights, assert_history, best_epoch
from grader.kit.training.lab import Lab
from grader.kit.training.lessons import LR, Lesson, replay
from grader.kit.training.probes import (
    assert_eval_mode,
    assert_every_sample,
    assert_follows_adam,
    assert_no_grad,
    assert_only_training_data,
    assert_shuffled_anew,
    assert_train_mode,
    assert_trained,
    assert_trains_on_device,
    assert_validated,
    assert_validation_keeps_weights,
    autograd_left_on,
)

from .scripted import (
    SCRIPT,
    SCRIPT_LR,
    SIGNATURE_LR,
    UNSAID,
    Lessons,
    apart_from_stopping,
    at_their_size,
    explain,
    explain_size,
    fitted,
    with_fewer_to_validate,
)


@at_their_size
def assert_fit_history(student, lessons, epochs):
    lab, history = fitted(student, lessons.draw(), epochs=epochs)
    assert_trained(lab, epochs)
    assert_history(history, epochs)


@at_their_size
def assert_fit_updates(student, lessons, epochs, lr=LR):
    lab, _ = fitted(student, lessons.draw(), needs_end=False, epochs=epochs, lr=lr)
    assert_every_sample(lab)
    assert_follows_adam(lab, epochs, SIGNATURE_LR if lr is UNSAID else lr)


@at_their_size
def assert_fit_modes(student, lessons, epochs):
    lab, _ = fitted(student, lessons.draw(), needs_end=False, epochs=epochs)
    assert_train_mode(lab)
    assert_eval_mode(lab)


@at_their_size
def assert_fit_validation_only_looks(student, lessons, epochs):
    lesson = lessons.draw(norm=True, dropout=0.5)
    with unobserved():  # what dropout leaves out is chance
        lab, _ = fitted(student, lesson, needs_end=False, epochs=epochs)
        forwards = [forward for item in lab.passes() for forward in item.forwards]
    observe(passes=[[forward.role, forward.training, forward.grad] for forward in forwards])
    assert_only_training_data(lab)
    assert_eval_mode(lab)
    assert_no_grad(lab)
    assert_validation_keeps_weights(lab)


@apart_from_stopping
def assert_fit_losses(student, rng, epochs):
    try:
        lab, history = fitted(student, with_fewer_to_validate(Lesson.draw(rng)), reads=True, epochs=epochs)
    except StudentError as error:
        explain_size(student, rng, error)
        raise
    for role in ("train", "val"):
        assert_losses(history[f"{role}_loss"], lab, role, name=f"history['{role}_loss']")
    assert_accuracies(history["val_acc"], lab, "val", name="history['val_acc']")


@at_their_size
def assert_fit_keeps_the_best(student, lessons):
    lesson = lessons.scripted(norm=True)
    for epochs in TWO_BESTS:
        lab, _ = fitted(student, lesson, epochs=epochs, lr=SCRIPT_LR)
        assert_trained(lab, epochs)
        assert_best_weights(lab.weights, lab, name=tr("The model after fit"))


TWO_BESTS = (len(SCRIPT) + 1, SCRIPT.rindex("b") + 2)
"""Numbers of epochs: with one the best is in the middle, with the other it is the last."""


@at_their_size
def assert_fit_best_epoch(student, lessons):
    """The index of the lowest validation loss, and of the first one where all are equal."""
    lesson = lessons.scripted()
    runs = [(lesson, epochs, SCRIPT_LR) for epochs in TWO_BESTS] + [(lessons.draw(), 3, 0.0)]
    for lesson, epochs, lr in runs:
        lab, history = fitted(student, lesson, reads=True, epochs=epochs, lr=lr)
        best = best_epoch(lab) if lr else 0
        assert_equal(history.get("best_epoch"), best, name="history['best_epoch']")


@at_their_size
def assert_fit_ends_in_eval_mode(student, lessons):
    lab, _ = fitted(student, lessons.draw(), epochs=2)
    assert_that(not lab.is_training, tr("fit leaves the model in train mode."))


@at_their_size
def assert_fit_leaves_autograd_on(student, lessons):
    fitted(student, lessons.draw(), judges_autograd=True, epochs=2)


@at_their_size
def assert_fit_learns(student, lessons):
    """Fails unless training brings the training samples' loss down, with steps from them alone.

    How, and how far, is left to other checks.
    """
    lesson = learnable(lessons)
    lab, _ = fitted(student, lesson, needs_end=False, epochs=LEARNING_EPOCHS)
    weights = assert_validated(lab)[-1].weights
    start = lesson.bench().weights
    assert_only_training_data(lab)
    before, after = (float(lesson.measure(found, lesson.samples)[0].mean()) for found in (start, weights))
    assert_that(not torch.equal(weights, start), tr("Training leaves the weights as they were."))
    assert_that(
        after <= 0.99 * before,
        tr("The model does not learn: after the training its loss on the training samples is no lower than before."),
        expected=verbatim(f"< {before:.2f}"),
        actual=verbatim(f"{after:.2f}"),
    )


def learnable(lessons):
    """A lesson that a loop learns which clears its gradients, and one that lets them add up does not."""
    return _learnable(lessons.rng.integer(0, 2**31), lessons.size)


@lru_cache(maxsize=8)
def _learnable(seed, size):
    lessons = Lessons(Rng(seed), size)
    while True:
        lesson = lessons.draw()
        before = float(lesson.measure(lesson.bench().weights, lesson.samples)[0].mean())
        ends = [replay(lesson, LEARNING_EPOCHS, LR, clear=clear)[-1] for clear in (True, False)]
        learned, added = (float(lesson.measure(weights, lesson.samples)[0].mean()) / before for weights in ends)
        if learned < 0.5 and added > 1.2:
            return lesson


LEARNING_EPOCHS = 20
"""In 25 random lessons a loop that clears its gradients leaves 13 % of the first loss at most, one that does not has
1.8 times of it at least."""


@at_their_size
def assert_fit_device(student, lessons):
    lab = Lab(student, lessons.draw())
    loaders = (lab.train_loader, lab.val_loader)
    try:
        with autograd_left_on(student, is_judged=False):
            assert_trains_on_device(student, student.fit, lab.model, *loaders, lab=lab, epochs=2, lr=LR)
    except StudentError as error:
        explain(error, saves=False)
        raise


@at_their_size
def assert_fit_seeded(student, lessons, seed):
    lesson = lessons.draw(dropout=0.5, shuffle=True)

    def trained(chosen):
        with unobserved():  # what is drawn without a seed
            lab, _ = fitted(student, lesson, needs_end=False, epochs=3, seed=chosen)
            passes = assert_validated(lab)
        is_trained = not torch.equal(passes[0].weights, passes[-1].weights)
        assert_that(is_trained, tr("Training leaves the weights as they were."))
        assert_shuffled_anew(lab)
        return passes[-1].weights

    zero, again = trained(0), trained(0)
    if not torch.equal(zero, again):
        others_count = torch.equal(trained(seed), trained(seed))
        raise CheckFailure(
            tr("Two runs with seed=0 differ, and with another seed they do not.")
            if others_count
            else tr("Two runs with the same seed differ.")
        )
    assert_that(not torch.equal(zero, trained(seed)), tr("Two runs with different seeds agree."))
    assert_that(not torch.equal(trained(None), trained(None)), tr("Two runs without a seed agree."))
