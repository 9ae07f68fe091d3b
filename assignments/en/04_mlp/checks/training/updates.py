"""Decides whether the weights go where the right steps lead."""

from functools import partial

import torch

from grader.kit import assert_close, assert_that, tr
from grader.kit.training.hints import LAST_BATCH, NO_STEP, OTHER_START
from grader.kit.training.lab import Lab
from grader.kit.training.lessons import BATCH_SIZE, LR, SAMPLES, replay
from grader.kit.training.probes import ATOL, assert_trained

from .judges import sgd_with_momentum, tenfold_loss, train_once

OWN_OPTIMIZER = tr(
    "Those are the steps of another optimizer, or of a new one: take them with the one that was given, which remembers"
    " what it did before."
)
ONE_STEP = tr("There is one step an epoch: step after every batch.")
ADDED_UP = tr(
    "The weights are those of a loop in which the gradients of the batches add up: backward adds to .grad, so"
    " optimizer.zero_grad() belongs in every batch."
)
NO_SOFTMAX = tr("The model gives logits, and cross entropy wants logits: no softmax in between.")
FIRST_BATCH = tr("The first batch alone is trained on: does something leave the loop, such as a return inside it?")


def assert_training_updates(student, lesson, epochs):
    """The weights after training are those of the definition, for Adam and for SGD with momentum."""
    for count in (1, epochs):
        lab = Lab(student, lesson)
        optimizer = lab.adam()
        for _ in range(count):
            train_once(student, lab, optimizer)
        assert_steps(lab, count, LR, torch.optim.Adam)
    lab = Lab(student, lesson)
    optimizer, loss_fn = student.define(sgd_with_momentum)(lab.model, 0.03), student.define(tenfold_loss)()
    optimizer.label, loss_fn.label = "optimizer", "loss_fn"
    train_once(student, lab, optimizer, loss_fn)
    assert_steps(lab, 1, 0.3, partial(torch.optim.SGD, momentum=0.9))  # ten times the loss is ten times the step


def assert_steps(lab, epochs, lr, optimizer):
    """Every sample was trained on in every epoch, and the weights are those of one step a batch."""
    forwards = [forward for item in assert_trained(lab) for forward in item.forwards]
    seen = sorted(number for forward in forwards for number in forward.samples)
    assert_that(
        seen == sorted([*range(SAMPLES)] * epochs),
        tr("An epoch does not train on every sample exactly once."),
        expected=tr("{n} samples", n=SAMPLES * epochs),
        actual=tr("{n} samples", n=len(seen)),
        hint=missing_samples(seen, epochs),
    )
    weights = lab.weights
    start = lab.lesson.bench().weights
    assert_that(not torch.equal(weights, start), tr("Training leaves the weights as they were."), hint=NO_STEP)
    assert_that(
        torch.equal(forwards[0].weights, start),
        tr("Training begins with other weights than those that the model came with."),
        hint=OTHER_START,
    )
    assert_close(
        weights,
        replay(lab.lesson, epochs, lr, optimizer=optimizer)[-1],
        rtol=0,
        atol=ATOL,
        name="model.state_dict()",
        mistakes=wrong_steps(lab.lesson, epochs, lr, optimizer),
        hint=tr(
            "The weights are not those of one step for each batch, made by the optimizer that was given, from the"
            " gradients of that batch's loss alone."
        ),
    )


def missing_samples(seen, epochs):
    """The hint for samples that were trained on too seldom."""
    full = SAMPLES - SAMPLES % BATCH_SIZE
    known = {full: LAST_BATCH, BATCH_SIZE: FIRST_BATCH}
    return next((hint for end, hint in known.items() if seen == sorted([*range(end)] * epochs)), None)


def wrong_steps(lesson, epochs, lr, optimizer):
    """The weights after training that goes wrong, each with its hint."""

    def wrong(**mistake):
        return replay(lesson, epochs, mistake.pop("lr", lr), **{"optimizer": optimizer, **mistake})[-1]

    yield wrong(clear=False), ADDED_UP
    for clear in (True, False):
        yield wrong(clear=clear, step_every_batch=False), ONE_STEP
    yield wrong(new_every_epoch=True), OWN_OPTIMIZER
    for other in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop):
        for rate in (lr, LR, 1e-2, 1e-3):
            yield wrong(optimizer=other, lr=rate), OWN_OPTIMIZER
    yield wrong(score=lambda logits: logits.softmax(1)), NO_SOFTMAX
