"""Probes of the numbers that training code returns: losses and accuracies are means over samples.

They are compared with those of the weights that the student's trainer had, batch by batch, and with what comes of each
way in which such means go wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import torch

from grader.kit.assertions import assert_close
from grader.kit.messages import Message, tr
from grader.kit.training.hints import VALIDATES_ON_TRAIN
from grader.kit.training.histories import finite_floats
from grader.kit.training.lab import Forward, Lab, Pass
from grader.kit.training.probes import assert_trained, assert_validated, passes_that_count

WEIGHTED = tr(
    "The last batch is smaller, and you average the batches' means: weight each mean by its batch's size, then divide"
    " by the number of samples."
)
LAST_ONLY = tr("That is the loss of the last batch alone: add up the losses of all batches.")
SUMMED = tr("The losses are added up and never divided by the number of samples.")
ALL_FULL = tr("Each batch's mean counts batch_size times, and the last batch is smaller: multiply by len(labels).")
NEVER_RESET = tr("The sums go on from epoch to epoch: set them to 0 at the start of each.")
OTHER_SIZE = tr("You divide by the number of samples of the other set: count those that you add up.")
OTHER_SET = tr("Those are the numbers of the other set: training and validation are swapped.")
LAST_RIGHT = tr("That is the accuracy of the last batch alone: count over all batches.")
RIGHT_SUMMED = tr("That is how many predictions are right: divide by the number of samples.")
RIGHT_AFTER = tr("Those are the predictions after the step: count with the logits that the step was made from.")
DIVIDED_BY_FULL = tr("You divide by batches times the batch size, and the last batch is smaller: count the samples.")
MEASURED_AFTER = tr(
    "That is the loss after the epoch's steps. The loss of an epoch is the mean of those that its steps were made from."
)
PERCENTAGE = tr("An accuracy is a fraction between 0 and 1 here, not a percentage.")

Batches = list[torch.Tensor]
"""The numbers of a pass, one for each sample, batch by batch."""

MEANS: Final[Sequence[tuple[Callable[[Batches], torch.Tensor], Message]]] = (
    (lambda batches: _means(batches).mean(), WEIGHTED),
    (lambda batches: torch.cat(batches).sum() / (len(batches[0]) * len(batches)), DIVIDED_BY_FULL),
    (lambda batches: len(batches[0]) * _means(batches).sum() / len(torch.cat(batches)), ALL_FULL),
)
"""What goes wrong with losses and accuracies alike."""

LOSSES: Final = (
    *MEANS,
    (lambda batches: batches[-1].mean(), LAST_ONLY),
    (lambda batches: torch.cat(batches).sum(), SUMMED),
    (lambda batches: _means(batches).sum(), SUMMED),
)

ACCURACIES: Final = (
    (lambda batches: 100 * torch.cat(batches).mean(), PERCENTAGE),
    *MEANS,
    (lambda batches: batches[-1].mean(), LAST_RIGHT),
    (lambda batches: torch.cat(batches).sum(), RIGHT_SUMMED),
)


def assert_losses(values: Any, lab: Lab, role: str, *, name: str) -> None:
    """Fails unless `values` are the mean losses of the passes with `role`, over samples; the model's own weights count.

    Args:
        values: one float for each pass.
        lab: what was trained in, without dropout and normalisation.
        role: ``train`` or ``val``.
        name: of the values.
    """
    passes = assert_trained(lab) if role == "train" else assert_validated(lab)
    losses = [_of_each_batch(lab, item, 0) for item in passes]
    measures_training = any(not forward.grad for item in lab.passes("train") for forward in item.forwards)

    def mistakes() -> Iterator[tuple[torch.Tensor, Message]]:
        yield from _wrong_means(losses, LOSSES)
        if role == "train":
            yield _losses_after(lab), MEASURED_AFTER
        yield from _of_the_other_set(lab, role, losses, 0)

    assert_close(
        finite_floats(values, len(passes), name),
        torch.stack([torch.cat(batches).mean() for batches in losses]),
        name=name,
        mistakes=mistakes(),
        hint=VALIDATES_ON_TRAIN
        if role == "val" and measures_training
        else tr(
            "It should be the mean over samples of the cross entropy of the logits, one number for each pass over the"
            " loader."
        ),
    )


def assert_accuracies(values: Any, lab: Lab, role: str, *, name: str) -> None:
    """Fails unless `values` are the accuracies (0 to 1) of the passes with `role`; as `assert_losses`."""
    passes = assert_trained(lab) if role == "train" else assert_validated(lab)
    right = [_of_each_batch(lab, item, 1) for item in passes]

    def mistakes() -> Iterator[tuple[torch.Tensor, Message]]:
        wrong = [*_wrong_means(right, ACCURACIES), *_of_the_other_set(lab, role, right, 1)]
        if role == "train":
            wrong.append((_accuracies_after(lab), RIGHT_AFTER))
        yield from ((value, hint) for value, hint in wrong if bool(value.any()))  # 0 comes about in many ways

    assert_close(
        finite_floats(values, len(passes), name),
        torch.stack([torch.cat(batches).mean() for batches in right]),
        name=name,
        mistakes=mistakes(),
        hint=tr("An accuracy is the number of right predictions (argmax of the logits) over the number of samples."),
    )


def _means(batches: Batches) -> torch.Tensor:
    return torch.stack([batch.mean() for batch in batches])


def _of_each_batch(lab: Lab, item: Pass, what: int) -> Batches:
    """The losses (0) or right predictions (1) of a pass."""
    return [lab.lesson.measure(forward.weights, forward.samples)[what].float() for forward in item.forwards]


def _wrong_means(
    passes: list[Batches], reductions: Sequence[tuple[Callable[[Batches], torch.Tensor], Message]]
) -> Iterator[tuple[torch.Tensor, Message]]:
    for reduction, hint in reductions:
        yield torch.stack([reduction(batches) for batches in passes]), hint
    samples = [torch.cat(batches) for batches in passes]
    yield torch.stack([torch.cat(samples[:end]).mean() for end in range(1, len(samples) + 1)]), NEVER_RESET


def _of_the_other_set(lab: Lab, role: str, passes: list[Batches], what: int) -> Iterator[tuple[torch.Tensor, Message]]:
    """The other set's size, or its very numbers, in place of those of the passes with `role`."""
    size = len(lab.lesson.val_labels) if role == "train" else len(lab.lesson.train_labels)
    yield torch.stack([torch.cat(batches).sum() / size for batches in passes]), OTHER_SIZE
    others = [item for item in passes_that_count(lab) if item.role not in (role, "other")]
    if len(others) == len(passes):
        yield torch.stack([torch.cat(_of_each_batch(lab, item, what)).mean() for item in others]), OTHER_SET


def _losses_after(lab: Lab) -> torch.Tensor:
    """The training samples' mean loss after each epoch's steps."""
    passes = passes_that_count(lab)
    after = [*(item.weights for item in passes[1:]), lab.weights]
    return torch.stack(
        [
            lab.lesson.measure(weights, lab.lesson.samples)[0].mean()
            for item, weights in zip(passes, after, strict=True)
            if item.role == "train"
        ]
    )


def _accuracies_after(lab: Lab) -> torch.Tensor:
    """The share of right predictions in training, each batch's made after its step."""
    passes = passes_that_count(lab)
    forwards = [forward for item in passes for forward in item.forwards]
    after = iter([*(forward.weights for forward in forwards[1:]), lab.weights])

    def right(forward: Forward) -> torch.Tensor:
        return lab.lesson.measure(next(after), forward.samples)[1].float()

    shares = [(item.role, torch.cat([right(forward) for forward in item.forwards]).mean()) for item in passes]
    return torch.stack([share for role, share in shares if role == "train"])
