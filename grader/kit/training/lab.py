"""A place to watch training code in: a small model and two loaders that note what is done with them.

`training_lab` and `pretending` are sent to the worker by their source and hold no secret. `Lesson` is what a trainer is
given, `replay` the definition of training on it, and `Lab` the checks' view of the lab beside the student's code; the
judgement is in `grader.kit.training.probes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import nn

from grader.kit.assertions import assert_returns
from grader.kit.randomness import Rng
from grader.kit.student import Call, Remote, Student

BATCH_SIZE: Final = 4
SAMPLES: Final = 10
"""Batches of 4, 4 and 2: the last one is not full, so that a mean of batch means is not the mean."""

CLASSES: Final = 4
SIDE: Final = 4
LR: Final = 0.1
"""Far from every default, and large enough to tell one step from another."""

VAL: Final = 100
"""Samples are numbered in their first pixel, which the model does not look at; validation begins at this number."""


# ---------------------------------------------------------------------------- what runs beside the student's code


def training_lab(
    train_images: torch.Tensor,
    train_labels: torch.Tensor,
    val_images: torch.Tensor,
    val_labels: torch.Tensor,
    weights: Mapping[str, torch.Tensor],
    batch_size: int = 4,
    shuffle: bool = False,
    dropout: float = 0.0,
    norm: bool = False,
) -> Any:
    """A model and two loaders that note what is done with them; sent by its source."""
    import io
    import os
    import tempfile
    from functools import cached_property

    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    log: list[Any] = []
    saved: list[tuple[int, bytes]] = []
    paths: list[str] = []

    def note_file() -> None:
        """What lies at `path` before a forward pass, where it changed."""
        if paths and os.path.exists(paths[0]):  # noqa: PTH110
            with open(paths[0], "rb") as file:  # noqa: PTH123
                content = file.read()
            if not saved or saved[-1][1] != content:
                saved.append((len(log), content))

    def flat(state: Any) -> torch.Tensor:
        return torch.cat([tensor.detach().double().flatten() for tensor in state.values()])

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            hidden, features = weights["hidden.weight"].shape
            self.hidden = nn.Linear(features, hidden)
            self.norm = nn.BatchNorm1d(hidden) if norm else nn.Identity()
            self.dropout = nn.Dropout(dropout)
            self.output = nn.Linear(hidden, weights["output.weight"].shape[0])
            self.load_state_dict(dict(weights), strict=False)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            grad_enabled = torch.is_grad_enabled()
            pixels = images.flatten(1)
            note_file()
            with torch.no_grad():
                seen = pixels[:, 0].round().long().cpu()
                log.append((self.training, grad_enabled, seen, flat(self.state_dict()).cpu()))
            hidden = self.norm(torch.tanh(self.hidden(pixels[:, 1:])))
            logits: torch.Tensor = self.output(self.dropout(hidden))
            return logits

    class Bench:
        """What `Lab` reads: attributes alone, so that the latest call stays the student's."""

        def __init__(self) -> None:
            self.model = Model()
            train, val = TensorDataset(train_images, train_labels), TensorDataset(val_images, val_labels)
            self.train_loader = DataLoader(train, batch_size=batch_size, shuffle=shuffle)
            self.val_loader = DataLoader(val, batch_size=batch_size)
            self.loss_fn = nn.CrossEntropyLoss()

        def adam(self, lr: float) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.model.parameters(), lr=lr)

        @cached_property
        def folder(self) -> Any:
            return tempfile.TemporaryDirectory()

        @property
        def path(self) -> str:
            paths[:] = [os.path.join(self.folder.name, "checkpoints", "best.pt")]  # noqa: PTH118
            return paths[0]

        @property
        def log(self) -> list[Any]:
            return list(log)

        @property
        def weights(self) -> torch.Tensor:
            return flat(self.model.state_dict())

        @property
        def training(self) -> bool:
            return self.model.training

        @property
        def devices(self) -> list[str]:
            return sorted({getattr(tensor, "_pretended", "cpu") for tensor in self.model.parameters()})

        @property
        def saves(self) -> list[Any]:
            states = [(number, torch.load(io.BytesIO(content), weights_only=True)) for number, content in saved]
            return [(number, flat(state)) for number, state in states]

        @property
        def checkpoint(self) -> Any:
            return torch.load(self.path, weights_only=True)

    return Bench()


