"""The images: embedded digits with MNIST's interface, MNIST itself, and the course's choice between them."""

from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import MNIST, VisionDataset

import grader
from grader import datasets
from grader.notebook.datasets import DatasetUnavailableError, Digits, variations


def test_digits_have_mnists_interface() -> None:
    digits = datasets.digits(root="data", train=True, transform=None, target_transform=None, download=True)
    assert isinstance(digits, VisionDataset)
    assert digits.data.shape == (1400, 28, 28)
    assert digits.data.dtype == torch.uint8
    assert digits.targets.dtype == torch.int64
    assert digits.classes == MNIST.classes
    image, label = digits[3]
    assert (image.mode, image.size, type(label)) == ("L", (28, 28), int)


def test_transforms_are_applied_to_image_and_label() -> None:
    digits = datasets.digits(transform=transforms.ToTensor(), target_transform=lambda label: label % 2)
    image, label = digits[0]
    assert image.shape == (1, 28, 28)
    assert image.dtype == torch.float32
    assert 0 <= image.min() <= image.max() <= 1
    assert label in (0, 1)


def test_a_data_loader_makes_batches_of_them() -> None:
    images, labels = next(iter(DataLoader(datasets.digits(transform=transforms.ToTensor()), batch_size=32)))
    assert images.shape == (32, 1, 28, 28)
    assert labels.shape == (32,)


def test_the_two_halves_are_disjoint_and_complete() -> None:
    train, test = datasets.digits(train=True), datasets.digits(train=False)
    assert len(train) + len(test) == 1797
    known = {image.numpy().tobytes() for image in train.data}
    assert not [image for image in test.data if image.numpy().tobytes() in known]


def test_every_class_is_well_represented_in_both_halves() -> None:
    for train, least in ((True, 130), (False, 30)):
        assert datasets.digits(train=train).targets.bincount().min() >= least


def test_the_split_is_always_the_same() -> None:
    assert datasets.digits().targets[:12].tolist() == Digits().targets[:12].tolist()


def test_changing_the_data_of_one_data_set_leaves_the_next_alone() -> None:
    first = datasets.digits()
    first.data.zero_()
    assert datasets.digits().data.any()


def test_digits_are_centred_by_mass_on_a_black_border_as_mnists_are() -> None:
    images = datasets.digits().data.double()
    steps = torch.arange(28, dtype=torch.float64)
    for profile in (images.sum(1), images.sum(2)):
        centres = profile @ steps / profile.sum(1)
        assert (centres - 13.5).abs().max() < 1.6


def test_the_course_chooses_the_data_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(datasets.dataset(), Digits)
    monkeypatch.setenv("AULATORCH_DATASET", "no such thing")
    with pytest.raises(ValueError, match="choose 'digits' or 'mnist'"):
        datasets.dataset()
    assert isinstance(datasets.dataset("digits", train=False), Digits)


@pytest.mark.parametrize(("language", "advice"), [("es", "no la necesitan"), ("en", "need none")])
def test_without_network_mnist_names_the_embedded_choice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str, advice: str
) -> None:
    def offline(self: MNIST) -> None:
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz")

    monkeypatch.setattr(MNIST, "download", offline)
    monkeypatch.setenv("AULATORCH_DATA", str(tmp_path))
    with grader.kit.messages.speaking(language), pytest.raises(DatasetUnavailableError) as caught:
        datasets.mnist()
    assert advice in str(caught.value)
    assert "datasets.digits()" in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_variations_are_new_images_of_the_same_digits() -> None:
    images = datasets.digits(train=False).data[:50, None].float() / 255
    varied = variations(images, torch.Generator().manual_seed(0))
    assert varied.shape == images.shape
    assert not torch.equal(varied, images)
    nearest = torch.cdist(varied.flatten(1), images.flatten(1)).argmin(1)
    assert (nearest == torch.arange(50)).float().mean() > 0.8


def test_variations_of_no_size_are_the_images_themselves() -> None:
    images = datasets.digits().data[:5, None].float() / 255
    assert torch.allclose(variations(images, torch.Generator(), degrees=0, pixels=0), images, atol=1e-5)
