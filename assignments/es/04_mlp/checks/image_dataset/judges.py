"""What decides `image_dataset`, and what it says."""

import torch

from grader.kit import (
    Remote,
    StudentError,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_length,
    assert_returns,
    assert_shape,
    assert_that,
    tr,
    verbatim,
)
from grader.kit.failures import CheckFailure
from grader.kit.training.probes import ask

from ..common import assert_plain


def album(pictures):
    """Gray image files in a folder of their own, and what is done with a dataset of them; sent by its source."""
    import contextlib
    import os
    import tempfile
    from pathlib import Path

    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset

    folder = tempfile.TemporaryDirectory()
    paths = [Path(f"scan{(7 * number + 3) % 101}.png") for number in range(len(pictures))]  # in no order of their names
    seen = []

    @contextlib.contextmanager
    def inside():
        """Works in the folder: what an error says of a path is the same each time."""
        before = os.getcwd()  # noqa: PTH109
        os.chdir(folder.name)
        try:
            yield
        finally:
            os.chdir(before)

    def doubled(image):
        """A transform: what it got is noted, and what it gives depends on how often it was called."""
        seen.append(image.clone() if isinstance(image, torch.Tensor) else image)
        return 2 * image + len(seen)

    class Album:
        def write(self, pictures):
            with inside():
                for path, picture in zip(paths, pictures, strict=True):
                    Image.fromarray(picture.numpy()).save(path)

        def remove(self, number):
            with inside():
                paths[number].unlink()

        def dataset(self, kind, labels, is_transformed, is_text):
            given = [str(path) if is_text else path for path in paths]
            with inside():
                return kind(given, list(labels), doubled) if is_transformed else kind(given, list(labels))

        def read(self, dataset, number):
            with inside():
                return dataset[number]

        def batches(self, dataset, batch_size, drop_last):
            with inside():
                return [list(batch) for batch in DataLoader(dataset, batch_size, drop_last=drop_last)]

        def length(self, dataset):
            return len(dataset)

        def is_dataset(self, dataset):
            return isinstance(dataset, Dataset)

        def transformed(self):
            return list(seen)

    return Album()


class Scans:
    """Image files beside the student's code, and a dataset of them.

    Args:
        student: the notebook.
        pictures: uint8 (N, H, W).
        labels: (N,) int64.
        is_written: whether the files are there when the dataset is made.
        is_transformed: whether the dataset gets a transform.
        is_text: whether the paths are str; else they are Path.
    """

    def __init__(self, student, pictures, labels, *, is_written=True, is_transformed=False, is_text=False):
        self.student, self.pictures, self.labels = student, pictures, labels.tolist()
        self._album = student.define(album)(pictures)
        if is_written:
            self.write(pictures)
        make = self._named("dataset", "ImageDataset")
        self.dataset = make(student.ImageDataset, self.labels, is_transformed, is_text)
        assert_that(isinstance(self.dataset, Remote), tr("ImageDataset(…) makes no object: is it a class?"))

    def _named(self, name, label):
        method = getattr(self._album, name)
        method.label = label
        return method

    def write(self, pictures):
        """Writes all files, with other pictures maybe."""
        self.pictures = pictures
        ask(self.student, self._album.write, pictures)

    def keep_only(self, number):
        """Removes all files but one."""
        for other in range(len(self.pictures)):
            if other != number:
                ask(self.student, self._album.remove, other)

    def sample(self, number):
        """What ``dataset[number]`` returns, a pair."""
        pair = self._named("read", "dataset[i]")(self.dataset, number)
        assert_returns(pair, tuple, name="dataset[i]")
        assert_length(pair, 2, name="dataset[i]")
        return pair

    def right_image(self, number):
        """By the definition."""
        return self.pictures[number].unsqueeze(0).float() / 255

    def assert_image(self, number):
        """Fails unless the sample's image is what lies in its file."""
        image, _ = self.sample(number)
        assert_image(image, self.right_image(number))

    def batches(self, batch_size, drop_last):
        return self._named("batches", "DataLoader(dataset, …)")(self.dataset, batch_size, drop_last)

    def length(self):
        return self._named("length", "len")(self.dataset)

    def is_dataset(self):
        return ask(self.student, self._album.is_dataset, self.dataset)

    def transformed(self):
        return ask(self.student, self._album.transformed)


def assert_image(image, expected, name=None):
    """Fails unless it is this float32 image."""
    name = name or tr("The image")
    assert_shape(image, expected.shape, name=name)
    assert_close(image, expected, name=name)
    assert_dtype(image, torch.float32, name=name)
    assert_plain(image, torch.float32)


