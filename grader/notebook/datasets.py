"""Handwritten digits: the ones that come with the course, MNIST, and whichever of the two the course has chosen.

Both are torchvision data sets with the same attributes, so a notebook's code serves for either:

    from grader import datasets

    train = datasets.dataset(train=True, transform=transforms.ToTensor())
    image, label = train[0]  # a (1, 28, 28) tensor in [0, 1] and an int

The embedded digits are scikit-learn's copy of the UCI data set "Optical Recognition of Handwritten Digits" (E. Alpaydin
and C. Kaynak, 1998, CC BY 4.0), 1,797 images of 8×8 pixels, framed as MNIST's are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.error import URLError

import torch
from PIL import Image
from torch.nn import functional as F
from torchvision.datasets import MNIST, VisionDataset

from grader.kit.messages import tr
from grader.settings import AulaTorch

DATASET_VARIABLE: Final = "AULATORCH_DATASET"
"""Environment variable with the course's choice, where the course's own settings cannot be read."""

FOLDER_VARIABLE: Final = "AULATORCH_DATA"
"""Environment variable with the folder that holds (or will hold) MNIST, in torchvision's own layout."""

TRAIN_SIZE: Final = 1_400
SIDE: Final = 28
BOX: Final = 20
"""Pixels of the box that a digit is scaled to before it is centred by mass in 28×28, as MNIST's were. A nearest
neighbour among these digits recognises 66 % of MNIST; among the same digits stretched to 28×28, 28 %."""

_STRIDE: Final = 1_009
"""Coprime with 1,797: visiting every 1,009th image mixes the writers, who come one after another, alike everywhere."""

Transform = Callable[[Any], Any]


class DatasetUnavailableError(RuntimeError):
    """The images are not on this machine and cannot be fetched."""


class Digits(VisionDataset):
    """1,797 handwritten digits with MNIST's interface; nothing is downloaded.

    Args:
        root: ignored; it is there so that the call looks like MNIST's.
        train: the 1,400 images to train on, or the other 397.
        transform: applied to each image (a PIL image of mode L, 28×28).
        target_transform: applied to each label (an int).
        download: ignored as well.

    Attributes:
        data: the images, uint8 of shape (N, 28, 28).
        targets: their labels, int64 of shape (N,).
        classes: the names of the ten classes, as MNIST has them.
    """

    classes: ClassVar[list[str]] = list(MNIST.classes)

    def __init__(
        self,
        root: str | Path | None = None,
        train: bool = True,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
        download: bool = False,  # noqa: ARG002 - MNIST has it
    ) -> None:
        super().__init__(root or "", transform=transform, target_transform=target_transform)
        self.train = train
        images, labels = _digits()
        half = slice(TRAIN_SIZE) if train else slice(TRAIN_SIZE, None)
        self.data, self.targets = images[half].clone(), labels[half].clone()

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image and the label number `index`, transformed."""
        image: Any = Image.fromarray(self.data[index].numpy())
        label: Any = int(self.targets[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return image, label

    def extra_repr(self) -> str:
        """Which half it is, for `repr`."""
        return f"Split: {'Train' if self.train else 'Test'}"

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The label of each class."""
        return {name: label for label, name in enumerate(self.classes)}


def digits(
    root: str | Path | None = None,
    train: bool = True,
    transform: Transform | None = None,
    target_transform: Transform | None = None,
    download: bool = False,
) -> Digits:
    """The digits that come with the course; see `Digits`."""
    return Digits(root, train, transform, target_transform, download)


def mnist(
    root: str | Path | None = None,
    train: bool = True,
    transform: Transform | None = None,
    target_transform: Transform | None = None,
    download: bool = True,
) -> MNIST:
    """torchvision's MNIST: 60,000 images to train on and 10,000 to test with.

    Args:
        root: the folder in which ``MNIST/raw`` lies or will lie; `data_folder()` by default.
        train: which of the two.
        transform: applied to each image (a PIL image of mode L, 28×28).
        target_transform: applied to each label (an int).
        download: whether to fetch it once where it is missing.

    Raises:
        DatasetUnavailableError: it is not there and cannot be fetched.
    """
    folder = Path(root) if root is not None else data_folder()
    try:
        return MNIST(folder, train, transform, target_transform, download=False)
    except RuntimeError as error:
        if not download:
            raise _unavailable(folder) from error
    try:
        return MNIST(folder, train, transform, target_transform, download=True)
    except (RuntimeError, URLError, OSError) as error:
        raise _unavailable(folder) from error


