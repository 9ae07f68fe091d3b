"""What decides `resume`, and what it says."""

from dataclasses import dataclass

import torch

from grader.kit import assert_close, assert_equal, assert_returns, assert_that, tr, verbatim

STOPS = (2, 3)
"""A checkpoint is written after each of these epochs, into a file of its own; the first of them is read again."""

EPOCHS = 7
SEEDS = (11, 12)
"""Of the training that is interrupted, and of the one that goes on from the checkpoint."""


def workshop(x, y, weights, adam, momentum, gamma, dropout, shuffle, norm):
    """A small training that can be interrupted, and what is done with its checkpoints; sent by its source."""
    import contextlib
    import os
    import tempfile
    from pathlib import Path

    import torch
    import torch.nn.functional as F
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    class Training:
        def __init__(self, seed, is_new=False):
            torch.manual_seed(seed)
            hidden, features = weights["0.weight"].shape
            bend = nn.BatchNorm1d(hidden) if norm else nn.Tanh()
            layers = nn.Linear(features, hidden), bend, nn.Dropout(dropout), nn.Linear(hidden, 3)
            self.model = nn.Sequential(*layers).double()
            if not is_new:
                self.model.load_state_dict(weights, strict=not norm)
            kind, options = (torch.optim.Adam, {}) if adam else (torch.optim.SGD, {"momentum": momentum})
            self.optimizer = kind(self.model.parameters(), lr=0.1, **options)
            self.scheduler = torch.optim.lr_scheduler.StepLR(self.optimizer, step_size=2, gamma=gamma)
            self.generator = torch.Generator().manual_seed(seed)
            self.loader = DataLoader(TensorDataset(x, y), 4, shuffle=shuffle, generator=self.generator)

        def run(self, epochs):
            for _ in range(epochs):
                for inputs, labels in self.loader:
                    self.optimizer.zero_grad()
                    F.cross_entropy(self.model(inputs), labels).backward()
                    self.optimizer.step()
                self.scheduler.step()

        @property
        def parts(self):
            return self.model, self.optimizer, self.scheduler, self.generator

        @property
        def weights(self):
            return torch.cat([value.double().flatten() for value in self.model.state_dict().values()])

    class Malicious:
        def __reduce__(self):
            return os.mkdir, ("ran",)

    @contextlib.contextmanager
    def folder():
        """Works in an empty folder; afterwards the global generator goes on where it was."""
        before, state = os.getcwd(), torch.get_rng_state()  # noqa: PTH109
        with tempfile.TemporaryDirectory() as path:
            os.chdir(path)
            try:
                yield
            finally:
                os.chdir(before)
                torch.set_rng_state(state)

    def saved(save, seed, stops, epochs):
        """Trains to the end, and writes checkpoints on the way."""
        training, done = Training(seed), 0
        for stop in stops:
            training.run(stop - done)
            done = stop
            save(Path(f"epoch{stop}.pt"), stop, *training.parts)
        training.run(epochs - done)
        return training.weights

    class Workshop:
        def whole(self, seed, epochs):
            with folder():
                return saved(None, seed, (), epochs)

        def interrupted(self, save, seeds, stops, epochs):
            with folder():
                return saved(save, seeds[0], stops, epochs)

        def resumed(self, save, load, seeds, stops, epochs):
            with folder():
                saved(save, seeds[0], stops, epochs)
                training = Training(seeds[1], is_new=True)
                training.run(1)  # what is in its way has to be replaced
                epoch = load(f"epoch{stops[0]}.pt", *training.parts)
                training.run(epochs - stops[0])
                return epoch, training.weights

        def keys(self, save, seeds, stops):
            """Whether the file holds data alone, and something."""
            with folder():
                saved(save, seeds[0], stops, stops[-1])
                return len(torch.load(f"epoch{stops[0]}.pt", weights_only=True)) > 0

        def has_run(self, load, seeds):
            """Whether reading a file ran the code in it."""
            with folder():
                training = Training(seeds[0])
                torch.save({"epoch": Malicious(), "model": training.model.state_dict()}, "downloaded.pt")
                try:
                    load("downloaded.pt", *training.parts)
                except Exception as error:
                    if isinstance(error, NotImplementedError) and not str(error):
                        raise  # nothing is written yet
                return os.path.exists("ran")  # noqa: PTH110

    return Workshop()


