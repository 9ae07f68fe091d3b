"""Cases of `contact_sheet` that students have."""

import torch

from grader.kit import assert_device_agnostic, assert_inputs_unchanged, exercise

from .judges import assert_channels_last, assert_no_pixel_loop, assert_sheet, assert_sheet_dtype, pictures


@exercise("contact_sheet", weight=2)
def test_sheet(student):
    """Every picture is in its place and the borders are zeros."""
    assert_sheet(student, pictures(6, 2, 3), 3)
    assert_sheet(student, pictures(6, 4, 2), 2, 2)


@exercise("contact_sheet", weight=2)
def test_sheet_that_is_not_full(student):
    """A last row that is not full ends with empty places."""
    assert_sheet(student, pictures(5, 2, 3), 2)
    assert_sheet(student, pictures(2, 3, 2), 4)
    assert_sheet(student, pictures(1, 1, 1), 1)


@exercise("contact_sheet")
def test_sheet_without_border(student):
    """With pad = 0 the pictures touch."""
    assert_sheet(student, pictures(6, 2, 3), 2, 0)
    assert_sheet(student, pictures(7, 3, 1), 3, 0)


@exercise("contact_sheet")
def test_sheet_dtype(student):
    """The sheet has the dtype and the device of the pictures, and they stay as they were."""
    for dtype in (torch.uint8, torch.float64, torch.bool):
        assert_sheet_dtype(student, pictures(5, 3, 4).to(dtype), 3)
        assert_inputs_unchanged(student)
    assert_device_agnostic(student, student.contact_sheet, pictures(5, 3, 4), 3)


@exercise("contact_sheet")
def test_sheet_of_other_values(student):
    """Negative numbers, decimals and booleans arrive on the sheet as they are."""
    assert_sheet(student, -pictures(4, 2, 3) / 7, 3)
    assert_sheet(student, pictures(3, 2, 1) > 2, 2)


@exercise("contact_sheet", after=[test_sheet, test_sheet_that_is_not_full])
def test_sheet_of_large_pictures(student):
    """No loop goes from pixel to pixel."""
    assert_no_pixel_loop(student, pictures(6, 60, 90))


@exercise("contact_sheet")
def test_channels_last(student):
    """to_hwc puts the channels last, for colour and for grey."""
    for image in (torch.arange(24).reshape(3, 2, 4), torch.arange(6.0).reshape(1, 3, 2)):
        assert_channels_last(student, image)
        assert_inputs_unchanged(student)
        assert_device_agnostic(student, student.to_hwc, image)
