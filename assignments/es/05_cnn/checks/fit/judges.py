"""What decides `fit`, and what it says."""

import math
import re
from dataclasses import replace
from itertools import pairwise

import torch
import torch.nn.functional as F

from grader.kit import assert_close, assert_equal, assert_keys, assert_returns, assert_shape, assert_that, tr, verbatim
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.training.averages import assert_accuracies, assert_losses
from grader.kit.training.lab import LR, SAMPLES, VAL, Lab, Lesson, load_flat, replay, scripted_lesson
from grader.kit.training.probes import (
    ATOL,
    BEST_STARTS_LOW,
    EVAL_AT_THE_END,
    LISTS,
    NO_STEP,
    UNDECIDED,
    ask,
    assert_best_weights,
    assert_eval_mode,
    assert_every_sample,
    assert_follows_adam,
    assert_history,
    assert_no_grad,
    assert_only_training_data,
    assert_shuffled_anew,
    assert_train_mode,
    assert_trained,
    assert_trains_on_device,
    assert_validated,
    assert_validation_keeps_weights,
    autograd_left_on,
    best_epoch,
    validation_losses,
    wrong_updates,
)

from ..early_stopping.judges import followed, stopping_table

STOPS_EARLY = tr("It stops although the validation loss improved meanwhile: an improvement starts the count again.")


STOPS_AT_ONCE = tr("It stops at the first epoch without improvement, although patience is 2: it takes 2 in a row.")


STOPS_LATE = tr("It goes on for too long: it stops at epoch number `patience` in a row without improvement.")


STOPS_ON_TRAINING = tr("It stops by the training loss: the validation loss decides.")


STOPS_ON_RISES = tr("It stops as if a higher loss were better: a loss is better when it is lower.")


STOPS_BY_THE_ONE_BEFORE = tr("Each loss is compared with the one before it: compare with the best so far.")


NEVER_STOPS = tr("It never stops early: compare each validation loss with the best so far.")


EQUAL_LOSS = tr("A loss that equals the best is no new lowest one: compare with <.")


FIRST_OF_EQUALS = tr(
    "Of epochs with equal losses the first is the best: a loss that equals the best is no new lowest one."
)


WHEN_TO_STOP = tr(
    "Count the epochs in a row whose validation loss is no new lowest one: training ends when there are `patience`."
)


CHOSEN_BY_BATCH_MEANS = tr(
    "Your code decides by the mean of the batches' means, and the last batch is smaller: the mean over samples decides."
)


BEATS_THE_ONE_BEFORE_OR_MEANS = tr(
    "Those are the weights of an epoch that beats the one before it, and that is also the best by the mean of the"
    " batches' means. Neither decides: compare the mean over samples with the best so far."
)


CHOSEN_BY_OTHER_NUMBERS = tr(
    "Your code decides by the validation losses in its history, and these are not the mean cross entropy over samples:"
    " put them right first."
)


STOPS_UNASKED = tr("With patience=None every epoch is run.")


NEVER_SAVED_ABOVE_ONE = tr(
    "Every validation loss here is above 1. If your best loss starts at 1, no epoch ever counts as the best and nothing"
    " is saved: let it start at infinity."
)


NEVER_SAVED = tr(
    "Without a checkpoint_path there is no file: keep a copy of the best weights in memory, and load that at the end."
)


FIXED_BATCH = tr(
    "The size of a batch is written into your code, and the last batch of an epoch is smaller. Ask the batch itself,"
    " len(images), or leave its first dimension alone: images.flatten(1)."
)


SAVES_EACH_BEST = tr(
    "A training may be cut short at any time: write the file inside the loop, whenever the validation loss is a new"
    " lowest one."
)


NO_CHECKPOINT = tr("There is no file at checkpoint_path, or its folder is missing: create the folder before saving.")


WHOLE_MODEL = tr(
    "Save model.state_dict() and not the model: weights_only=True reads tensors alone, and so does any version."
)