def pretending(function: Callable[..., Any], pretended: str = "cuda:0") -> Callable[..., Any]:
    """`function` in a world with a device `pretended`: tensors have data, and devices do not mix; sent by source.

    Fake tensors have no data, and training code asks for it (``loss.item()``). Here every tensor lies on the CPU and
    carries the name of the device that it would lie on; whatever moves a tensor changes the name, and whatever mixes
    two names raises what PyTorch raises.
    """
    import functools

    import torch
    from torch.overrides import TorchFunctionMode

    kind: Any = torch.Tensor
    moves = {kind.to, kind.cuda, kind.cpu}
    sets_data, compares_kinds = kind.data.__set__, torch._has_compatible_shallow_copy_type
    mixes = {kind.copy_, kind.__setitem__, kind.grad.__set__, sets_data, compares_kinds}
    indexes = {kind.__getitem__}
    leaves_torch = {kind.numpy, kind.__array__}

    def place(tensor: torch.Tensor) -> str:
        return str(getattr(tensor, "_pretended", "cpu"))

    def tensors(value: Any) -> list[torch.Tensor]:
        if isinstance(value, torch.Tensor):
            return [value]
        if isinstance(value, dict):
            value = list(value.values())
        return [tensor for item in value for tensor in tensors(item)] if isinstance(value, list | tuple) else []

    def mark(value: Any, device: str) -> Any:
        for tensor in tensors(value):
            tensor._pretended = device  # type: ignore[attr-defined]
        return value

    def named(device: Any) -> str:
        device = torch.device(device) if not isinstance(device, int) else torch.device("cuda", device)
        return "cpu" if device.type == "cpu" else pretended

    def moved(operation: Any, tensor: torch.Tensor, args: Any, kwargs: Any) -> Any:
        if operation != kind.to:
            target, dtype = "cpu" if operation == kind.cpu else pretended, None
        else:
            other = args[0] if args else kwargs.get("other")
            if isinstance(other, torch.Tensor):
                target, dtype = place(other), other.dtype
            else:
                known = {name: value for name, value in kwargs.items() if name in ("device", "dtype")}
                device, dtype = torch._C._nn._parse_to(*args[:2], **known)[:2]
                target = place(tensor) if device is None else named(device)
        result = tensor if dtype is None else tensor.to(dtype)
        if result is tensor and target == place(tensor) and not kwargs.get("copy"):
            return tensor
        return mark(result.clone() if result is tensor else result, target)

    class Pretended(TorchFunctionMode):
        def __torch_function__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = dict(kwargs or {})
            if operation in moves:
                return moved(operation, args[0], args[1:], kwargs)
            if operation == kind.device.__get__:
                return torch.device(place(args[0]))
            if operation == kind.is_cuda.__get__:
                return place(args[0]).startswith("cuda")
            wanted = kwargs.pop("device", None)
            given = tensors(args[:1] if operation in indexes else args) + tensors(list(kwargs.values()))
            homes = {place(tensor) for tensor in given if tensor.ndim > 0 or place(tensor) != "cpu"}
            if operation in leaves_torch and homes - {"cpu"}:
                raise TypeError(
                    f"can't convert {pretended} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to"
                    " host memory first."
                )
            if operation in mixes:
                if operation == sets_data:
                    mark(args[0], place(args[1]))
                return operation(*args, **kwargs)
            if len(homes) > 1:
                raise RuntimeError(
                    "Expected all tensors to be on the same device, but found at least two devices,"
                    f" {pretended} and cpu!"
                )
            home = named(wanted) if wanted is not None else next(iter(homes), "cpu")
            return mark(operation(*args, **kwargs), home)

    @functools.wraps(function)
    def pretended_call(*args: Any, **kwargs: Any) -> Any:
        with Pretended():
            return function(*args, **kwargs)

    return pretended_call


# ------------------------------------------------------------------------------------------------- the lesson


