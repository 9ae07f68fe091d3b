"""Cases of `contact_sheet` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import assert_device_agnostic, assert_inputs_unchanged, cases_of, exercise

from . import visible
from .judges import assert_channels_last, assert_no_pixel_loop, assert_sheet, assert_sheet_dtype


def various_pictures(rng):
    """Images of several dtypes, contiguous or not."""
    return [
        rng.integers(1, 256, 5, 1, 3, 7, dtype=torch.uint8),
        rng.normal(7, 1, 4, 6, dtype=torch.float64).transpose(2, 3),
        rng.integers(-9, 0, 8, 1, 2, 3)[::2],
        rng.normal(4, 3, 2, 5)[:, 1:2],
        rng.uniform(5, 1, 2, 3) > 0.5,
    ]


@exercise("contact_sheet", weight=3)
@pytest.mark.parametrize("pad", [0, 1, 3])
def test_sheet_of_any_size(student, rng, pad):
    """Every picture is in its place, for any number of pictures and columns and any border."""
    height, width, ncols = rng.integer(2, 5), rng.integer(5, 8), rng.integer(2, 5)
    for n in (2 * ncols, 2 * ncols + 1, 3 * ncols - 1, 1):
        assert_sheet(student, rng.normal(n, 1, height, width), ncols, pad)
    assert_sheet(student, rng.normal(3, 1, width, height), 1, pad)
    assert_sheet(student, rng.uniform(2, 1, 1, 1), 5, pad)


@exercise("contact_sheet", weight=2)
def test_sheet_of_any_dtype(student, rng):
    """The sheet has the dtype and the device of the pictures, contiguous or not, and they stay as they were."""
    pictures = various_pictures(rng)
    for images in pictures:
        for ncols in (2, 3):
            assert_sheet_dtype(student, images, ncols)
            assert_inputs_unchanged(student)
    for images in (pictures[0], pictures[3]):  # with empty places and without; PyTorch's fake GPU is slow
        assert_device_agnostic(student, student.contact_sheet, images, 2)


@cases_of(visible.test_sheet_of_other_values)
def test_sheet_of_any_values(student, rng):
    for images in various_pictures(rng):
        for ncols in (2, 3):
            assert_sheet(student, images, ncols)


@cases_of(visible.test_sheet_of_large_pictures)
def test_sheet_in_time(student, rng):
    assert_no_pixel_loop(student, rng.uniform(7, 1, rng.integer(50, 60), rng.integer(80, 90)))


@exercise("contact_sheet", weight=2)
def test_channels_last_of_any_picture(student, rng):
    """to_hwc puts the channels last, for any number of them, contiguous or not."""
    height, width = rng.integer(2, 5), rng.integer(5, 8)
    for image in (
        rng.normal(3, height, width),
        rng.integers(0, 256, 1, height, width, dtype=torch.uint8),
        rng.normal(4, width, height, dtype=torch.float64).transpose(1, 2),
        rng.permutation(2 * width).reshape(2, 1, width),
    ):
        assert_channels_last(student, image)
        assert_inputs_unchanged(student)
        assert_device_agnostic(student, student.to_hwc, image)
