"""Three networks on genuine MNIST, trained by the course's own solutions.

Accuracy stands beside the published figure of the course material that the networks come from, and the time of an epoch
beside that of the loop which the material teaches: a `DataLoader` that transforms image by image. Both are measured in
the same run, on one thread and in the processor's time, so that their ratio holds on a busy machine as well::

    python benchmarks/training.py                        # everything, one thread, about half an hour
    python benchmarks/training.py --images 6000 --epochs 2 --output -   # a look

It needs MNIST in torchvision's layout in the folder that ``--data`` names, and writes ``docs/benchmarks/training.md``.
"""

from __future__ import annotations

import argparse
import platform
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nbformat
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler, Subset, TensorDataset
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "benchmarks" / "training.md"
SEED: Final = 1
LOOP_IMAGES: Final = 20_000


class ConvNet(nn.Module):
    """Two convolutions and two linear layers, 1,199,882 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(
            nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits (N, 10) of images (N, 1, 28, 28)."""
        return self.classifier(self.features(images))


@dataclass(frozen=True)
class Case:
    """A network and how it is trained.

    Attributes:
        name: as the page has it.
        make: makes the network, given the course's solutions.
        epochs: passes over the training set.
        batch_size: images in a batch.
        held_out: the share of the training set that validates; 0 where the published figure had none, and the first
            tenth of the training set is only watched.
        published: what was published: a split and its accuracy.
    """

    name: str
    make: Callable[[dict[str, Any]], nn.Module]
    epochs: int
    batch_size: int
    held_out: float
    published: tuple[str, float] | None


def mlp(*sizes: int) -> Callable[[dict[str, Any]], nn.Module]:
    """Makes the course's multilayer perceptron of these sizes."""
    return lambda solutions: nn.Sequential(nn.Flatten(), solutions["build_mlp"](sizes[0], list(sizes[1:-1]), sizes[-1]))


CASES: Final = (
    Case("784-32-16-10", mlp(784, 32, 16, 10), 20, 64, 0.0, ("test", 0.9665)),
    Case("784-120-84-10", mlp(784, 120, 84, 10), 10, 100, 0.0, ("train", 0.9935)),
    Case("two convolutions", lambda _: ConvNet(), 5, 64, 0.1, None),
)


@dataclass(frozen=True)
class Result:
    """What one case gave.

    Attributes:
        case: which.
        accuracy: by split, ``train`` and ``test``.
        seconds: of processor time for one epoch with the course's trainer, its validation included.
        loop_seconds: of processor time for one epoch with the image-by-image loop.
    """

    case: Case
    accuracy: dict[str, float]
    seconds: float
    loop_seconds: float


def solutions(*assignments: str) -> dict[str, Any]:
    """The functions and classes of the solution cells of the course's notebooks."""
    namespace: dict[str, Any] = {"__name__": "solutions"}
    for assignment in assignments:
        notebook = nbformat.read(ROOT / "solutions" / assignment / f"{assignment}.ipynb", as_version=4)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name == "setup" or name.endswith("_answer"):
                exec(compile(cell.source, f"{assignment}:{name}", "exec"), namespace)  # noqa: S102 - our own notebooks
    return namespace


def batches(data: Dataset[Any], batch_size: int, *, shuffle: bool) -> DataLoader[Any]:
    """A loader that fetches a whole batch at one go, for data that are tensors."""
    sampler = RandomSampler(data) if shuffle else SequentialSampler(data)  # type: ignore[arg-type]
    return DataLoader(data, sampler=BatchSampler(sampler, batch_size, drop_last=False), batch_size=None)


def as_tensors(data: MNIST, count: int | None) -> TensorDataset:
    """The first `count` images as floats in [0, 1], and their labels."""
    return TensorDataset(data.data[:count].unsqueeze(1).float() / 255, data.targets[:count])


def accuracy(model: nn.Module, data: TensorDataset) -> float:
    """The share of right predictions."""
    model.eval()
    with torch.no_grad():
        right = sum(
            int((model(images).argmax(1) == labels).sum()) for images, labels in batches(data, 500, shuffle=False)
        )
    return right / len(data)


