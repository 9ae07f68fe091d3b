"""What decides `contact_sheet`, and what it says."""

import torch
from torch.nn import functional

from grader.kit import assert_close, assert_dtype, assert_scales, reference, tr

STRIPS = tr("The pictures are sliced into strips: a reshape alone keeps the order in memory. permute first.")


LAST_ROW = tr("The last row of pictures is missing: a row that is not full is a row too. Round up.")


BY_COLUMNS = tr("The pictures go down the columns; they are read like text, from left to right.")


BORDER = tr("The border goes around every picture, around the whole sheet too: ncols pictures have ncols + 1 borders.")


CHANNELS_LAST = tr("permute takes the old positions in their new order: channels are 0, height 1, width 2.")


DTYPE_OF_PICTURES = tr("torch.zeros alone makes float32: give it the dtype of the pictures.")


PIXEL_LOOP = tr("A loop over pixels is too slow: place a whole picture at a time, with a slice.")


@reference
def sheet_of(images, ncols, pad, *, whole_rows=False, sliced=False):
    """The contact sheet, or the one of a known mistake."""
    n, _, height, width = images.shape
    nrows = n // ncols if whole_rows else -(-n // ncols)
    tiles = functional.pad(images.double(), (pad, 0, pad, 0))[: nrows * ncols]
    tiles = torch.cat([tiles, tiles.new_zeros(nrows * ncols - len(tiles), *tiles.shape[1:])])
    size = nrows * (height + pad), ncols * (width + pad)
    step = height + pad, width + pad
    sheet = tiles.reshape(1, *size) if sliced else functional.fold(tiles.flatten(1).T, size, step, stride=step)
    return functional.pad(sheet[0], (0, pad, 0, pad)).to(images.dtype)


def assert_sheet(student, images, ncols, *pad):
    """`contact_sheet(images, ncols, pad)`: every picture in its place, zeros elsewhere."""
    sheet = student.contact_sheet(images, ncols, *pad)
    gap = pad[0] if pad else 1
    right = sheet_of(images, ncols, gap)
    mistakes = [(sheet_of(images, ncols, gap, sliced=True), STRIPS)]
    if len(images) % ncols and len(images) > ncols:
        mistakes.append((sheet_of(images, ncols, gap, whole_rows=True), LAST_ROW))
    elif len(images) % ncols == 0:
        nrows = len(images) // ncols
        by_columns = images.reshape(ncols, nrows, *images.shape[1:]).transpose(0, 1).reshape(images.shape)
        mistakes.append((sheet_of(by_columns, ncols, gap), BY_COLUMNS))
    if gap:
        mistakes.append((right[gap:-gap, gap:-gap], BORDER))
        mistakes.append((right[:-gap, :-gap], BORDER))
    assert_close(sheet, right, rtol=0, atol=0, mistakes=mistakes)
    assert_dtype(sheet, images.dtype, hint=DTYPE_OF_PICTURES if sheet.dtype is torch.float32 else None)


def assert_channels_last(student, image):
    """`to_hwc(image)`: the same picture with its channels last."""
    channels, height, width = image.shape
    hints = [(image.reshape(height, width, channels), STRIPS), (image.transpose(0, 2), CHANNELS_LAST)]
    expected = torch.stack(list(image), dim=2)
    assert_close(student.to_hwc(image), expected, rtol=0, atol=0, mistakes=hints, hint=CHANNELS_LAST)


def assert_no_pixel_loop(student, images):
    """A sheet of large pictures takes a few operations a picture (or a row of pixels), and not a few a pixel."""
    assert_sheet(student, images, 3)
    operations = 10 * images.shape[0] * images.shape[2]
    assert_scales(student, student.contact_sheet, images, 3, seconds=2, operations=operations, hint=PIXEL_LOOP)


def pictures(n, height, width):
    """Pictures whose pixels are all different, and none zero."""
    return torch.arange(1.0, n * height * width + 1).reshape(n, 1, height, width)
