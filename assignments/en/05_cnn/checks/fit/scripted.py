"""Runs `fit` in the laboratory, on lessons whose losses are known in advance."""

import math
import re
from dataclasses import replace
from itertools import pairwise

import torch
import torch.nn.functional as F

from grader.kit import assert_keys, assert_returns, tr, verbatim
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.training.histories import LISTS, validation_losses
from grader.kit.training.lab import Lab
from grader.kit.training.lessons import LR, load_flat, replay, scripted_lesson
from grader.kit.training.probes import assert_trained, assert_validated, autograd_left_on

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
NO_CHECKPOINT = tr("There is no file at checkpoint_path, or its folder is missing: create the folder before saving.")
WHOLE_MODEL = tr(
    "Save model.state_dict() and not the model: weights_only=True reads tensors alone, and so does any version."
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


def numbers_that_decided(lab, history):
    """Other numbers than the validation losses by which an epoch may have been chosen: pairs of them and a hint."""
    means, losses = batch_means(lab), validation_losses(lab)
    beats = [epoch for epoch in range(1, len(losses)) if losses[epoch] < losses[epoch - 1]]
    is_both = beats[-1:] == [means.index(min(means))]
    yield means, BEATS_THE_ONE_BEFORE_OR_MEANS if is_both else CHOSEN_BY_BATCH_MEANS
    yield finite(history["val_loss"]), CHOSEN_BY_OTHER_NUMBERS


def finite(values):
    return [value for value in values if type(value) is float and math.isfinite(value)]


def batch_means(lab):
    """The mean of the batches' mean losses of each validation."""
    means = [
        [float(lab.lesson.measure(forward.weights, forward.samples)[0].mean()) for forward in item.forwards]
        for item in assert_validated(lab)
    ]
    return [sum(found) / len(found) for found in means]