SAVED_LAST = tr(
    "The file holds the weights of another epoch than the best: save whenever the validation loss improves."
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


SCRIPT = "bwbwwww"
"""The best epoch is number 3 (counted from 0), after one that is worse: with a patience of 2, number 5 is the last."""


SCRIPT_LR = 0.5
"""Of the scripted lessons. With large steps the losses after the best one go up and down."""


PATIENCE = 2


SCRIPTED = 6
"""Seed of the visible scripted lessons: it soon draws one that follows the script; others take up to a second."""


def scripted(rng, *, norm=False):
    """A lesson that follows `SCRIPT`, in which an epoch after the best beats the one before it, and not the last."""
    while True:
        lesson = scripted_lesson(rng, SCRIPT, lr=SCRIPT_LR, norm=norm)
        model, losses = lesson.bench().model.eval(), []
        for weights in replay(lesson, len(SCRIPT) + 1, SCRIPT_LR):
            load_flat(model, weights)
            with torch.no_grad():
                losses.append(float(F.cross_entropy(model(lesson.val_images), lesson.val_labels)))
        after_the_best = losses[SCRIPT.rindex("b") + 2 :]
        *falls, last_falls = [later < loss - 0.01 for loss, later in pairwise(after_the_best)]
        if any(falls) and not last_falls:
            return lesson


def with_fewer_to_validate(lesson):
    """The lesson with 7 validation samples, in batches of 4 and 3: another number than that of training."""
    return replace(lesson, val_images=lesson.val_images[:7], val_labels=lesson.val_labels[:7])


def fitted(student, lesson, *, needs_end=True, judges_autograd=False, saves=False, **options):
    """A lab after the student's `fit`, and the history it returned.

    Args:
        student: the notebook.
        lesson: what to train on.
        needs_end: whether `fit` must return. Where the notes of its epochs are all that counts, a fault that ends it
            after the last of them (weights read back from a file that was never written) is left to the other checks.
        judges_autograd: whether autograd must be on afterwards.
        saves: whether to pass a `checkpoint_path`.
        options: of `fit`.
    """
    lab = Lab(student, lesson)
    options = {"lr": LR, **options}
    if saves:
        options["checkpoint_path"] = lab.path
    history = None
    try:
        with autograd_left_on(student, is_judged=judges_autograd):
            history = student.fit(lab.model, lab.train_loader, lab.val_loader, **options)
    except StudentError as error:
        has_run = error.type_name == "FileNotFoundError" and len(lab.passes("train")) >= options["epochs"]
        if needs_end or not has_run:
            explain(error, lab, saves)
            raise
    else:
        assert_is_history(history)
    assert_trained(lab)
    assert_validated(lab)
    return lab, history


NO_FOLDER = ("does not exist", "No such file")


FIXED_SIZE = re.compile(r"\.((?:view|reshape)\(\s*[(\[]?\s*\d{1,4})\s*,")


def explain(error, lab, saves):
    """Raises what can be said of an exception in `fit`: a file that is not there, a batch's size in the code."""
    if any(text in error.message for text in NO_FOLDER):
        reads = any("load" in frame.text or "open(" in frame.text for frame in error.frames)
        losses = validation_losses(lab) if lab.passes("val") else [0.0]
        if saves and not reads:
            raise CheckFailure(tr("The folder of checkpoint_path does not exist."), hint=NO_CHECKPOINT) from error
        if reads:
            hint = NEVER_SAVED_ABOVE_ONE if min(losses) > 1 else NEVER_SAVED
            raise CheckFailure(tr("Your code reads weights from a file that it never wrote."), hint=hint) from error
    if saves and "pickle" in error.message.lower():
        raise CheckFailure(tr("The checkpoint holds more than weights."), hint=WHOLE_MODEL) from error
    for frame in error.frames:
        written = FIXED_SIZE.search(frame.text)
        if written is not None and isinstance(error, RuntimeError):
            raise CheckFailure(
                tr("Your code fails for a batch of another size than the one that is written into it."),
                actual=verbatim(f"{written[1]}, …)"),
                hint=FIXED_BATCH,
            ) from error


def assert_is_history(history):
    """A dict with the lists: what is in them has a check of its own."""
    assert_returns(history, dict, name="history")
    if not history.keys() >= {*LISTS, "best_epoch"}:
        assert_keys(history, (*LISTS, "best_epoch"), name="history")
    for key in LISTS:
        assert_returns(history[key], list, name=f"history['{key}']")


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


def numbers_that_decided(lab, history):
    """Other numbers than the validation losses by which an epoch may have been chosen: pairs of them and a hint."""
    means, losses = batch_means(lab), validation_losses(lab)
    beats = [epoch for epoch in range(1, len(losses)) if losses[epoch] < losses[epoch - 1]]
    is_both = beats[-1:] == [means.index(min(means))]
    yield means, BEATS_THE_ONE_BEFORE_OR_MEANS if is_both else CHOSEN_BY_BATCH_MEANS
    yield finite(history["val_loss"]), CHOSEN_BY_OTHER_NUMBERS


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


def finite(values):
    return [value for value in values if type(value) is float and math.isfinite(value)]


def batch_means(lab):
    """The mean of the batches' mean losses of each validation."""
    means = [
        [float(lab.lesson.measure(forward.weights, forward.samples)[0].mean()) for forward in item.forwards]
        for item in assert_validated(lab)
    ]
    return [sum(found) / len(found) for found in means]


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


def assert_fit_checkpoint(student, rng):
    lab, _ = fitted(student, scripted(rng, norm=True), saves=True, epochs=len(SCRIPT) + 1, lr=SCRIPT_LR)
    try:
        state = lab.checkpoint
    except StudentError as error:
        is_absent = error.type_name == "FileNotFoundError"
        raise CheckFailure(
            tr("torch.load(checkpoint_path, weights_only=True) fails."),
            actual=tr("{kind}: {message}", kind=error.type_name, message=error.message[:120]),
            hint=NO_CHECKPOINT if is_absent else WHOLE_MODEL,
        ) from error
    assert_returns(state, dict, name=tr("What the checkpoint holds"), hint=WHOLE_MODEL)
    names = list(lab.lesson.bench().model.state_dict())
    assert_that(
        list(state) == names and all(isinstance(tensor, torch.Tensor) for tensor in state.values()),
        tr("The checkpoint is not the model's state_dict()."),
        hint=WHOLE_MODEL,
    )
    flat = torch.cat([tensor.double().flatten() for tensor in state.values()])
    last = assert_validated(lab)[-1].weights
    best = assert_validated(lab)[best_epoch(lab)].weights
    assert_shape(flat, best.shape, name=tr("What the checkpoint holds"))
    assert_close(
        flat,
        best,
        rtol=0,
        atol=1e-6,
        name=tr("What the checkpoint holds"),
        mistakes=[(last, SAVED_LAST)],
        hint=SAVED_LAST,
    )


def assert_fit_saves_each_best(student, rng):
    """Fails unless the file holds the best weights so far whenever an epoch begins."""
    lab, _ = fitted(student, scripted(rng), saves=True, epochs=len(SCRIPT) + 1, lr=SCRIPT_LR)
    try:
        saves = lab.saves
    except StudentError as error:
        raise CheckFailure(tr("The checkpoint is not the model's state_dict()."), hint=WHOLE_MODEL) from error
    numbers = range(VAL, VAL + len(lab.lesson.val_labels))
    best, lowest, position, epoch = None, math.inf, 0, 0
    for item in lab.passes():
        begins = next((place for place, forward in enumerate(item.forwards) if forward.grad), None)
        if item.role == "train" and begins is not None:
            epoch += 1
            held = [weights for number, weights in saves if number <= position + begins]
            is_held = bool(held) and held[-1].shape == best.shape if best is not None else True
            assert_that(
                best is None or (is_held and torch.allclose(held[-1], best, atol=1e-6)),
                tr("When epoch {n} begins, the file does not hold the best weights so far.", n=epoch),
                hint=SAVED_LAST if held else SAVES_EACH_BEST,
            )
        if item.role == "val":
            loss = float(lab.lesson.measure(item.weights, numbers)[0].mean())
            best, lowest = (item.weights, loss) if loss < lowest else (best, lowest)
        position += len(item.forwards)


FILES_HERE = """
def files_here():
    import os

    return sorted(os.listdir("."))
"""


def assert_fit_saves_nothing(student, rng):
    """Fails if `fit` leaves a file in the notebook's folder, where no checkpoint was asked."""
    files_here = student.define(FILES_HERE, "files_here")
    before = ask(student, files_here)
    fitted(student, Lesson.draw(rng), epochs=2)
    new = [name for name in ask(student, files_here) if name not in before]
    assert_that(
        not new,
        tr("Without checkpoint_path a file is written all the same."),
        actual=verbatim(", ".join(str(name)[:40] for name in new[:3])),
        hint=tr("With checkpoint_path=None nothing is saved: keep the best weights in memory."),
    )


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
