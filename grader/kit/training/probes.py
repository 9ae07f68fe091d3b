"""Behavioural probes for training code: what a loop did, whatever accuracy it reached.

A `Lab` notes what is done with its model and loaders; everything here judges the notes, against the definition
(`replay`) or against the trainer's own weights:

    lab = Lab(student, Lesson.draw(rng))
    history = student.fit(lab.model, lab.train_loader, lab.val_loader, epochs=3, lr=LR)
    assert_train_mode(lab)

A fault of the optimisation costs its own checks alone: losses are compared with those of the weights that the student's
trainer had, not with those that it should have had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import torch

from grader.kit.assertions import assert_close, assert_that
from grader.kit.defaults import assert_defaults_kept
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.messages import Message, tr, verbatim
from grader.kit.observations import forget
from grader.kit.student import Remote, Student, _last_call
from grader.kit.training.beside import pretending
from grader.kit.training.hints import (
    CHANGED_BETWEEN,
    DEVICE_IGNORED,
    DEVICE_MIXED,
    EVAL_MODE,
    FIRST_TRAIN_MODE,
    GOES_BACK,
    GRAD_LEFT_OFF,
    LAST_BATCH,
    NO_GRAD,
    NO_VALIDATION_BETWEEN,
    OTHER_START,
    TRAIN_MODE,
    TRAINS_ON_VAL,
    VAL_TRAINS,
    VALIDATES_FIRST,
    VALIDATES_ON_TRAIN,
    ZERO_GRAD,
)
from grader.kit.training.lab import Forward, Lab, Pass
from grader.kit.training.lessons import LR, VAL, Lesson, replay

UNDECIDED: Final = object()
"""What `assert_trains_on_device` returns where it could not see."""

ATOL: Final = 1e-3
"""Of weights: one hundredth of a step of Adam, and a hundred times what float32 rounding adds up to."""


def passes_that_count(lab: Lab) -> list[Pass]:
    """The passes that a trainer is judged by: each epoch's training, and the validation after it.

    Whoever also looks at the training samples without autograd, runs a batch twice, or measures the model once more
    before the first epoch or after the last, does nothing wrong.
    """
    found: list[Pass] = []
    for item in lab.passes():
        forwards = item.forwards
        if item.role == "train":
            forwards = tuple(_first_of_each_batch([forward for forward in forwards if forward.grad]))
        elif item.role == "val":
            forwards = _rounds(forwards)[0]
        is_repeated = bool(found) and found[-1].role == item.role == "val"
        if forwards and not is_repeated:
            found.append(replace(item, forwards=forwards))
    is_measured_before = len(found) > 1 and found[0].role == found[-1].role == "val"
    return found[1:] if is_measured_before else found


def _first_of_each_batch(forwards: Sequence[Forward]) -> Iterator[Forward]:
    before = None
    for forward in forwards:
        if forward.samples != before:
            yield forward
        before = forward.samples


def _rounds(forwards: Sequence[Forward]) -> list[tuple[Forward, ...]]:
    """Cut where a sample comes again: each part is one way through the loader."""
    rounds: list[list[Forward]] = []
    for forward in forwards:
        if not rounds or any(set(forward.samples) & set(other.samples) for other in rounds[-1]):
            rounds.append([])
        rounds[-1].append(forward)
    return [tuple(item) for item in rounds]


def assert_trained(lab: Lab, epochs: int | None = None) -> list[Pass]:
    """Fails unless the model saw the training samples (in exactly `epochs` passes); returns those passes."""
    passes = [item for item in passes_that_count(lab) if item.role == "train"]
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
    passes = [item for item in passes_that_count(lab) if item.role == "val"]
    measures_training = any(not forward.grad for item in lab.passes("train") for forward in item.forwards)
    assert_that(
        bool(passes),
        tr("The model was never run on the validation samples."),
        hint=VALIDATES_ON_TRAIN if measures_training else None,
    )
    return passes


def assert_validated_last(lab: Lab) -> Pass:
    """Fails if validation comes before an epoch's training and not after it; returns the last pass."""
    passes = passes_that_count(lab)
    is_late = passes[0].role == "val" and passes[-1].role == "train"
    assert_that(not is_late, tr("The last epoch's training is followed by no validation."), hint=VALIDATES_FIRST)
    return passes[-1]


def ask(student: Student, function: Callable[..., Any], *args: Any) -> Any:
    """Calls a function of the check's own; a diagnosis still names the student's latest call."""
    call, described = student.last_call, _last_call.get()
    try:
        return function(*args)
    finally:
        student.last_call = call
        _last_call.set(described)


@contextmanager
def autograd_left_on(student: Student, *, is_judged: bool = True) -> Iterator[None]:
    """Switches autograd on again if what the student's code does in the ``with`` block leaves it off.

    Args:
        student: the notebook.
        is_judged: whether that fails the check; where it makes the student's own code raise, it does in any case.
    """
    fault = None
    try:
        yield
    except StudentError as error:
        fault = error
    if not autograd_was_on(student) and (is_judged or fault is not None):
        raise CheckFailure(tr("Your code leaves autograd switched off."), hint=GRAD_LEFT_OFF) from fault
    if fault is not None:
        raise fault
    if is_judged:
        assert_defaults_kept(student)