@dataclass(frozen=True)
class Course:
    """What is trained on, and what of it depends on the past.

    Attributes:
        x: (N, features) float64.
        y: (N,) int64.
        weights: the model's first ones, by name.
        adam: whether the optimizer is Adam; else it is SGD.
        momentum: of SGD.
        gamma: of StepLR, 1 for no schedule.
        dropout: of the model.
        shuffle: whether the loader shuffles.
        norm: whether the model has batch normalisation, whose running means are buffers.
    """

    x: torch.Tensor
    y: torch.Tensor
    weights: dict[str, torch.Tensor]
    adam: bool = False
    momentum: float = 0.0
    gamma: float = 1.0
    dropout: float = 0.0
    shuffle: bool = False
    norm: bool = False

    @classmethod
    def draw(cls, rng, **parts):
        """Random samples and first weights."""
        n, features, hidden = 10, 5, 6
        weights = {
            "0.weight": rng.normal(hidden, features, dtype=torch.float64),
            "0.bias": rng.normal(hidden, dtype=torch.float64),
            "3.weight": rng.normal(3, hidden, dtype=torch.float64),
            "3.bias": rng.normal(3, dtype=torch.float64),
        }
        return cls(rng.normal(n, features, dtype=torch.float64), rng.integers(0, 3, n), weights, **parts)

    @property
    def parts(self):
        return self.x, self.y, self.weights, self.adam, self.momentum, self.gamma, self.dropout, self.shuffle, self.norm

    @property
    def right(self):
        """The weights of a training that nobody interrupts."""
        return workshop(*self.parts).whole(SEEDS[0], EPOCHS)


def resumed(student, course):
    """What load_checkpoint returned, and the weights at the end of the training that went on from the file."""
    run = student.define(workshop)(*course.parts).resumed
    run.label = "save_checkpoint … load_checkpoint"
    found = run(student.save_checkpoint, student.load_checkpoint, SEEDS, STOPS, EPOCHS)
    assert_returns(found, tuple)
    return found


def assert_resumed(student, rng, **parts):
    """Going on from the file ends where the training without interruption ends."""
    course = Course.draw(rng, **parts)
    _, weights = resumed(student, course)
    name = tr("The weights after epoch {n}, read from the file after epoch {stop}", n=EPOCHS, stop=STOPS[0])
    assert_close(weights, course.right, rtol=0, atol=1e-9, name=name)


def assert_epoch(student, rng):
    """load_checkpoint returns the number of epochs that were done."""
    epoch, _ = resumed(student, Course.draw(rng))
    assert_equal(epoch, STOPS[0], name="load_checkpoint(…)")


def assert_saving_changes_nothing(student, rng):
    """A training that writes checkpoints ends where one without ends."""
    course = Course.draw(rng, adam=True, gamma=0.5, dropout=0.5, shuffle=True)
    run = student.define(workshop)(*course.parts).interrupted
    run.label = "save_checkpoint"
    weights = run(student.save_checkpoint, SEEDS, STOPS, EPOCHS)
    name = tr("The weights of a training in which checkpoints are written")
    assert_close(weights, course.right, rtol=0, atol=1e-9, name=name)


def assert_holds_data(student, rng):
    """torch.load(path, weights_only=True) reads the file."""
    run = student.define(workshop)(*Course.draw(rng).parts).keys
    run.label = "save_checkpoint … torch.load(path, weights_only=True)"
    assert_that(run(student.save_checkpoint, SEEDS, STOPS) is True, tr("The file holds nothing."))


def assert_runs_no_code(student, rng):
    """A file that holds code is refused, and the code does not run."""
    run = student.define(workshop)(*Course.draw(rng).parts).has_run
    run.label = "load_checkpoint"
    has_run = run(student.load_checkpoint, SEEDS)
    assert_that(
        has_run is False,
        tr("load_checkpoint ran the code that somebody had put into a file."),
        expected=verbatim("UnpicklingError"),
    )
