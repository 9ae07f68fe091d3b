"""A place to watch training code in: a small model and two loaders that note what is done with them.

`training_lab` and `pretending` are sent to the worker by their source and hold no secret. `Lesson` is what a trainer is
given, `replay` the definition of training on it, and `Lab` the checks' view of the lab beside the student's code; the
judgement is in `grader.kit.training.probes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch

from grader.kit.assertions import assert_returns
from grader.kit.calls import Call
from grader.kit.observations import unobserved
from grader.kit.student import Remote, Student
from grader.kit.training.beside import training_lab
from grader.kit.training.lessons import LR, VAL, Lesson


@dataclass(frozen=True)
class Forward:
    """One forward pass of the lab's model.

    Attributes:
        role: ``train``, ``val``, or ``other`` for inputs that are no samples of the lesson.
        samples: their numbers.
        training: the model's mode.
        grad: whether autograd was on.
        weights: the model's before the pass, its whole `state_dict` as one float tensor of shape (n,).
    """

    role: str
    samples: tuple[int, ...]
    training: bool
    grad: bool
    weights: torch.Tensor


@dataclass(frozen=True)
class Pass:
    """Forward passes one after another with the same role: an epoch's training, or a validation.

    Attributes:
        role: ``train``, ``val`` or ``other``.
        forwards: one for each batch, in order.
    """

    role: str
    forwards: tuple[Forward, ...]

    @property
    def weights(self) -> torch.Tensor:
        """Those that it began with."""
        return self.forwards[0].weights


class Lab:
    """A lesson's model and loaders beside the student's code, and the notes that they take.

    Args:
        student: the notebook.
        lesson: what is trained on.

    Attributes:
        lesson: the same.
        model: a `Remote`, as are the next three: an `nn.Module` that takes (n, 1, 4, 4) and gives logits (n, 4).
        train_loader: 10 samples in batches of 4, 4 and 2, unless the lesson was `stretched`.
        val_loader: as many others.
        loss_fn: the mean cross entropy of logits.
    """

    def __init__(self, student: Student, lesson: Lesson) -> None:
        self.lesson = lesson
        self._student = student
        self._passes: list[Pass] = []
        self._read_after: Call | None = None
        self._bench = student.define(training_lab)(*lesson._parts())
        self.model = self._named("model")
        self.train_loader = self._named("train_loader")
        self.val_loader = self._named("val_loader")
        self.loss_fn = self._named("loss_fn")

    def _named(self, name: str) -> Remote:
        remote: Remote = getattr(self._bench, name)
        remote.label = name
        return remote

    def adam(self, lr: float = LR) -> Remote:
        """An Adam of the model's parameters, with the learning rate `lr`."""
        optimizer: Remote = self._bench.adam(lr)
        optimizer.label = "optimizer"
        return optimizer

    @property
    def path(self) -> str:
        """Where a checkpoint may be written; its folder does not exist yet."""
        with unobserved():  # another one each time
            return str(self._bench.path)

    @property
    def checkpoint(self) -> Any:
        """What ``torch.load(path, weights_only=True)`` gives."""
        return self._bench.checkpoint

    @property
    def saves(self) -> list[tuple[int, torch.Tensor]]:
        """What came to lie at `path`: the number of forward passes before it was seen there, and its weights, flat."""
        found = self._bench.saves
        assert_returns(found, list, name="checkpoint")
        return [(int(number), torch.as_tensor(weights)) for number, weights in found]

    @property
    def weights(self) -> torch.Tensor:
        """The model's weights and buffers now, one tensor of shape (n,)."""
        weights = self._bench.weights
        assert_returns(weights, torch.Tensor, name="model")
        return torch.as_tensor(weights)

    @property
    def is_training(self) -> bool:
        """The model's mode now."""
        return self._bench.training is not False

    @property
    def devices(self) -> list[str]:
        """Where the model's parameters lie, when it is used by `pretending`."""
        return list(self._bench.devices)

    def passes(self, role: str | None = None) -> list[Pass]:
        """What was done so far, those with `role` or all."""
        if self._read_after is not self._student.last_call:  # nothing but a call adds to the log
            forwards = [self._forward(note) for note in self._bench.log]
            grouped = groupby(forwards, lambda forward: forward.role)
            self._passes = [Pass(name, tuple(found)) for name, found in grouped]
            self._read_after = self._student.last_call
        return [item for item in self._passes if role in (None, item.role)]

    def _forward(self, note: Any) -> Forward:
        training, grad, seen, weights = note
        samples = tuple(int(number) for number in seen.tolist())
        count = len(self.lesson.train_labels)
        known = {number >= VAL if number % VAL < count and number < 2 * VAL else None for number in samples}
        role = "val" if known == {True} else "train" if known == {False} else "other"
        return Forward(role, samples, training is True, grad is True, weights)