def autograd_was_on(student: Student) -> bool:
    """Whether the latest call left autograd on; it is on from here on."""
    return student.define(AUTOGRAD, "autograd").was_on is True


AUTOGRAD: Final = """
class Autograd:
    @property
    def was_on(self):
        was_on = torch.is_grad_enabled()
        torch.set_grad_enabled(True)
        return was_on

autograd = Autograd()
"""


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
    passes = [item for item in lab.passes() if item.role != "train" or any(forward.grad for forward in item.forwards)]
    assert_validated(lab)
    for item, after in zip(passes, [*passes[1:], None], strict=True):
        if item.role != "val":
            continue
        states = [[forward.weights for forward in forwards] for forwards in _rounds(item.forwards)]
        if after is None and until_now:
            states[-1].append(lab.weights)
        assert_that(
            all(torch.equal(state, found[0]) for found in states for state in found),
            tr("The model's weights or buffers change while you validate."),
            hint=VAL_TRAINS,
        )
        if after is not None:
            assert_goes_on(item, after, [found.weights for found in assert_validated(lab)])


def assert_goes_on(validation: Pass, training: Pass, validated: Sequence[torch.Tensor]) -> None:
    """Fails unless the epoch after a validation begins with the weights that were validated."""
    goes_back = any(torch.equal(weights, training.weights) for weights in validated)
    assert_that(
        torch.equal(validation.forwards[-1].weights, training.weights),
        tr("An epoch begins with other weights than the validation before it saw."),
        hint=GOES_BACK if goes_back else CHANGED_BETWEEN,
    )


def assert_every_sample(lab: Lab) -> None:
    """Fails unless each epoch trains on every training sample once, and each validation sees every other one."""
    for item in assert_trained(lab):
        seen = sorted(number for forward in item.forwards for number in forward.samples)
        assert_that(
            seen == list(lab.lesson.samples),
            tr("An epoch does not train on every sample exactly once."),
            expected=tr("{n} samples", n=len(lab.lesson.samples)),
            actual=tr("{n} samples", n=len(seen)),
            hint=_what_was_missed(seen, lab.lesson.samples, lab.lesson.batch_size),
        )
    numbers = range(VAL, VAL + len(lab.lesson.val_labels))
    for item in assert_validated(lab):
        seen_here = {number for forward in item.forwards for number in forward.samples}
        assert_that(
            len(seen_here) == len(lab.lesson.val_labels),
            tr("A validation does not see every sample."),
            expected=tr("{n} samples", n=len(lab.lesson.val_labels)),
            actual=tr("{n} samples", n=len(seen_here)),
            hint=_what_was_missed(sorted(seen_here), numbers, lab.lesson.batch_size),
        )


def _what_was_missed(seen: Sequence[int], numbers: range, batch_size: int) -> Message | None:
    """What is known of samples that were seen in place of each once."""
    seen = list(seen)
    if seen == list(numbers[: len(numbers) - len(numbers) % batch_size]):
        return LAST_BATCH
    return NO_VALIDATION_BETWEEN if seen == sorted([*numbers] * max(2, len(seen) // len(numbers))) else None


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


def assert_shuffled_anew(lab: Lab, *, hint: Message | None = None) -> None:
    """Fails if every epoch visits the samples in the same order, where the loader shuffles."""
    passes = assert_trained(lab)
    orders = {tuple(number for forward in item.forwards for number in forward.samples) for item in passes}
    assert_that(len(orders) > 1, tr("The order of the samples is the same in every epoch."), hint=hint)


def assert_follows_adam(lab: Lab, epochs: int, lr: float = LR) -> None:
    """Fails unless the weights after `epochs` epochs are those of the definition, a loop with Adam.

    They are read from the last validation, before a trainer loads its best weights back.
    """
    trained, last = assert_trained(lab), assert_validated_last(lab)
    weights = last.weights if last.role == "val" else lab.weights
    assert_that(not torch.equal(weights, trained[0].weights), tr("Training leaves the weights as they were."))
    starts_there = torch.equal(trained[0].weights, lab.lesson.bench().weights)
    if not starts_there:
        forget()  # new weights are drawn at random
    assert_that(
        starts_there,
        tr("Training begins with other weights than those that the model came with."),
        hint=OTHER_START,
    )
    assert_close(
        weights,
        replay(lab.lesson, epochs, lr)[-1],
        rtol=0,
        atol=ATOL,
        name=tr("The model's weights after {n} epochs", n=epochs),
        mistakes=wrong_updates(lab.lesson, epochs, lr),
        hint=tr(
            "Each batch: clear the gradients, compute the cross entropy of the logits, backward, one step of Adam with"
            " the learning rate that was given, and nothing else."
        ),
    )


def wrong_updates(lesson: Lesson, epochs: int, lr: float) -> Iterator[tuple[torch.Tensor, Message]]:
    """The weights that come of each mistake in an update, and its hint."""

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
    assert_that(bool(lab.passes("train")), tr("The model was never run on the training samples."))
    assert_that(
        lab.devices == ["cuda:0"],
        tr("With device='cuda' the model does not end up on the GPU."),
        expected=verbatim("cuda:0"),
        actual=verbatim(", ".join(str(name)[:20] for name in lab.devices)),
        hint=DEVICE_IGNORED,
    )
    return value
