"""What is trained in the laboratory: data, a model, and what the right steps make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import torch
import torch.nn.functional as F
from torch import nn

from grader.kit.randomness import Rng
from grader.kit.training.beside import training_lab

BATCH_SIZE: Final = 4
SAMPLES: Final = 10
"""Batches of 4, 4 and 2: the last one is not full, so that a mean of batch means is not the mean."""

CLASSES: Final = 4
SIDE: Final = 4
LR: Final = 0.1
"""Far from every default, and large enough to tell one step from another."""

VAL: Final = 10_000
"""Samples are numbered in their first pixel, which the model does not look at; validation begins at this number."""


@dataclass(frozen=True)
class Lesson:
    """What a trainer is given: numbered samples and the weights to start from.

    Attributes:
        train_images: (n, 1, 4, 4), with n = 10 unless it was `stretched`; the first pixel is the sample's number.
        train_labels: (n,) int64.
        val_images: as `train_images`, numbered from `VAL`.
        val_labels: as `train_labels`.
        weights: the model's first weights, by name.
        norm: whether the model has batch normalisation, and so buffers.
        dropout: the model's dropout.
        shuffle: whether the training loader shuffles.
        batch_size: of both loaders.
    """

    train_images: torch.Tensor
    train_labels: torch.Tensor
    val_images: torch.Tensor
    val_labels: torch.Tensor
    weights: Mapping[str, torch.Tensor]
    norm: bool = False
    dropout: float = 0.0
    shuffle: bool = False
    batch_size: int = BATCH_SIZE

    @classmethod
    def draw(cls, rng: Rng, *, norm: bool = False, dropout: float = 0.0, shuffle: bool = False) -> Lesson:
        """A lesson with random images, labels and first weights.

        Args:
            rng: draws them.
            norm: whether the model has batch normalisation.
            dropout: the model's dropout, 0 to 1.
            shuffle: whether the training loader shuffles.
        """
        features, hidden = SIDE * SIDE - 1, 5
        weights = {
            "hidden.weight": rng.normal(hidden, features, std=0.4),
            "hidden.bias": rng.normal(hidden, std=0.4),
            "output.weight": rng.normal(CLASSES, hidden, std=0.4),
            "output.bias": rng.normal(CLASSES, std=0.4),
        }
        images = [_numbered(rng.uniform(SAMPLES, 1, SIDE, SIDE), start) for start in (0, VAL)]
        labels = [rng.integers(0, CLASSES, SAMPLES) for _ in images]
        return cls(images[0], labels[0], images[1], labels[1], weights, norm, dropout, shuffle)

    def bench(self) -> Any:
        """The lesson's model and loaders on this side."""
        return training_lab(*self._parts())

    def _parts(self) -> tuple[Any, ...]:
        return (
            *(self.train_images, self.train_labels, self.val_images, self.val_labels),
            *(dict(self.weights), self.batch_size, self.shuffle, self.dropout, self.norm),
        )

    @property
    def samples(self) -> range:
        """The numbers of the training samples."""
        return range(len(self.train_labels))

    def stretched(self, size: int) -> Self:
        """The same lesson in full batches of another size: each holds the samples of one of 4, over and over.

        Args:
            size: of every batch; with 4, the last and smaller batch alone is left out.
        """
        rows = _stretched_rows(size)

        def numbered(images: torch.Tensor, start: int) -> torch.Tensor:
            return _numbered(images[rows], start)

        return replace(
            self,
            train_images=numbered(self.train_images, 0),
            train_labels=self.train_labels[rows],
            val_images=numbered(self.val_images, VAL),
            val_labels=self.val_labels[rows],
            batch_size=size,
        )

    def measure(self, weights: torch.Tensor, samples: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss of each sample, and whether it is classified rightly, by a model in eval mode with `weights`.

        Args:
            weights: the model's, flat.
            samples: their numbers, n of them.

        Returns:
            The losses, float32 (n,), and the hits, bool (n,).
        """
        model = self.bench().model.eval()
        load_flat(model, weights)
        chosen = torch.tensor(samples)
        images = torch.cat([self.train_images, self.val_images])
        labels = torch.cat([self.train_labels, self.val_labels])
        rows = torch.where(chosen >= VAL, chosen - VAL + len(self.train_labels), chosen)
        with torch.no_grad():
            logits = model(images[rows])
        return F.cross_entropy(logits, labels[rows], reduction="none"), logits.argmax(1) == labels[rows]


def _numbered(images: torch.Tensor, start: int) -> torch.Tensor:
    images[:, 0, 0, 0] = torch.arange(start, start + len(images))
    return images


def _stretched_rows(size: int) -> torch.Tensor:
    """Which sample of a lesson each sample of the stretched one is."""
    starts = range(0, SAMPLES - BATCH_SIZE + 1, BATCH_SIZE)
    return torch.cat([start + torch.arange(size) % BATCH_SIZE for start in starts])


def load_flat(model: nn.Module, weights: torch.Tensor) -> None:
    """Puts a flat copy of a `state_dict` back into a model of the same architecture."""
    state, start = model.state_dict(), 0
    for tensor in state.values():
        tensor.copy_(weights[start : start + tensor.numel()].reshape(tensor.shape))
        start += tensor.numel()


@torch.enable_grad()
def replay(
    lesson: Lesson,
    epochs: int,
    lr: float = LR,
    *,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.Adam,
    clear: bool = True,
    step_every_batch: bool = True,
    new_every_epoch: bool = False,
    score: Callable[[torch.Tensor], torch.Tensor] = lambda logits: logits,
) -> list[torch.Tensor]:
    """The definition: the weights after each epoch of a plain loop over the batches, in order.

    Every keyword makes one mistake on purpose. A notebook that left autograd off changes nothing here.

    Args:
        lesson: what is trained on.
        epochs: how often.
        lr: the learning rate.
        optimizer: another one than Adam.
        clear: whether gradients are cleared before each batch.
        step_every_batch: whether there is a step after each batch, or one an epoch.
        new_every_epoch: whether each epoch has a new optimizer.
        score: what is done to the logits before the cross entropy.

    Returns:
        The weights, flat, one tensor for each epoch.
    """
    bench = lesson.bench()
    model = bench.model.train()
    updates = optimizer(model.parameters(), lr=lr)
    snapshots = []
    for _ in range(epochs):
        if new_every_epoch:
            updates = optimizer(model.parameters(), lr=lr)
        batches = list(bench.train_loader)
        for position, (images, labels) in enumerate(batches, 1):
            if clear:
                updates.zero_grad()
            F.cross_entropy(score(model(images)), labels).backward()  # type: ignore[no-untyped-call]
            if step_every_batch or position == len(batches):
                updates.step()
        snapshots.append(bench.weights)
    return snapshots


def scripted_lesson(
    rng: Rng, script: str, *, lr: float = LR, norm: bool = False, batch_size: int | None = None
) -> Lesson:
    """A lesson whose validation labels force which epochs are better than all before.

    Args:
        rng: draws the lesson.
        script: for each epoch after the first, ``b`` where its validation loss is the best so far and ``w`` where it is
            worse than the best.
        lr: of the loop that the script is written for.
        norm: whether the model has batch normalisation.
        batch_size: of a `stretched` lesson.

    The losses stay above 1, and the best epoch is not the one of the highest accuracy.

    Raises:
        RuntimeError: 500 drawn lessons have none that follows the script.
    """
    best_epoch = script.rindex("b") + 1
    for _ in range(500):
        lesson = Lesson.draw(rng, norm=norm)
        if batch_size is not None:
            lesson = lesson.stretched(batch_size)
        model = lesson.bench().model.eval()
        logits = []
        for weights in replay(lesson, len(script) + 1, lr):
            load_flat(model, weights)
            with torch.no_grad():
                logits.append(model(lesson.val_images))
        scores = torch.stack(logits)
        labels = rng.integers(0, CLASSES, 2000, SAMPLES)
        if batch_size is not None:
            labels = labels[:, _stretched_rows(batch_size)]
        samples = torch.arange(labels.shape[1])
        losses = -F.log_softmax(scores, 2)[:, samples, labels].mean(2)  # (epochs, 2000)
        accuracies = (scores.argmax(2)[:, None] == labels).float().mean(2)
        best, margin = losses[0], torch.full_like(losses[0], torch.inf)
        for mark, loss in zip(script, losses[1:], strict=True):
            margin = torch.minimum(margin, best - loss if mark == "b" else loss - best)
            best = torch.minimum(best, loss)
        margin[(losses.min(0).values < 1.1) | (accuracies[best_epoch] >= accuracies.max(0).values)] = -1
        choice = int(margin.argmax())
        if margin[choice] > 0.01:
            return replace(lesson, val_labels=labels[choice])
    raise RuntimeError(f"no lesson follows the script {script!r}")
