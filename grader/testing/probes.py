"""Behavioural probes for training code: what a loop did, whatever accuracy it reached.

A `Lab` notes what is done with its model and loaders; everything here judges the notes, against the definition
(`replay`) or against the trainer's own weights::

    lab = Lab(student, Lesson.draw(rng))
    history = student.fit(lab.model, lab.train_loader, lab.val_loader, epochs=3, lr=LR)
    assert_train_mode(lab)

A fault of the optimisation costs its own checks alone: losses are compared with those of the weights that the student's
trainer had, not with those that it should have had.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import torch

from grader.testing.assertions import (
    assert_close,
    assert_keys,
    assert_length,
    assert_python_number,
    assert_returns,
    assert_that,
)
from grader.testing.failures import CheckFailure, StudentError
from grader.testing.lab import BATCH_SIZE, LR, SAMPLES, VAL, Lab, Lesson, Pass, load_flat, pretending, replay
from grader.testing.messages import Message, tr, verbatim
from grader.testing.student import Remote, Student

UNDECIDED: Final = object()
"""What `assert_trains_on_device` returns where it could not see."""

ATOL: Final = 1e-3
"""Of weights: one hundredth of a step of Adam, and a hundred times what float32 rounding adds up to."""

ZERO_GRAD = tr(
    "From the second batch on, the weights are those of a loop that never clears its gradients: backward adds to"
    " .grad, so optimizer.zero_grad() belongs in every batch."
)
NO_STEP = tr(
    "The weights never changed: is optimizer.step() called, after backward() and before the gradients are cleared, on"
    " this model's parameters?"
)
FIRST_TRAIN_MODE = tr("Call model.train() before the batches: nobody promises that the model comes in train mode.")
TRAIN_MODE = tr(
    "From the second epoch on, the model trains in eval mode: validation left it on. Call model.train() at the start"
    " of every epoch, not once before the loop."
)
EVAL_MODE = tr("Dropout is still on while you measure: call model.eval() before validation.")
NO_GRAD = tr("Validation builds a graph that nobody uses: put it under torch.no_grad().")
VALIDATES_ON_TRAIN = tr("Validate with the samples of val_loader, not with those of training.")
VAL_TRAINS = tr(
    "The weights change while you validate. Validation only looks: no backward, no step, and eval mode for layers that"
    " keep statistics."
)
TRAINS_ON_VAL = tr(
    "Samples kept for validation were trained on: what was learned cannot be measured with them any more."
)
LAST_BATCH = tr("The last batch, which is not full, is left out: a loop over the loader visits it too.")
WEIGHTED = tr(
    "The batches have 4, 4 and 2 samples, and you average the batches' means: weight each mean by its batch's size,"
    " then divide by the number of samples."
)
LAST_ONLY = tr("That is the loss of the last batch alone: add up the losses of all batches.")
SUMMED = tr("The losses are added up and never divided by the number of samples.")
DIVIDED_BY_FULL = tr("You divide by batches times the batch size, and the last batch is smaller: count the samples.")
MEASURED_AFTER = tr(
    "That is the loss after the epoch's steps. The loss of an epoch is the mean of those that its steps were made from."
)
PERCENTAGE = tr("An accuracy is a fraction between 0 and 1 here, not a percentage.")
NOT_RESTORED = tr(
    "The model keeps the weights of the last epoch: load the best ones back before returning; and a copy of them must"
    " be a copy, for state_dict() holds references."
)
BY_ACCURACY = tr("Those are the weights with the highest accuracy: the lowest validation loss decides.")
BEST_STARTS_LOW = tr(
    "No epoch counted as the best: every loss here is above 1. Let the best loss start at infinity, not at 1 or 0."
)
PARAMETERS_ONLY = tr("The parameters are right and the buffers are not: state_dict() holds both.")
EVAL_AT_THE_END = tr("Loading weights does not change the mode: call model.eval() before returning.")
TENSORS_KEPT = tr("A loss that is still a tensor keeps its whole graph in memory: store loss.item().")
SAME_ORDER = tr("Every epoch has the same order of batches: iterate over the loader itself in each epoch.")
DEVICE_IGNORED = tr("The model never moves: model.to(device) once, and every batch's tensors .to(device) as well.")
DEVICE_MIXED = tr(
    "Model, inputs and labels must lie on one device: move the model once, and both tensors of every batch. New tensors"
    " take device= too."
)


# --------------------------------------------------------------------------------------------------- judgement


def assert_trained(lab: Lab, epochs: int | None = None) -> list[Pass]:
    """Fails unless the model saw the training samples (in exactly `epochs` passes); returns those passes."""
    passes = lab.passes("train")
    assert_that(bool(passes), tr("The model was never run on the training samples."))
    if epochs is not None:
        assert_that(
            len(passes) == epochs,
            tr("The number of training epochs, each followed by a validation, is not the one that was asked."),
            expected=verbatim(str(epochs)),
            actual=verbatim(str(len(passes))),
        )
    return passes


def assert_validated(lab: Lab) -> list[Pass]:
    """Fails unless the model saw the validation samples; returns those passes."""
    passes = lab.passes("val")
    assert_that(bool(passes), tr("The model was never run on the validation samples."), hint=VALIDATES_ON_TRAIN)
    return passes


def assert_train_mode(lab: Lab) -> None:
    """Fails unless the model is in train mode, and autograd on, in every batch of every epoch."""
    for position, item in enumerate(assert_trained(lab)):
        assert_that(
            all(forward.training for forward in item.forwards),
            tr("The model trains in eval mode in epoch {n}.", n=position + 1),
            hint=TRAIN_MODE if position else FIRST_TRAIN_MODE,
        )


def assert_eval_mode(lab: Lab) -> None:
    """Fails unless the model is in eval mode in every batch of every validation."""
    for item in assert_validated(lab):
        assert_that(
            not any(forward.training for forward in item.forwards),
            tr("The model is in train mode while you validate."),
            hint=EVAL_MODE,
        )


def assert_no_grad(lab: Lab) -> None:
    """Fails unless validation runs without autograd."""
    for item in assert_validated(lab):
        assert_that(
            not any(forward.grad for forward in item.forwards),
            tr("Autograd is on while you validate."),
            hint=NO_GRAD,
        )


def assert_validation_keeps_weights(lab: Lab, *, until_now: bool = False) -> None:
    """Fails if the weights or buffers change in a validation.

    Args:
        lab: what was trained in.
        until_now: whether the weights should still be those of the last validation.
    """
    passes = lab.passes()
    assert_validated(lab)
    for item, after in zip(passes, [*passes[1:], None], strict=True):
        if item.role != "val":
            continue
        states = [forward.weights for forward in item.forwards]
        if after is not None:
            states.append(after.weights)
        elif until_now:
            states.append(lab.weights)
        assert_that(
            all(torch.equal(state, item.weights) for state in states),
            tr("The model's weights or buffers change while you validate."),
            hint=VAL_TRAINS,
        )


def assert_every_sample(lab: Lab) -> None:
    """Fails unless each epoch trains on every training sample once, and each validation sees every other one."""
    for item in assert_trained(lab):
        seen = sorted(number for forward in item.forwards for number in forward.samples)
        assert_that(
            seen == list(range(SAMPLES)),
            tr("An epoch does not train on every sample exactly once."),
            expected=tr("{n} samples", n=SAMPLES),
            actual=tr("{n} samples", n=len(seen)),
            hint=LAST_BATCH if len(seen) < SAMPLES else None,
        )
    for item in assert_validated(lab):
        seen_here = {number for forward in item.forwards for number in forward.samples}
        assert_that(
            len(seen_here) == SAMPLES,
            tr("A validation does not see every sample."),
            expected=tr("{n} samples", n=SAMPLES),
            actual=tr("{n} samples", n=len(seen_here)),
            hint=LAST_BATCH,
        )


def assert_only_training_data(lab: Lab) -> None:
    """Fails if a step was made from a validation sample, or from anything but the samples."""
    assert_trained(lab)
    forwards = [forward for item in lab.passes() for forward in item.forwards]
    after = [*(forward.weights for forward in forwards[1:]), None]
    for forward, weights in zip(forwards, after, strict=True):
        if forward.role == "val" and forward.grad and weights is not None:
            assert_that(
                torch.equal(weights, forward.weights),
                tr("The model learned from validation samples."),
                hint=TRAINS_ON_VAL,
            )
        assert_that(
            forward.role != "other",
            tr("The model got images that are not the loader's, or training and validation samples in one batch."),
        )


def assert_shuffled_anew(lab: Lab) -> None:
    """Fails if every epoch visits the samples in the same order, where the loader shuffles."""
    passes = assert_trained(lab)
    orders = {tuple(number for forward in item.forwards for number in forward.samples) for item in passes}
    assert_that(len(orders) > 1, tr("The order of the samples is the same in every epoch."), hint=SAME_ORDER)


def assert_follows_adam(lab: Lab, epochs: int, lr: float = LR) -> None:
    """Fails unless the weights after `epochs` epochs are those of the definition, a loop with Adam.

    They are read from the last validation, before a trainer loads its best weights back.
    """
    passes = lab.passes()
    trained = assert_trained(lab)
    weights = passes[-1].weights if passes[-1].role == "val" else lab.weights
    assert_that(
        not torch.equal(weights, trained[0].weights), tr("Training leaves the weights as they were."), hint=NO_STEP
    )
    assert_close(
        weights,
        replay(lab.lesson, epochs, lr)[-1],
        rtol=0,
        atol=ATOL,
        name=tr("The model's weights after {n} epochs", n=epochs),
        mistakes=_wrong_updates(lab.lesson, epochs, lr),
        hint=tr(
            "Each batch: clear the gradients, compute the cross entropy of the logits, backward, one step of Adam with"
            " the learning rate that was given."
        ),
    )


def _wrong_updates(lesson: Lesson, epochs: int, lr: float) -> Iterator[tuple[torch.Tensor, Message]]:
    def wrong(**mistake: Any) -> torch.Tensor:
        return replay(lesson, epochs, mistake.pop("lr", lr), **mistake)[-1]

    yield wrong(clear=False), ZERO_GRAD
    yield wrong(lr=1e-3), tr("Adam runs with its default learning rate: pass lr on to it.")
    for optimizer in (torch.optim.SGD, torch.optim.AdamW, torch.optim.RMSprop):
        yield wrong(optimizer=optimizer), tr("The steps are not Adam's: torch.optim.Adam was asked.")
    for clear in (True, False):
        one_step = tr("There is one step an epoch: step after every batch.")
        yield wrong(clear=clear, step_every_batch=False), one_step
    forgets = tr("Adam forgets what it knew after each epoch: make the optimizer once, before the loop.")
    yield wrong(new_every_epoch=True), forgets
    doubled = tr("The model gives logits, and cross entropy wants logits: no softmax in between.")
    yield wrong(score=lambda logits: logits.softmax(1)), doubled


def assert_losses(values: Any, lab: Lab, role: str, *, name: str) -> None:
    """Fails unless `values` are the mean losses of the passes with `role`, over samples; the model's own weights count.

    Args:
        values: one float for each pass.
        lab: what was trained in, without dropout and normalisation.
        role: ``train`` or ``val``.
        name: of the values.
    """
    passes = assert_trained(lab) if role == "train" else assert_validated(lab)
    losses = [[lab.lesson.measure(forward.weights, forward.samples)[0] for forward in item.forwards] for item in passes]
    full = [BATCH_SIZE * len(batches) for batches in losses]
    all_passes = lab.passes()
    after = [
        lab.lesson.measure(following.weights if following else lab.weights, range(SAMPLES))[0].mean()
        for item, following in zip(all_passes, [*all_passes[1:], None], strict=True)
        if item.role == role
    ]
    assert_close(
        _floats(values, len(passes), name),
        torch.stack([torch.cat(batches).mean() for batches in losses]),
        name=name,
        mistakes=[
            (torch.stack([torch.stack([batch.mean() for batch in batches]).mean() for batches in losses]), WEIGHTED),
            (torch.stack([batches[-1].mean() for batches in losses]), LAST_ONLY),
            (torch.stack([torch.cat(batches).sum() for batches in losses]), SUMMED),
            (torch.stack([torch.stack([batch.mean() for batch in batches]).sum() for batches in losses]), SUMMED),
            (
                torch.stack([torch.cat(batches).sum() / n for batches, n in zip(losses, full, strict=True)]),
                DIVIDED_BY_FULL,
            ),
            *([(torch.stack(after), MEASURED_AFTER)] if role == "train" else []),
        ],
        hint=tr("It should be the mean over samples of the cross entropy, one number for each pass over the loader."),
    )


def assert_accuracies(values: Any, lab: Lab, role: str, *, name: str) -> None:
    """Fails unless `values` are the accuracies of the passes with `role`; as `assert_losses`."""
    passes = assert_trained(lab) if role == "train" else assert_validated(lab)
    right = [
        [lab.lesson.measure(forward.weights, forward.samples)[1].double() for forward in item.forwards]
        for item in passes
    ]
    expected = torch.stack([torch.cat(batches).mean() for batches in right])
    full = torch.stack([torch.cat(batches).sum() / (BATCH_SIZE * len(batches)) for batches in right])
    assert_close(
        _floats(values, len(passes), name),
        expected,
        name=name,
        mistakes=[
            (100 * expected, PERCENTAGE),
            (SAMPLES * expected, SUMMED),
            (torch.stack([torch.stack([batch.mean() for batch in batches]).mean() for batches in right]), WEIGHTED),
            (torch.stack([batches[-1].mean() for batches in right]), LAST_ONLY),
            (full, DIVIDED_BY_FULL),
        ],
        hint=tr("An accuracy is the number of right predictions (argmax of the logits) over the number of samples."),
    )


def _floats(values: Any, count: int, name: str) -> torch.Tensor:
    assert_length(values, count, name=name)
    for position, value in enumerate(values):
        where = f"{name}[{position}]" if count > 1 else name
        hint = TENSORS_KEPT if isinstance(value, torch.Tensor) else None
        assert_python_number(value, float, name=where, hint=hint)
    found = torch.tensor(list(values), dtype=torch.float64)
    assert_that(bool(torch.isfinite(found).all()), tr("{what} holds NaN or infinity.", what=verbatim(f"`{name}`")))
    return found


LISTS: Final = ("train_loss", "val_loss", "val_acc")


def assert_history(history: Any, epochs: int | None = None) -> dict[str, Any]:
    """Fails unless `history` has its keys, lists of finite Python floats of one length, and a whole best epoch."""
    assert_keys(history, (*LISTS, "best_epoch"), name="history")
    assert_returns(history["train_loss"], list, name="history['train_loss']")
    count = len(history["train_loss"]) if epochs is None else epochs
    for key in LISTS:
        assert_returns(history[key], list, name=f"history['{key}']")
        _floats(history[key], count, f"history['{key}']")
    assert_python_number(history["best_epoch"], int, name="history['best_epoch']")
    found: dict[str, Any] = history
    return found


def best_epoch(lab: Lab) -> int:
    """The epoch with the lowest validation loss, by the weights that the trainer had."""
    losses = [lab.lesson.measure(item.weights, range(VAL, VAL + SAMPLES))[0].mean() for item in assert_validated(lab)]
    return int(torch.stack(losses).argmin())


def assert_best_weights(weights: Any, lab: Lab, *, name: Message) -> None:
    """Fails unless `weights` (flat) are those of the epoch with the lowest validation loss."""
    assert_trained(lab)
    passes = assert_validated(lab)
    best, last = passes[best_epoch(lab)].weights, passes[-1].weights
    assert_that(not torch.equal(passes[0].weights, last), tr("Training leaves the weights as they were."), hint=NO_STEP)
    correct = [lab.lesson.measure(item.weights, range(VAL, VAL + SAMPLES))[1].float().mean() for item in passes]
    mistakes = [
        (last, NOT_RESTORED),
        (passes[int(torch.stack(correct).argmax())].weights, BY_ACCURACY),
    ]
    if lab.lesson.norm:
        mistakes.append((_with_parameters(lab.lesson, last, best), PARAMETERS_ONLY))
    assert_close(weights, best, rtol=0, atol=1e-6, name=name, mistakes=mistakes, hint=NOT_RESTORED)


def _with_parameters(lesson: Lesson, state: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """`state` with the parameters of `other`, and its own buffers."""
    bench = lesson.bench()
    load_flat(bench.model, state)
    donor = lesson.bench().model
    load_flat(donor, other)
    with torch.no_grad():
        for mine, theirs in zip(bench.model.parameters(), donor.parameters(), strict=True):
            mine.copy_(theirs)
    weights: torch.Tensor = bench.weights
    return weights


def assert_trains_on_device(student: Student, function: Remote, *args: Any, lab: Lab, **kwargs: Any) -> Any:
    """Fails unless `function`, given ``device="cuda"``, moves model and batches there; asked without a GPU.

    Returns:
        What `function` returned; `UNDECIDED` where the student's code needs the GPU itself (its random generator, say).
    """
    there = student.define(pretending)(function)
    there.label = function.label
    try:
        value = there(*args, device="cuda", **kwargs)
    except StudentError as error:
        if "same device" in error.message or "device type tensor to numpy" in error.message:
            raise CheckFailure(
                tr("On a GPU your code would fail: it mixes tensors on two devices."),
                expected=verbatim("cuda"),
                actual=verbatim("cuda + cpu"),
                hint=DEVICE_MIXED,
            ) from error
        if "CUDA" in error.message or "NVIDIA" in error.message:
            return UNDECIDED
        raise
    assert_trained(lab)
    assert_that(
        lab.devices == ["cuda:0"],
        tr("With device='cuda' the model does not end up on the GPU."),
        expected=verbatim("cuda:0"),
        actual=verbatim(", ".join(str(name)[:20] for name in lab.devices)),
        hint=DEVICE_IGNORED,
    )
    return value