def assert_label(label, expected):
    """Fails unless it is this number; its type has a check of its own."""
    found = label.item() if isinstance(label, torch.Tensor) and label.numel() == 1 else label
    assert_equal(found, expected, name=tr("The label"))


def assert_samples(student, pictures, labels):
    """Each sample is the image in its file, float32 (1, H, W) from 0 to 1, and its label."""
    for is_text in (False, True):
        scans = Scans(student, pictures, labels, is_text=is_text)
        for number in (0, len(pictures) - 1, 1):
            image, label = scans.sample(number)
            assert_image(image, scans.right_image(number))
            assert_label(label, scans.labels[number])


def assert_size(student, pictures, labels):
    """The length is the number of files."""
    assert_equal(Scans(student, pictures, labels).length(), len(pictures), name="len(dataset)")


def assert_read_later(student, pictures, labels):
    """No file is opened when the dataset is made: they are written after that."""
    try:
        scans = Scans(student, pictures, labels, is_written=False)
    except StudentError as error:
        if error.type_name != "FileNotFoundError":
            raise
        raise CheckFailure(tr("Files are opened when the dataset is made, before any sample is asked for.")) from error
    scans.write(pictures)
    scans.assert_image(1)


def assert_read_alone(student, pictures, labels):
    """A sample needs its own file and no other."""
    scans = Scans(student, pictures, labels)
    scans.keep_only(2)
    try:
        scans.assert_image(2)
    except StudentError as error:
        if error.type_name != "FileNotFoundError":
            raise
        raise CheckFailure(tr("To read one sample other samples' files are opened as well.")) from error


def assert_read_again(student, pictures, labels, others):
    """A sample that is asked for again is read again."""
    scans = Scans(student, pictures, labels)
    scans.assert_image(1)
    scans.write(others)
    image, _ = scans.sample(1)
    if isinstance(image, torch.Tensor) and torch.equal(image, pictures[1].unsqueeze(0) / 255):
        raise CheckFailure(tr("The file changed between two readings, and the sample did not: the first was kept."))
    assert_image(image, scans.right_image(1))


def assert_transform(student, pictures, labels):
    """The transform is called with the image, each time that a sample is asked for, and its result handed out."""
    scans = Scans(student, pictures, labels, is_transformed=True)
    for count, number in enumerate((1, 0, 1), 1):
        image, label = scans.sample(number)
        seen = scans.transformed()
        assert_that(
            len(seen) == count,
            tr("The transform should be called once for each sample that is asked for."),
            expected=verbatim(str(count)),
            actual=verbatim(str(len(seen))),
        )
        right = scans.right_image(number)
        assert_image(seen[-1], right, name=tr("What the transform is called with"))
        assert_close(image, 2 * right + count, name=tr("The image"))
        assert_label(label, scans.labels[number])


def assert_batches(student, pictures, labels, batch_size):
    """A DataLoader makes batches of the samples, and with drop_last=True leaves the last one out if it is not full."""
    scans = Scans(student, pictures, labels)
    n = len(pictures)
    for drop_last in (False, True):
        found = scans.batches(batch_size, drop_last)
        assert_returns(found, list)
        starts = range(0, n - n % batch_size if drop_last else n, batch_size)
        sizes = [min(batch_size, n - start) for start in starts]
        assert_that(
            [len(batch[0]) for batch in found] == sizes,
            tr("A DataLoader with drop_last={drop_last} makes batches of the wrong sizes.", drop_last=drop_last),
            expected=verbatim(str(sizes)),
            actual=verbatim(str([len(batch[0]) for batch in found])),
        )
        for start, (images, answers) in zip(starts, found, strict=True):
            rows = range(start, min(start + batch_size, n))
            assert_image(images, torch.stack([scans.right_image(row) for row in rows]), name=tr("A batch of images"))
            right = torch.tensor([scans.labels[row] for row in rows])
            assert_close(answers, right, rtol=0, atol=0, name=tr("A batch of labels"))


def assert_label_is_int(student, pictures, labels):
    """The label is a Python int."""
    _, label = Scans(student, pictures, labels).sample(0)
    assert_returns(label, int, name=tr("The label"))


def assert_is_dataset(student, pictures, labels):
    """The class inherits from Dataset."""
    is_one = Scans(student, pictures, labels).is_dataset()
    assert_that(is_one is True, tr("ImageDataset does not inherit from torch.utils.data.Dataset."))


def gray_pictures(rng, n, height, width):
    """Random images, uint8 (n, H, W), and labels that are not in order."""
    return rng.integers(0, 256, n, height, width).to(torch.uint8), 3 * rng.permutation(n) + 1