def dataset(
    name: str | None = None,
    *,
    root: str | Path | None = None,
    train: bool = True,
    transform: Transform | None = None,
    target_transform: Transform | None = None,
) -> Digits | MNIST:
    """The images that the course works with.

    Args:
        name: ``digits`` or ``mnist``; by default what the course says.
        root: where MNIST lies; `data_folder()` by default.
        train: the images to train on, or those to test with.
        transform: applied to each image.
        target_transform: applied to each label.

    Raises:
        DatasetUnavailableError: the course says MNIST and it is not to be had.
        ValueError: there is no data set of that name.
    """
    choice = name or os.environ.get(DATASET_VARIABLE) or AulaTorch().dataset
    if choice == "digits":
        return digits(root, train, transform, target_transform)
    if choice == "mnist":
        return mnist(root, train, transform, target_transform)
    raise ValueError(f"there is no data set {choice!r}; choose 'digits' or 'mnist'")


def data_folder() -> Path:
    """Where MNIST is kept: what ``AULATORCH_DATA`` says, else ``~/.cache/aulatorch``."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen) if chosen else Path.home() / ".cache" / "aulatorch"


def variations(
    images: torch.Tensor, generator: torch.Generator, *, degrees: float = 8.0, pixels: float = 1.0
) -> torch.Tensor:
    """The same digits, each turned and shifted a little: nobody has seen these very images.

    Args:
        images: floats of shape (N, 1, H, W), 0 being the background.
        generator: draws the angles and shifts.
        degrees: the largest turn, either way.
        pixels: the largest shift, in each direction.

    Returns:
        Floats of shape (N, 1, H, W).
    """
    n, _, height, width = images.shape
    angle = (torch.rand(n, generator=generator) * 2 - 1) * torch.pi / 180 * degrees
    shift = (torch.rand(n, 2, generator=generator) * 2 - 1) * pixels * 2 / torch.tensor([width, height])
    cos, sin = angle.cos(), angle.sin()
    rows = [torch.stack([cos, -sin, shift[:, 0]], 1), torch.stack([sin, cos, shift[:, 1]], 1)]
    grid = F.affine_grid(torch.stack(rows, 1).to(images.dtype), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def _unavailable(folder: Path) -> DatasetUnavailableError:
    return DatasetUnavailableError(
        str(
            tr(
                "MNIST is not in {folder} and could not be downloaded: is there a network? The course's own digits need"
                " none and work with the same code: datasets.digits() in place of datasets.mnist().",
                folder=folder,
            )
        )
    )


@lru_cache(maxsize=1)
def _digits() -> tuple[torch.Tensor, torch.Tensor]:
    """All images, uint8 of shape (1797, 28, 28), and their labels, in the order that the split cuts."""
    from sklearn.datasets import load_digits  # a second to import: only whoever wants the digits pays it

    bunch = load_digits()
    order = torch.arange(len(bunch.target)) * _STRIDE % len(bunch.target)
    small = torch.from_numpy(bunch.images).float().unsqueeze(1) / 16
    boxes = F.interpolate(small, size=(BOX, BOX), mode="bicubic", align_corners=False).clamp(0, 1).squeeze(1)
    images = torch.stack([_centred(box) for box in boxes])
    return (images * 255).round().to(torch.uint8)[order], torch.from_numpy(bunch.target).long()[order]


def _centred(box: torch.Tensor) -> torch.Tensor:
    """A square image in the middle of a black one of 28×28, by its centre of mass."""
    size = box.shape[0]
    steps = torch.arange(size, dtype=box.dtype)
    centre = torch.stack([box.sum(1) @ steps, box.sum(0) @ steps]) / box.sum()
    top, left = ((SIDE - 1) / 2 - centre).round().clamp(0, SIDE - size).int().tolist()
    image = box.new_zeros(SIDE, SIDE)
    image[top : top + size, left : left + size] = box
    return image
