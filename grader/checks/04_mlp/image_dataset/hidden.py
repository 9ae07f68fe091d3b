"""Cases of `image_dataset` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of

from . import visible
from .judges import (
    assert_batches,
    assert_label_is_int,
    assert_read_again,
    assert_read_alone,
    assert_read_later,
    assert_samples,
    assert_size,
    assert_transform,
    gray_pictures,
)


@cases_of(visible.test_samples_of_files, weight=6)
@pytest.mark.parametrize(("n", "height", "width"), [(7, 5, 9), (3, 1, 4), (11, 6, 1)])
def test_samples_of_any_files(student, rng, n, height, width):
    assert_samples(student, *gray_pictures(rng, n, height, width))


@cases_of(visible.test_number_of_files, after=test_samples_of_any_files)
def test_any_number_of_files(student, rng):
    assert_size(student, *gray_pictures(rng, rng.integer(6, 20), 2, 3))


@cases_of(visible.test_files_are_read_later, weight=3, after=test_samples_of_any_files)
def test_any_files_are_read_later(student, rng):
    assert_read_later(student, *gray_pictures(rng, 6, 7, 5))


@cases_of(visible.test_files_are_read_alone, weight=2, after=test_samples_of_any_files)
def test_any_files_are_read_alone(student, rng):
    assert_read_alone(student, *gray_pictures(rng, 6, 4, 5))


@cases_of(visible.test_files_are_read_again, weight=2, after=test_samples_of_any_files)
def test_any_files_are_read_again(student, rng):
    pictures, labels = gray_pictures(rng, 4, 4, 5)
    assert_read_again(student, pictures, labels, gray_pictures(rng, 4, 4, 5)[0])


@cases_of(visible.test_transform_of_images, weight=3, after=test_samples_of_any_files)
def test_transform_of_any_images(student, rng):
    assert_transform(student, *gray_pictures(rng, 5, 6, 4))


@cases_of(visible.test_batches_of_files, after=test_any_number_of_files)
@pytest.mark.parametrize(("n", "batch_size"), [(10, 4), (3, 5), (6, 3)])
def test_batches_of_any_files(student, rng, n, batch_size):
    assert_batches(student, *gray_pictures(rng, n, 3, 5), batch_size)


@cases_of(visible.test_label_type, after=test_samples_of_any_files)
def test_any_label_type(student, rng):
    assert_label_is_int(student, *gray_pictures(rng, 4, 2, 3))
