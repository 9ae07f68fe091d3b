"""What decides `fit`, and what it says."""

import torch

from grader.kit import assert_equal, assert_that, tr
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.training.averages import assert_accuracies, assert_losses
from grader.kit.training.hints import EVAL_AT_THE_END, NO_STEP
from grader.kit.training.histories import assert_best_weights, assert_history, best_epoch
from grader.kit.training.lab import Lab
from grader.kit.training.lessons import LR, SAMPLES, Lesson, replay
from grader.kit.training.probes import (
    ATOL,
    UNDECIDED,
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
    wrong_updates,
)

from .scripted import (
    SCRIPT,
    SCRIPT_LR,
    assert_is_history,
    explain,
    fitted,
    numbers_that_decided,
    scripted,
    with_fewer_to_validate,
)

FIRST_OF_EQUALS = tr(
    "Of epochs with equal losses the first is the best: a loss that equals the best is no new lowest one."
)
SEED_UNUSED = tr(
    "The same seed gives two results: call torch.manual_seed(seed) before anything random, when it is given."
)
ZERO_IS_A_SEED = tr("0 is a seed like any other: ask whether seed is None, not whether it is true.")
SEED_FIXED = tr("Two seeds give the same result: seed with what was given, and with nothing when it is None.")
SEEDED_EVERY_EPOCH = tr(
    "Every epoch has the same order of batches: iterate over the loader itself in each epoch, and seed once, before the"
    " first."
)


def assert_fit_history(student, rng, epochs):
    lab, history = fitted(student, Lesson.draw(rng), epochs=epochs)
    assert_history(history, epochs)
    assert_trained(lab, epochs)
    assert_that(0 <= history["best_epoch"] < epochs, tr("best_epoch is no index of the history's lists."))


def assert_fit_updates(student, rng, epochs, lr=LR):
    lab, _ = fitted(student, Lesson.draw(rng), needs_end=False, epochs=epochs, lr=lr)
    assert_every_sample(lab)
    assert_follows_adam(lab, epochs, lr)


def assert_fit_modes(student, rng, epochs):
    lab, _ = fitted(student, Lesson.draw(rng), needs_end=False, epochs=epochs)
    assert_train_mode(lab)
    assert_eval_mode(lab)


def assert_fit_validation_only_looks(student, rng, epochs):
    lesson = Lesson.draw(rng, norm=True, dropout=0.5)
    lab, _ = fitted(student, lesson, needs_end=False, judges_autograd=True, epochs=epochs)
    assert_only_training_data(lab)
    assert_eval_mode(lab)
    assert_no_grad(lab)
    assert_validation_keeps_weights(lab)


def assert_fit_losses(student, rng, epochs):
    lab, history = fitted(student, with_fewer_to_validate(Lesson.draw(rng)), epochs=epochs)
    for role in ("train", "val"):
        assert_losses(history[f"{role}_loss"], lab, role, name=f"history['{role}_loss']")
    assert_accuracies(history["val_acc"], lab, "val", name="history['val_acc']")


def assert_fit_keeps_the_best(student, rng):
    lesson = scripted(rng, norm=True)
    for epochs in (len(SCRIPT) + 1, SCRIPT.rindex("b") + 2):  # the best is in the middle, and then the last
        lab, history = fitted(student, lesson, epochs=epochs, lr=SCRIPT_LR)
        assert_trained(lab, epochs)
        best = best_epoch(lab)
        assert_best_weights(
            lab.weights, lab, name=tr("The model after fit"), chosen_by=numbers_that_decided(lab, history)
        )
        assert_equal(
            history.get("best_epoch"),
            best,
            name="history['best_epoch']",
            mistakes=[(best + 1, tr("Epochs are counted from 0: best_epoch is an index of the lists."))],
            hint=tr("It is the index of the lowest validation loss."),
        )
        assert_that(not lab.is_training, tr("fit leaves the model in train mode."), hint=EVAL_AT_THE_END)
    _, history = fitted(student, Lesson.draw(rng), epochs=3, lr=0.0)
    assert_equal(history.get("best_epoch"), 0, name="history['best_epoch']", hint=FIRST_OF_EQUALS)


def assert_fit_learns(student, rng):
    """Fails unless training brings the training samples' loss down; how, and how far, is left to other checks."""
    lesson = learnable(rng)
    lab, _ = fitted(student, lesson, needs_end=False, epochs=LEARNING_EPOCHS)
    weights = assert_validated(lab)[-1].weights
    start = lesson.bench().weights
    before, after = (float(lesson.measure(found, range(SAMPLES))[0].mean()) for found in (start, weights))
    if after > 0.99 * before:
        hints = (hint for wrong, hint in wrong_updates(lesson, LEARNING_EPOCHS, LR) if close_weights(weights, wrong))
        raise CheckFailure(
            tr(
                "The model does not learn: after the training its loss on the training samples is no lower than before."
            ),
            hint=NO_STEP if torch.equal(weights, start) else next(hints, None),
        )


def close_weights(weights, wrong):
    return weights.shape == wrong.shape and torch.allclose(weights, wrong, rtol=0, atol=ATOL)


def learnable(rng):
    """A lesson that a loop learns which clears its gradients, and one that lets them add up does not."""
    while True:
        lesson = Lesson.draw(rng)
        before = float(lesson.measure(lesson.bench().weights, range(SAMPLES))[0].mean())
        ends = [replay(lesson, LEARNING_EPOCHS, LR, clear=clear)[-1] for clear in (True, False)]
        learned, added = (float(lesson.measure(weights, range(SAMPLES))[0].mean()) / before for weights in ends)
        if learned < 0.5 and added > 1.2:
            return lesson


LEARNING_EPOCHS = 20
"""In 25 random lessons a loop that clears its gradients leaves 13 % of the first loss at most, one that does not has
1.8 times of it at least."""


def assert_fit_device(student, rng):
    lab = Lab(student, Lesson.draw(rng))
    loaders = (lab.train_loader, lab.val_loader)
    try:
        with autograd_left_on(student, is_judged=False):
            history = assert_trains_on_device(student, student.fit, lab.model, *loaders, lab=lab, epochs=2, lr=LR)
    except StudentError as error:
        explain(error, lab, saves=False)
        raise
    if history is not UNDECIDED:
        assert_is_history(history)


def assert_fit_seeded(student, rng, seed):
    lesson = Lesson.draw(rng, dropout=0.5, shuffle=True)

    def trained(chosen):
        lab, _ = fitted(student, lesson, needs_end=False, epochs=3, seed=chosen)
        passes = assert_validated(lab)
        is_trained = not torch.equal(passes[0].weights, passes[-1].weights)
        assert_that(is_trained, tr("Training leaves the weights as they were."), hint=NO_STEP)
        assert_shuffled_anew(lab, hint=SEEDED_EVERY_EPOCH)
        return passes[-1].weights

    zero = trained(0)
    if not torch.equal(zero, trained(0)):
        others_count = torch.equal(trained(seed), trained(seed))
        hint = ZERO_IS_A_SEED if others_count else SEED_UNUSED
        raise CheckFailure(tr("Two runs with the same seed differ."), hint=hint)
    assert_that(
        not torch.equal(zero, trained(seed)) and not torch.equal(trained(None), trained(None)),
        tr("Two runs with different seeds, or with none, agree."),
        hint=SEED_FIXED,
    )
