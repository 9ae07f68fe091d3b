"""Cases of `image_dataset` that students have."""

from grader.kit import Rng, exercise

from .judges import (
    assert_batches,
    assert_is_dataset,
    assert_label_is_int,
    assert_read_again,
    assert_read_alone,
    assert_read_later,
    assert_samples,
    assert_size,
    assert_transform,
    gray_pictures,
)

PICTURES, LABELS = gray_pictures(Rng(1), 5, 3, 4)
OTHERS, _ = gray_pictures(Rng(2), 5, 3, 4)


@exercise("image_dataset", weight=4)
def test_samples_of_files(student):
    """dataset[i] is the image in file i, float32 (1, H, W) from 0 to 1, and its label."""
    assert_samples(student, PICTURES, LABELS)


@exercise("image_dataset", after=test_samples_of_files)
def test_number_of_files(student):
    """len(dataset) is the number of files."""
    assert_size(student, PICTURES, LABELS)


@exercise("image_dataset", weight=3, after=test_samples_of_files)
def test_files_are_read_later(student):
    """No file is opened before a sample is asked for."""
    assert_read_later(student, PICTURES, LABELS)


@exercise("image_dataset", weight=2, after=test_samples_of_files)
def test_files_are_read_alone(student):
    """Asking for a sample opens its file and no other."""
    assert_read_alone(student, PICTURES, LABELS)


@exercise("image_dataset", weight=2, after=test_samples_of_files)
def test_files_are_read_again(student):
    """Nothing that was read is kept: asked for again, a sample is read again."""
    assert_read_again(student, PICTURES, LABELS, OTHERS)


@exercise("image_dataset", weight=3, after=test_samples_of_files)
def test_transform_of_images(student):
    """The transform gets each image when it is asked for, and what it returns is handed out."""
    assert_transform(student, PICTURES, LABELS)


@exercise("image_dataset", after=test_number_of_files)
def test_batches_of_files(student):
    """A DataLoader makes batches of it, with drop_last too: 2, 2 and 1; or 2 and 2."""
    assert_batches(student, PICTURES, LABELS, 2)


@exercise("image_dataset", after=test_samples_of_files)
def test_label_type(student):
    """The label is a Python int."""
    assert_label_is_int(student, PICTURES, LABELS)


@exercise("image_dataset", after=test_samples_of_files)
def test_is_a_dataset(student):
    """The class inherits from torch.utils.data.Dataset."""
    assert_is_dataset(student, PICTURES, LABELS)