def image_by_image(model: nn.Module, data: Dataset[Any], batch_size: int) -> float:
    """Seconds of an epoch of the loop that courses teach: each image is fetched and transformed by itself."""
    loader = DataLoader(data, batch_size=batch_size, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    start = time.process_time()
    model.train()
    loss_sum, right = 0.0, 0
    for images, labels in loader:
        logits = model(images)
        loss = F.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(labels)
        right += int((logits.argmax(1) == labels).sum())
    return time.process_time() - start


def measure(case: Case, names: dict[str, Any], folder: Path, images: int | None, epochs: int | None) -> Result:
    """Trains one case both ways."""
    train, test = MNIST(folder, train=True), MNIST(folder, train=False)
    tensors = as_tensors(train, images)
    watched = max(1, len(tensors) // 10)
    torch.manual_seed(SEED)
    if case.held_out:
        train_part, val_part = names["split_train_val"](tensors, case.held_out, SEED)
        train_data = TensorDataset(*tensors[torch.tensor(train_part.indices)])
        val_data = TensorDataset(*tensors[torch.tensor(val_part.indices)])
    else:
        train_data, val_data = tensors, TensorDataset(*tensors[:watched])
    model = case.make(names)
    start = time.process_time()
    history = names["fit"](
        model,
        batches(train_data, case.batch_size, shuffle=True),
        batches(val_data, 500, shuffle=False),
        epochs=epochs or case.epochs,
        lr=1e-3,
        seed=SEED,
    )
    seconds = (time.process_time() - start) / len(history["val_loss"])
    found = {"train": accuracy(model, train_data), "test": accuracy(model, as_tensors(test, None))}
    timed = min(len(train_data), LOOP_IMAGES)
    raw = Subset(MNIST(folder, train=True, transform=ToTensor()), range(timed))
    loop_seconds = image_by_image(case.make(names), raw, case.batch_size) * len(train_data) / timed
    return Result(case, found, seconds, loop_seconds)


def page(results: Sequence[Result], images: int | None, epochs: int | None) -> str:
    """The results as Markdown."""
    reduced = images is not None or epochs is not None
    lines = [
        "# Training on MNIST",
        "",
        "Made by `python benchmarks/training.py`: the course's own `build_mlp`, `split_train_val` and `fit`,"
        f" one thread, seed {SEED}, Adam 1e-3.",
        "",
        f"{processor()}, Python {platform.python_version()}, PyTorch {torch.__version__}.",
        "",
    ]
    if reduced:
        lines += [f"**A reduced run**: {images or 'all'} images, {epochs or 'all'} epochs.", ""]
    lines += [
        "| network | parameters | epochs | batch | train | test | published | s/epoch, `fit` | image by image |"
        " ratio |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for result in results:
        case = result.case
        parameters = sum(p.numel() for p in case.make(NAMES).parameters())
        published = f"{case.published[0]} {case.published[1]:.2%}" if case.published else "–"
        lines.append(
            f"| {case.name} | {parameters:,} | {epochs or case.epochs} | {case.batch_size}"
            f" | {result.accuracy['train']:.2%} | {result.accuracy['test']:.2%} | {published}"
            f" | {result.seconds:.2f} | {result.loop_seconds:.2f} | {result.loop_seconds / result.seconds:.1f} |"
        )
    lines += [
        "",
        "- *train* and *test*: accuracy of the weights that `fit` leaves. The two perceptrons train on all of the"
        " training set, as the published figures did, and a tenth of it is only watched; the network with two"
        " convolutions holds a tenth out and keeps its best epoch.",
        "- *s/epoch, `fit`*: processor time of one epoch with its validation, on images that are tensors already,"
        " fetched a batch at a time.",
        "- *image by image*: the usual loop, in the same process right after: a `DataLoader` over"
        f" `MNIST(transform=ToTensor())`, without validation, timed on at most {LOOP_IMAGES:,} images. The ratio says"
        " how much longer it takes.",
        "",
    ]
    return "\n".join(lines)


def processor() -> str:
    """The processor's name, where the system tells."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", info.read_text(encoding="utf-8")) if info.exists() else None
    return found[1].strip() if found else platform.machine()


NAMES: dict[str, Any] = {}


def main() -> int:
    """Runs the benchmark; returns the exit status."""
    parser = argparse.ArgumentParser(description="Train three networks on MNIST with the course's own solutions.")
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="the folder that holds MNIST/raw"
    )
    parser.add_argument("--images", type=int, help="train on so many images only")
    parser.add_argument("--epochs", type=int, help="train for so many epochs only")
    parser.add_argument("--only", choices=[case.name for case in CASES], help="one network")
    parser.add_argument("--output", default=str(PAGE), help="the page to write; - prints it")
    arguments = parser.parse_args()
    if not (arguments.data / "MNIST" / "raw").is_dir():
        print(f"skipped: there is no MNIST in {arguments.data} (give its folder with --data)", file=sys.stderr)
        return 0
    torch.set_num_threads(1)
    NAMES.update(solutions("04_mlp", "05_cnn"))
    results = []
    for case in CASES:
        if arguments.only in (None, case.name):
            results.append(measure(case, NAMES, arguments.data, arguments.images, arguments.epochs))
            print(f"{case.name}: {results[-1].accuracy}, {results[-1].seconds:.2f} s/epoch", file=sys.stderr)
    text = page(results, arguments.images, arguments.epochs)
    if arguments.output == "-":
        print(text)
    else:
        Path(arguments.output).parent.mkdir(parents=True, exist_ok=True)
        Path(arguments.output).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