@dataclass(frozen=True)
class Lesson:
    """What a trainer is given: numbered samples and the weights to start from.

    Attributes:
        train_images: (10, 1, 4, 4); the first pixel is the sample's number.
        train_labels: (10,) int64.
        val_images: as `train_images`, numbered from `VAL`.
        val_labels: as `train_labels`.
        weights: the model's first weights, by name.
        norm: whether the model has batch normalisation, and so buffers.
        dropout: the model's dropout.
        shuffle: whether the training loader shuffles.
    """

    train_images: torch.Tensor
    train_labels: torch.Tensor
    val_images: torch.Tensor
    val_labels: torch.Tensor
    weights: Mapping[str, torch.Tensor]
    norm: bool = False
    dropout: float = 0.0
    shuffle: bool = False

    @classmethod
    def draw(cls, rng: Rng, *, norm: bool = False, dropout: float = 0.0, shuffle: bool = False) -> Lesson:
        """A lesson with random images, labels and first weights."""
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
            *(dict(self.weights), BATCH_SIZE, self.shuffle, self.dropout, self.norm),
        )

    def measure(self, weights: torch.Tensor, samples: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss of each sample, and whether it is classified rightly, by a model in eval mode with `weights`."""
        model = self.bench().model.eval()
        load_flat(model, weights)
        chosen = torch.tensor(samples)
        images = torch.cat([self.train_images, self.val_images])
        labels = torch.cat([self.train_labels, self.val_labels])
        rows = torch.where(chosen >= VAL, chosen - VAL + SAMPLES, chosen)
        with torch.no_grad():
            logits = model(images[rows])
        return F.cross_entropy(logits, labels[rows], reduction="none"), logits.argmax(1) == labels[rows]


def _numbered(images: torch.Tensor, start: int) -> torch.Tensor:
    images[:, 0, 0, 0] = torch.arange(start, start + len(images))
    return images


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

    Every keyword but `lr` makes one mistake on purpose. A notebook that left autograd off changes nothing here.
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


def scripted_lesson(rng: Rng, script: str, *, lr: float = LR, norm: bool = False) -> Lesson:
    """A lesson whose validation labels force which epochs are better than all before.

    Args:
        rng: draws the lesson.
        script: for each epoch after the first, ``b`` where its validation loss is the best so far and ``w`` where it is
            worse than the best.
        lr: of the loop that the script is written for.
        norm: whether the model has batch normalisation.

    The losses stay above 1, and the best epoch is not the one of the highest accuracy.
    """
    best_epoch = script.rindex("b") + 1
    for _ in range(500):
        lesson = Lesson.draw(rng, norm=norm)
        model = lesson.bench().model.eval()
        logits = []
        for weights in replay(lesson, len(script) + 1, lr):
            load_flat(model, weights)
            with torch.no_grad():
                logits.append(model(lesson.val_images))
        scores = torch.stack(logits)
        labels = rng.integers(0, CLASSES, 2000, SAMPLES)
        samples = torch.arange(SAMPLES)
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


# ---------------------------------------------------------------------------------------------------- the lab


@dataclass(frozen=True)
class Forward:
    """One forward pass of the lab's model.

    Attributes:
        role: ``train``, ``val``, or ``other`` for inputs that are no samples of the lesson.
        samples: their numbers.
        training: the model's mode.
        grad: whether autograd was on.
        weights: the model's before the pass, flat.
    """

    role: str
    samples: tuple[int, ...]
    training: bool
    grad: bool
    weights: torch.Tensor


@dataclass(frozen=True)
class Pass:
    """Forward passes one after another with the same role: an epoch's training, or a validation."""

    role: str
    forwards: tuple[Forward, ...]

    @property
    def weights(self) -> torch.Tensor:
        """Those that it began with."""
        return self.forwards[0].weights


class Lab:
    """A lesson's model and loaders beside the student's code, and the notes that they take.

    Attributes:
        model: a `Remote`, as are `train_loader`, `val_loader` and `loss_fn`.
        path: where a checkpoint may be written; its folder does not exist yet.
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
        """An Adam of the model's parameters."""
        optimizer: Remote = self._bench.adam(lr)
        optimizer.label = "optimizer"
        return optimizer

    @property
    def path(self) -> str:
        """Where a checkpoint may be written."""
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
        """The model's now, flat."""
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
        known = {number >= VAL if number % VAL < SAMPLES and number < 2 * VAL else None for number in samples}
        role = "val" if known == {True} else "train" if known == {False} else "other"
        return Forward(role, samples, training is True, grad is True, weights)
