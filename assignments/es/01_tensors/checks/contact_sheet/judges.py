"""What decides `contact_sheet`, and what it says."""

import torch
from torch.nn import functional

from grader.kit import assert_close, assert_dtype, assert_scales, reference


@reference
def sheet_of(images, ncols, pad):
    """The contact sheet."""
    raise NotImplementedError  # its values lie in expected.json


def assert_sheet(student, images, ncols, *pad):
    """`contact_sheet(images, ncols, pad)`: every picture in its place, zeros elsewhere."""
    sheet = student.contact_sheet(images, ncols, *pad)
    assert_close(sheet, sheet_of(images, ncols, pad[0] if pad else 1), rtol=0, atol=0)


def assert_sheet_dtype(student, images, ncols):
    """The sheet has the dtype of the images."""
    assert_dtype(student.contact_sheet(images, ncols), images.dtype)


def assert_channels_last(student, image):
    """`to_hwc(image)`: the same picture with its channels last."""
    assert_close(student.to_hwc(image), torch.stack(list(image), dim=2), rtol=0, atol=0)


def assert_no_pixel_loop(student, images):
    """A sheet of large pictures takes a few operations a picture (or a row of pixels), and not a few a pixel."""
    operations = 10 * images.shape[0] * images.shape[2]
    assert_scales(student, student.contact_sheet, images, 3, seconds=2, operations=operations)


def pictures(n, height, width):
    """Pictures whose pixels are all different, and none zero."""
    return torch.arange(1.0, n * height * width + 1).reshape(n, 1, height, width)
