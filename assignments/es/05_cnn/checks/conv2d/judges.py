"""What decides `conv2d`, and what it says."""

import torch
import torch.nn.functional as F

from grader.kit import (
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_gradients,
    assert_inputs_unchanged,
    assert_no_python_loops,
    assert_shape,
    assert_that,
    assert_without_operations,
    operations_of,
    tr,
)
from grader.kit.operations import CONVOLUTIONS

FLIPPED = tr(
    "Your kernel is turned around: that is convolution as mathematicians write it. Deep learning slides the kernel as"
    " it is (cross-correlation)."
)


CHANNELS_SWAPPED = tr("Input and output channels are swapped: weight is (out channels, in channels, kh, kw).")


NO_BIAS = tr("The bias is missing: one number for each output channel.")


BIAS_AXIS = tr("The bias goes to the channels, dimension 1 of (N, C, H, W): reshape it to (1, C, 1, 1).")


KERNEL_TRANSPOSED = tr("Rows and columns of the kernel are swapped.")


OUT_SIZE = tr("Along each side, (size + 2 * padding - kernel) // stride + 1 positions of the kernel fit.")


PADDING_ZERO = tr("Nothing is left with padding=0: x[..., p:-p] is empty when p is 0.")


BY_HAND = tr("The exercise is to write it yourself: PyTorch's own operation for it may not be used.")


PIXEL_LOOPS = tr("Loop over the kernel's positions alone: a slice with a step takes all pixels of all images at once.")


ONE_SIDED = tr("The zeros are all on one side: F.pad takes (left, right, top, bottom), padding for each.")


ZEROS = tr("What is added around the image must be zeros.")


CHANNEL_MEAN = tr("The products of the channels are added up, not averaged.")


BIAS_AGAIN = tr("The bias is added once for each position of the kernel: add it once, after the loop.")


def assert_conv2d(student, x, weight, bias=None, stride=1, padding=0):
    """`conv2d` agrees with PyTorch's, and the ways in which it goes wrong have their hints."""
    options = {"stride": stride, "padding": padding}
    unusual = {name: value for name, value in options.items() if value != {"stride": 1, "padding": 0}[name]}
    args = (x, weight) if bias is None else (x, weight, bias)
    got = assert_without_operations(student, student.conv2d, *args, forbidden=CONVOLUTIONS, hint=BY_HAND, **unusual)
    expected = F.conv2d(x, weight, bias, **options)
    mistakes = [(F.conv2d(x, weight.flip(2, 3), bias, **options), FLIPPED)]
    if weight.shape[0] == weight.shape[1]:
        mistakes.append((F.conv2d(x, weight.transpose(0, 1), bias, **options), CHANNELS_SWAPPED))
    if weight.shape[2] == weight.shape[3]:
        mistakes.append((F.conv2d(x, weight.transpose(2, 3), bias, **options), KERNEL_TRANSPOSED))
    if padding > 0:
        one_sided = F.pad(x, (0, 2 * padding, 0, 2 * padding))
        mistakes.append((F.conv2d(one_sided, weight, bias, stride), ONE_SIDED))
        fits = {"replicate": True, "circular": padding <= min(x.shape[2:]), "reflect": padding < min(x.shape[2:])}
        borders = [F.pad(x, (padding,) * 4, mode=mode) for mode, is_possible in fits.items() if is_possible]
        borders.append(F.pad(x, (padding,) * 4, value=1.0))
        mistakes += [(F.conv2d(border, weight, bias, stride), ZEROS) for border in borders]
    if x.shape[1] > 1:
        mistakes.append((F.conv2d(x, weight / x.shape[1], bias, **options), CHANNEL_MEAN))
    if bias is not None:
        bare = F.conv2d(x, weight, None, **options)
        mistakes.append((bare, NO_BIAS))
        mistakes.append((expected + (weight[0, 0].numel() - 1) * bias[:, None, None], BIAS_AGAIN))
        if bare.shape[3] == len(bias) != 1:
            mistakes.append((bare + bias, BIAS_AXIS))
    if padding == 0:
        mistakes.append((expected[:, :, :0, :0], PADDING_ZERO))
    if isinstance(got, torch.Tensor):
        assert_that(got.numel() > 0, tr("The result is empty."), hint=PADDING_ZERO if padding == 0 else OUT_SIZE)
        if got.ndim == 4:
            assert_shape(got, expected.shape, hint=OUT_SIZE)
    assert_close(got, expected, mistakes=mistakes)
    assert_dtype(got, x.dtype)
    assert_inputs_unchanged(student)


def assert_conv2d_rules(student, rng):
    """Vectorised over pixels."""
    x, weight, bias = rng.normal(2, 3, 7, 6), rng.normal(4, 3, 3, 2), rng.normal(4)
    assert_conv2d(student, x, weight, bias, stride=2, padding=1)
    assert_no_python_loops(student, "conv2d", allowed=2, hint=PIXEL_LOOPS)
    small, large = (
        sum(operations_of(student, student.conv2d, images, weight).values()) for images in (x, rng.normal(2, 3, 40, 30))
    )
    assert_that(
        large <= 1.5 * small,
        tr("Your function needs more tensor operations for larger images."),
        hint=PIXEL_LOOPS,
    )


def assert_conv2d_gradients(student, rng):
    double = {"dtype": torch.float64}
    x, weight, bias = rng.normal(1, 2, 4, 5, **double), rng.normal(3, 2, 2, 3, **double), rng.normal(3, **double)
    assert_conv2d(student, x, weight, bias)
    assert_gradients(student, student.conv2d, x, weight, bias)
    assert_device_agnostic(student, student.conv2d, x, weight, bias, 2, 1)
