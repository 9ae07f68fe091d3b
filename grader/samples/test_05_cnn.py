"""Visible checks of 05_cnn: what a student runs while working. Hidden ones ask the same of other inputs."""

import math
import re
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from grader import datasets
from grader.testing import (
    Remote,
    Rng,
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_equal,
    assert_gradients,
    assert_inputs_unchanged,
    assert_keys,
    assert_length,
    assert_no_python_loops,
    assert_python_number,
    assert_random_state_unchanged,
    assert_returns,
    assert_shape,
    assert_that,
    assert_without_operations,
    exercise,
    operations_of,
    tr,
    verbatim,
)
from grader.testing.accuracy import accuracy_of_logits, assert_accuracy, measurement
from grader.testing.averages import assert_accuracies, assert_losses
from grader.testing.failures import CheckFailure, StudentError
from grader.testing.lab import LR, SAMPLES, VAL, Lab, Lesson, load_flat, pretending, replay, scripted_lesson
from grader.testing.operations import CONVOLUTIONS, DROPOUTS, POOLS
from grader.testing.probes import (
    ATOL,
    BEST_STARTS_LOW,
    EVAL_AT_THE_END,
    EVAL_MODE,
    LISTS,
    NO_GRAD,
    NO_STEP,
    UNDECIDED,
    ask,
    assert_best_weights,
    assert_eval_mode,
    assert_every_sample,
    assert_follows_adam,
    assert_history,
    assert_no_grad,
    assert_only_training_data,
    assert_shuffled_anew,
    assert_train_mode,
    assert_trained,
    assert_trains_on_device,
    assert_validated,
    assert_validation_keeps_weights,
    autograd_left_on,
    best_epoch,
    validation_losses,
    wrong_updates,
)

FIXED = 2024
"""Seed of the visible checks' inputs: a student sees the same thing twice."""


# ------------------------------------------------------------------------------------------------------ conv2d

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


@exercise("conv2d")
@pytest.mark.parametrize(
    ("stride", "padding"),
    [(1, 0), (1, 1), (2, 0), (2, 2), (4, 0), (1, 4)],
    ids=["plain", "padding", "stride", "both", "wide stride", "wide padding"],
)
def test_convolution(student, stride, padding):
    """Your own code convolves a batch of images as PyTorch does it, with any stride and padding."""
    rng = Rng(FIXED)
    weight, bias = rng.normal(3, 3, 3, 3), rng.normal(3)
    assert_conv2d(student, rng.normal(2, 3, 7, 5), weight, bias, stride, padding)


@exercise("conv2d")
def test_convolution_of_one_channel(student):
    """One image, one channel, a kernel that is not square, no bias, float64."""
    rng = Rng(FIXED)
    x = rng.normal(1, 1, 6, 5, dtype=torch.float64)
    assert_conv2d(student, x, rng.normal(2, 1, 3, 2, dtype=torch.float64))


@exercise("conv2d")
def test_convolution_rules(student):
    """It loops over the kernel's positions alone."""
    assert_conv2d_rules(student, Rng(FIXED))


@exercise("conv2d")
def test_convolution_gradients(student):
    """Gradients flow to the image, the kernel and the bias, on any device."""
    assert_conv2d_gradients(student, Rng(FIXED))


def assert_conv2d_gradients(student, rng):
    double = {"dtype": torch.float64}
    x, weight, bias = rng.normal(1, 2, 4, 5, **double), rng.normal(3, 2, 2, 3, **double), rng.normal(3, **double)
    assert_conv2d(student, x, weight, bias)
    assert_gradients(student, student.conv2d, x, weight, bias)
    assert_device_agnostic(student, student.conv2d, x, weight, bias, 2, 1)


# -------------------------------------------------------------------------------------------------- max_pool2d

MEAN_POOL = tr("Those are means: keep the largest value of each window.")
ZERO_START = tr(
    "A window of negative numbers gives 0: a running maximum must not start at 0, nor a border be padded with it."
)
STRIDE_ONE = tr("Without a stride the windows do not overlap: stride is k.")
CEIL = tr("A window that does not fit entirely is left out: sizes are rounded down.")


def assert_max_pool2d(student, x, k, stride=None):
    """`max_pool2d` agrees with PyTorch's."""
    args = (x, k) if stride is None else (x, k, stride)
    got = assert_without_operations(student, student.max_pool2d, *args, forbidden=POOLS, hint=BY_HAND)
    expected = F.max_pool2d(x, k, stride)
    mistakes = [
        (F.avg_pool2d(x, k, stride), MEAN_POOL),
        (expected.clamp(min=0), ZERO_START),
        (F.max_pool2d(F.pad(x, (0, k, 0, k)), k, stride, ceil_mode=True), CEIL),
        (F.max_pool2d(x, k, stride, ceil_mode=True), CEIL),
    ]
    if stride is None:
        mistakes.append((F.max_pool2d(x, k, 1), STRIDE_ONE))
    assert_close(got, expected, mistakes=mistakes)
    assert_dtype(got, x.dtype)
    assert_inputs_unchanged(student)


def assert_max_pool2d_rules(student, rng):
    x = rng.permutation(2 * 1 * 6 * 5).reshape(2, 1, 6, 5).double() / 7 - 5
    assert_max_pool2d(student, x, 2)
    assert_gradients(student, student.max_pool2d, x, 2)
    assert_device_agnostic(student, student.max_pool2d, x, 2)


@exercise("max_pool2d")
@pytest.mark.parametrize(("k", "stride"), [(2, None), (3, None), (3, 2), (2, 3)])
def test_pooling(student, k, stride):
    """Your own code finds the largest value of each window, for sizes that do not divide evenly too."""
    assert_max_pool2d(student, Rng(FIXED).normal(2, 3, 8, 7), k, stride)


@exercise("max_pool2d")
def test_pooling_of_negative_numbers(student):
    """Negative numbers stay negative."""
    assert_max_pool2d(student, -1 - Rng(FIXED).uniform(1, 2, 5, 5), 2)


@exercise("max_pool2d")
def test_pooling_rules(student):
    """The gradient goes to each window's maximum, on any device."""
    assert_max_pool2d_rules(student, Rng(FIXED))


# --------------------------------------------------------------------------------------------------- small_cnn

MAX_PARAMETERS = 300_000

NO_FLOOR = tr("Positions are counted, so the division rounds down: //.")
PLUS_ONE = tr("The first position counts too: add 1 after dividing.")
ONE_SIDE = tr("Padding is added on both sides: 2 * padding.")
LOGITS = tr("Logits were asked: the loss and predict_digit apply the softmax themselves, so leave it out of forward.")
FLATTEN_BATCH = tr(
    "An image's logits depend on the other images of its batch. Flattening begins after the batch, flatten(1), and in"
    " eval mode BatchNorm works with its running means, not with the batch's."
)
CLASSES_FIXED = tr("The last layer has num_classes outputs, whatever that number is.")
DROPOUT_UNUSED = tr("In train mode two passes should differ: is the dropout layer used in forward, with p=dropout?")
DROPOUT_ALWAYS = tr(
    "In eval mode two passes must agree: F.dropout needs training=self.training; a layer nn.Dropout does it by itself."
)
LAZY = tr("An optimizer takes the parameters before any image comes: give the layer its size, with conv_out_size.")
NEVER_NEGATIVE = tr("Logits may be any numbers, negative ones too: put no activation after the last layer.")
ONE_VALUE = tr(
    "Your network normalises over the batch where each channel has one number an image: of one image there is nothing"
    " to normalise by. Before flattening, BatchNorm2d has many numbers a channel."
)
PLAIN_LIST = tr("Layers in a plain list are not part of the model: use attributes, nn.Sequential or nn.ModuleList.")

STUDY_MODEL = """
def study_model(model, images, training):
    from torch.nn.parameter import is_lazy

    is_module = isinstance(model, torch.nn.Module)
    if not is_module:
        return {"is_module": False}
    lazy = sum(is_lazy(p) for p in model.parameters())
    model.train(training)
    first, second = model(images), model(images)
    if not isinstance(first, torch.Tensor):
        return {"is_module": True, "first": first}
    with torch.enable_grad():
        model.zero_grad()
        model.eval()
        (model(images) * torch.arange(1.0, first.shape[-1] + 1)).sum().backward()
    return {
        "is_module": True,
        "lazy": lazy,
        "first": first.detach(),
        "second": second.detach(),
        "single": model(images[:1]).detach(),
        "shapes": [list(p.shape) for p in model.parameters()],
        "unused": sum(p.grad is None for p in model.parameters()),
    }
"""


def study(student, images, training=False, **options):
    """What a `SmallCNN` made by the student is and does, measured beside it."""
    model = student.SmallCNN(**options)
    assert_that(isinstance(model, Remote), tr("SmallCNN(…) makes no object: is it a class derived from nn.Module?"))
    found = ask(student, student.define(STUDY_MODEL, "study_model"), model, images, training)
    assert_returns(found, dict)
    assert_that(found.get("is_module") is True, tr("SmallCNN is not derived from nn.Module."))
    assert_shape(
        found["first"],
        (len(images), options.get("num_classes", 10)),
        name="model(images)",
        hint=CLASSES_FIXED if "num_classes" in options and is_ten(found["first"]) else None,
    )
    return found


def is_ten(logits):
    """Whether there are ten of them for each image: the default number of classes."""
    return isinstance(logits, torch.Tensor) and logits.shape[-1:] == (10,)


def assert_small_cnn(student, rng, batch, **options):
    """The shape, independence and kind of a `SmallCNN`'s output in eval mode."""
    images = rng.uniform(batch, 1, 28, 28)
    found = study(student, images, **options)
    logits = found["first"]
    assert_that(bool(torch.isfinite(logits).all()), tr("The logits hold NaN or infinity."))
    assert_close(found["second"], logits, rtol=1e-5, atol=1e-6, name="model(images)", hint=DROPOUT_ALWAYS)
    assert_close(found["single"], logits[:1], name="model(images[:1])", hint=FLATTEN_BATCH)
    if batch > 1:
        assert_that(not torch.allclose(logits[0], logits[1], atol=1e-6), tr("Different images get the same logits."))
    log_norm = logits.double().logsumexp(1)
    sums = logits.double().sum(1)
    is_normalised = bool((log_norm.abs() < 1e-4).all()) or bool(((sums - 1).abs() < 1e-4).all() and (logits >= 0).all())
    assert_that(not is_normalised, tr("The outputs are probabilities or their logarithms."), hint=LOGITS)
    others = range(12) if bool((logits >= 0).all()) else ()  # one network's logits may all be positive by chance
    assert_that(
        not others or any(bool((study(student, images, **options)["first"] < 0).any()) for _ in others),
        tr("No output is ever negative."),
        hint=NEVER_NEGATIVE,
    )


def assert_architecture(student, rng):
    """Two convolutions at least, few enough parameters, and all of them in use."""
    found = study(student, rng.uniform(2, 1, 28, 28))
    shapes = found["shapes"]
    assert_returns(shapes, list)
    assert_that(
        sum(len(shape) == 4 for shape in shapes) >= 2,
        tr("The model has fewer than two convolutions among its parameters."),
        hint=PLAIN_LIST,
    )
    assert_that(found["lazy"] == 0, tr("Some parameters have no size before the first image."), hint=LAZY)
    count = sum(math.prod(shape) for shape in shapes)
    assert_that(
        count < MAX_PARAMETERS,
        tr("The model has too many parameters."),
        expected=verbatim(f"< {MAX_PARAMETERS:,}"),
        actual=verbatim(f"{count:,}"),
        hint=tr("Most of them sit in the first linear layer: pool before it, or give it fewer outputs."),
    )
    assert_equal(found["unused"], 0, name=tr("The number of parameters that get no gradient"))


def assert_dropout_in_use(student, rng):
    """Random in train mode, and only there, and only with dropout."""
    images = rng.uniform(3, 1, 28, 28)
    found = study(student, images, training=True, dropout=0.5)
    assert_that(
        not torch.allclose(found["first"], found["second"], atol=1e-6),
        tr("In train mode the model with dropout=0.5 gives the same twice."),
        hint=DROPOUT_UNUSED,
    )
    found = study(student, images, training=True, dropout=0.0)
    assert_close(found["first"], found["second"], name="model(images)", hint=tr("With dropout=0.0 nothing is dropped."))
    found = study(student, images, training=False, dropout=0.5)
    assert_close(found["first"], found["second"], name="model(images)", hint=DROPOUT_ALWAYS)


ONE_IMAGE = """
def one_image(model, image):
    model.train()
    logits = model(image)
    return logits.detach() if isinstance(logits, torch.Tensor) else logits, model.training
"""


def assert_one_image_in_train_mode(student, rng):
    """The last batch of an epoch may hold one image."""
    model = student.SmallCNN()
    assert_that(isinstance(model, Remote), tr("SmallCNN(…) makes no object: is it a class derived from nn.Module?"))
    run = student.define(ONE_IMAGE, "one_image")
    run.label = "model"
    image = rng.uniform(1, 1, 28, 28)
    try:
        logits, training = run(model, image)
    except StudentError as error:
        if "more than 1 value per channel" in error.message:
            raise CheckFailure(
                tr("In train mode the network fails for a batch of one image."), hint=ONE_VALUE
            ) from error
        raise
    assert_shape(logits, (1, 10), name="model(images)")
    assert_that(bool(torch.isfinite(logits).all()), tr("The logits hold NaN or infinity."))
    assert_inputs_unchanged(student)
    assert_that(training is True, tr("forward changes the model's mode."))


def assert_conv_out_size(student, size, kernel_size, stride, padding):
    got = student.conv_out_size(size, kernel_size, stride, padding)
    exact = (size + 2 * padding - kernel_size) / stride + 1
    assert_equal(
        got,
        (size + 2 * padding - kernel_size) // stride + 1,
        mistakes=[
            (exact, NO_FLOOR),
            (math.ceil(exact), NO_FLOOR),
            ((size + 2 * padding - kernel_size) // stride, PLUS_ONE),
            ((size + padding - kernel_size) // stride + 1, ONE_SIDE),
            ((size - kernel_size) // stride + 1, ONE_SIDE),
        ],
        hint=OUT_SIZE,
    )


@exercise("small_cnn")
def test_size_after_a_convolution(student):
    """conv_out_size counts the positions of the kernel; stride is 1 and padding 0 when nothing is said."""
    for case in ((28, 3, 1, 0), (28, 5, 1, 2), (28, 2, 2, 0), (12, 3, 2, 1), (7, 2, 2, 0)):
        assert_conv_out_size(student, *case)
    assert_equal(student.conv_out_size(9, 4), 6)


@exercise("small_cnn")
@pytest.mark.parametrize("batch", [1, 3])
def test_logits_of_a_batch(student, batch):
    """Each image gets its own ten logits, the same ones twice in eval mode."""
    assert_small_cnn(student, Rng(FIXED), batch)


@exercise("small_cnn")
def test_one_image_in_train_mode(student):
    """A batch of one image, as the last of an epoch may be, works in train mode too."""
    assert_one_image_in_train_mode(student, Rng(FIXED))


@exercise("small_cnn")
def test_any_number_of_classes(student):
    """num_classes decides how many logits there are."""
    assert_small_cnn(student, Rng(FIXED), 2, num_classes=7)


@exercise("small_cnn")
def test_architecture(student):
    """Two convolutions or more, fewer than 300,000 parameters, every one of them trained."""
    assert_architecture(student, Rng(FIXED))


@exercise("small_cnn")
def test_dropout_in_use(student):
    """Dropout acts in train mode alone."""
    assert_dropout_in_use(student, Rng(FIXED))


# ----------------------------------------------------------------------------------------------------- dropout

OWN_FLAG = tr(
    "eval() has no effect on your layer: it sets self.training, which every nn.Module has, and that alone says whether"
    " to drop."
)
EACH_BY_ITSELF = tr("Each value has its own chance: compare one random number for each value with p.")
MASK_DEVICE = tr("The mask must lie where x lies: torch.rand_like(x), or torch.rand(x.shape, device=x.device).")
NOTHING_DROPPED = tr("Your layer changes nothing in train mode: is it self.training that it asks?")
NOT_SCALED = tr("What survives must grow by 1 / (1 - p), so that the mean stays the same.")
SCALED_IN_EVAL = tr("In eval mode your layer scales its input: what is returned then is x itself.")
SCALED_BY_P = tr("What survives grows by 1 / (1 - p): p is the share that is dropped, not the share that stays.")
KEPT_P = tr("p is the share that is dropped; you keep that share and drop the rest.")
ZERO_OVER_ZERO = tr("With p = 1 everything is dropped: 0 times 1/0 is NaN, so that case needs a thought of its own.")
DROPS_CHANNELS = tr("Every single value is kept or dropped by itself, not whole rows or columns.")
SAME_MASK = tr("The mask is drawn anew at every call: draw it in forward, not in __init__.")

OWN_DROPOUT = tr("The exercise is to write it yourself: the mask, too, is to be drawn by your own code.")

RUN_LAYER = """
def run_layer(layer, training, *inputs):
    if not isinstance(layer, torch.nn.Module):
        return None
    torch.nn.Sequential(layer).train(training)
    return layer(*inputs)
"""


def make_dropout(student, *args):
    """The student's layer and a function that runs it in a mode."""
    layer = student.Dropout(*args)
    run = student.define(RUN_LAYER, "run_layer")
    run.label = "layer"
    assert_that(isinstance(layer, Remote), tr("Dropout(…) makes no object: is it a class derived from nn.Module?"))
    return layer, run


def assert_eval_identity(student, x, p):
    """Nothing in eval mode, by a layer that drops something in train mode."""
    layer, run = make_dropout(student, p)
    got = assert_without_operations(student, run, layer, False, x, forbidden=DROPOUTS, hint=OWN_DROPOUT)
    drops = isinstance(got, torch.Tensor) and got.shape == x.shape and bool((got == 0).any())
    scaled = [(x * factor, SCALED_IN_EVAL) for factor in (1 - p, 1 / (1 - p), p)] if p < 1 else []
    assert_close(got, x, rtol=0, atol=0, mistakes=scaled, hint=OWN_FLAG if drops and p < 1 else None)
    assert_inputs_unchanged(student)
    dropped = run(layer, True, x)
    assert_shape(dropped, x.shape)
    assert_that(not torch.equal(dropped, x), tr("In train mode nothing is dropped."), hint=NOTHING_DROPPED)


def assert_dropout(student, x, p):
    """In train mode: zeros at the right rate, what survives scaled, another mask at each call; `x` is free of zeros."""
    layer, run = make_dropout(student, p)
    got = assert_without_operations(student, run, layer, True, x, forbidden=DROPOUTS, hint=OWN_DROPOUT)
    assert_shape(got, x.shape)
    assert_dtype(got, x.dtype)
    assert_inputs_unchanged(student)
    assert_that(
        bool(torch.isfinite(got).all()),
        tr("The result holds NaN or infinity."),
        hint=ZERO_OVER_ZERO if p == 1 else None,
    )
    kept = got != 0
    if 0 < p < 1:
        assert_that(
            bool(kept.any()) and not bool(kept.all()),
            tr("In train mode some values are dropped and some survive; here all share one fate."),
            hint=NOTHING_DROPPED if torch.equal(got, x) else None,
        )
        share, error = float((~kept).double().mean()), math.sqrt(p * (1 - p) / x.numel())
        is_off = abs(share - p) > 5 * error
        assert_that(
            not is_off,
            tr("The share of dropped values is not p."),
            expected=verbatim(f"{p:.2f} ± {5 * error:.2f}"),
            actual=verbatim(f"{share:.2f}"),
            hint=KEPT_P if abs(share - (1 - p)) < 5 * error else None,
        )
    assert_close(
        got,
        torch.where(kept, x / (1 - p), 0.0) if p < 1 else torch.zeros_like(x),
        mistakes=[
            (torch.where(kept, x, 0.0), NOT_SCALED),
            *([(torch.where(kept, x / p, 0.0), SCALED_BY_P)] if p > 0 else []),
            (torch.where(kept, x * (1 - p), 0.0), NOT_SCALED),
        ],
    )
    if 0 < p < 1:
        assert_each_by_itself(kept)
        again = run(layer, True, x)
        assert_shape(again, x.shape)
        assert_that(not torch.equal(again != 0, kept), tr("Two calls drop the same values."), hint=SAME_MASK)
        few = x.flatten()[:54].reshape(6, 9)
        counts = {int((run(layer, True, few) == 0).sum()) for _ in range(12)}
        assert_that(len(counts) > 1, tr("Every call drops the same number of values."), hint=EACH_BY_ITSELF)


def assert_each_by_itself(kept):
    """Fails if a line of values, along any dimension, shares one fate more often than chance makes it.

    Of the lines that are checked fewer than one in four has one fate by chance: they are long enough.
    """
    for dim in range(kept.ndim):
        share = kept.double().mean(dim)
        is_mixed = (share > 0) & (share < 1)
        assert_that(
            bool(is_mixed.double().mean() > 0.5),
            tr("Whole rows or columns share one fate."),
            expected=tr("each value has a fate of its own"),
            actual=tr("along dimension {dim} of {shape} they share one", dim=dim, shape=str(tuple(kept.shape))),
            hint=DROPS_CHANNELS,
        )


def assert_dropout_of_any_shape(student, rng):
    """Vectors, sequences and feature maps: each value has a fate of its own."""
    for shape in ((400,), (9, 8, 11), (8, 6, 9, 7)):
        assert_dropout(student, 1 + rng.uniform(*shape), 0.5)


def assert_dropout_on_a_gpu(student, x):
    assert_dropout(student, x, 0.5)
    layer, run = make_dropout(student, 0.5)
    run(layer, True, x)
    assert_device_agnostic(student, layer, x, hint=MASK_DEVICE)


def assert_dropout_gradient(student, x, p):
    layer, run = make_dropout(student, p)
    leaf = x.clone().requires_grad_()
    assert_without_operations(student, run, layer, True, x, forbidden=DROPOUTS, hint=OWN_DROPOUT)
    call = student.call(run, layer, True, leaf, _cotangents=[torch.ones_like(x)])
    assert_shape(call.value, x.shape)
    assert_that(bool((call.value != 0).any()), tr("Everything was dropped."))
    gradient = call.gradients[0] if call.gradients else None
    assert_that(
        gradient is not None,
        tr("No gradient reaches the input."),
        hint=tr("Multiply x by the mask: an operation on x.data or on a detached copy cuts the graph."),
    )
    assert_close(gradient, torch.where(call.value != 0, 1 / (1 - p), 0.0).to(x.dtype), name=tr("The gradient"))


@exercise("dropout", weight=4)
@pytest.mark.parametrize("p", [0.5, 1.0])
def test_dropout_does_nothing_in_eval_mode(student, p):
    """In eval mode the layer returns what it gets."""
    assert_eval_identity(student, 1 + Rng(FIXED).uniform(9, 8), p)


@exercise("dropout")
@pytest.mark.parametrize("p", [0.2, 0.7])
def test_dropout_in_train_mode(student, p):
    """In train mode a share p of the values becomes 0, and the rest grows by 1 / (1 - p)."""
    assert_dropout(student, 1 + Rng(FIXED).uniform(80, 60), p)


@exercise("dropout")
def test_dropout_of_any_shape(student):
    """Every value of a vector, a sequence or a batch of feature maps is kept or dropped by itself."""
    assert_dropout_of_any_shape(student, Rng(FIXED))


@exercise("dropout", weight=0.5)
def test_dropout_of_nothing_and_of_everything(student):
    """p = 0 drops nothing and p = 1 drops everything, without NaN."""
    for p in (0.0, 1.0):
        assert_dropout(student, 1 + Rng(FIXED).uniform(4, 3), p)


@exercise("dropout", weight=0.5)
def test_dropout_device(student):
    """The layer would work on a GPU."""
    assert_dropout_on_a_gpu(student, 1 + Rng(FIXED).uniform(40, 30))


@exercise("dropout")
def test_dropout_gradient(student):
    """The gradient passes through what survived, and p is 0.5 when nothing is said."""
    assert_dropout_gradient(student, 1 + Rng(FIXED).uniform(9, 8), 0.25)
    layer, run = make_dropout(student)
    got = run(layer, True, torch.ones(1000))
    assert_shape(got, (1000,))
    share = float((got == 0).double().mean())
    assert_that(0.4 < share < 0.6, tr("Without an argument, p is not 0.5."), actual=verbatim(f"{share:.2f}"))


# ----------------------------------------------------------------------------------------------- split_train_val

LOST = tr("Some samples are in neither part: give one part the rest of the other, n - n_val.")
OVERLAP = tr("Samples are in both parts: draw one permutation and cut it in two.")
UNSHUFFLED = tr("The split is not random: data often come sorted, so shuffle before cutting.")
EVENLY = tr("Every k-th sample is no random sample: data often repeat in steps. Draw a permutation and cut it.")
NOT_SEEDED = tr(
    "The same seed gives two splits: draw from torch.Generator().manual_seed(seed), and hand it to whoever draws."
)
SEED_IGNORED = tr("Two seeds give the same split: the generator must be seeded with seed.")
PARTS_SWAPPED = tr("The parts are in the wrong order: training first, validation second.")
TOUCHED = tr("Splitting needs numbers alone, not the samples: a Subset keeps the dataset and a list of indices.")

NUMBERED = """
class Numbered(torch.utils.data.Dataset):
    def __init__(self, n):
        self.n, self.touched = n, 0

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        if not 0 <= index < self.n:
            raise IndexError(index)
        self.touched += 1
        return int(index)
"""

READ_PART = """
def read_part(part):
    is_subset = isinstance(part, torch.utils.data.Subset)
    return is_subset, [int(part[position]) for position in range(len(part))] if is_subset else []
"""


def parts_of(student, n, fraction, seed):
    """The numbers of the samples in both parts of a student's split of `n` samples."""
    dataset = student.define(NUMBERED, "Numbered")(n)
    dataset.label = "dataset"
    parts = student.split_train_val(dataset, fraction, seed)
    assert_random_state_unchanged(student)
    assert_length(parts, 2)
    assert_equal(dataset.touched, 0, name=tr("The number of samples read while splitting"), hint=TOUCHED)
    found = []
    for part in parts:
        is_subset, items = ask(student, student.define(READ_PART, "read_part"), part)
        assert_that(is_subset is True, tr("A part is no torch.utils.data.Subset."))
        found.append(items)
    return found


def assert_split(student, n, fraction, seed):
    train, val = parts_of(student, n, fraction, seed)
    together = train + val
    assert_that(len(set(together)) == len(together), tr("A sample is twice in the split."), hint=OVERLAP)
    assert_that(
        sorted(together) == list(range(n)),
        tr("The split does not hold every sample."),
        expected=tr("{n} samples", n=n),
        actual=tr("{n} samples", n=len(together)),
        hint=LOST,
    )
    size = round(fraction * n)
    assert_that(
        len(val) == size,
        tr("The validation part is of the wrong size."),
        expected=tr("{n} samples", n=size),
        actual=tr("{n} samples", n=len(val)),
        hint=PARTS_SWAPPED if len(train) == size else tr("Its size is round(val_fraction * len(dataset))."),
    )
    return train, val


def assert_random_split(student, n, fraction, seed):
    train, val = assert_split(student, n, fraction, seed)
    edges = (list(range(len(val))), list(range(n - len(val), n)))
    assert_that(sorted(val) not in edges, tr("The validation part is one end of the dataset."), hint=UNSHUFFLED)
    gaps = sum((index + 1) % n not in set(val) for index in val)
    assert_that(gaps > 1, tr("The validation part is one piece cut out of the dataset."), hint=UNSHUFFLED)
    steps = [after - before for before, after in pairwise(sorted(val))]
    is_even = max(steps) - min(steps) <= 1
    assert_that(not is_even, tr("The validation samples lie at even distances in the dataset."), hint=EVENLY)
    again, other = parts_of(student, n, fraction, seed), parts_of(student, n, fraction, seed + 1)
    assert_that(again == [train, val], tr("The same seed gives another split."), hint=NOT_SEEDED)
    assert_that(sorted(other[1]) != sorted(val), tr("Another seed gives the same split."), hint=SEED_IGNORED)


@exercise("split_train_val")
@pytest.mark.parametrize(("n", "fraction"), [(20, 0.25), (23, 0.1), (7, 0.3), (5, 0.0), (40, 0.4), (11, 0.35)])
def test_split_holds_every_sample_once(student, n, fraction):
    """Every sample is in one part, for sizes that do not divide evenly too."""
    assert_split(student, n, fraction, 3)


@exercise("split_train_val")
def test_split_is_random_and_repeatable(student):
    """The same seed gives the same split, another seed another one."""
    assert_random_split(student, 60, 0.2, 7)


# ------------------------------------------------------------------------------------------------ early_stopping

NEVER_RESET = tr("An improvement starts the count again, and your code goes on counting: set the count back to 0.")
TOO_LATE = tr("Your code stops one loss too late: it is time at loss number `patience` in a row without improvement.")
NEVER_TIME = tr("Your code never says that it is time to stop.")
NEVER_BETTER = tr("For your code no loss is ever an improvement: a loss below best - min_delta is one.")
TOO_EARLY = tr("Your code stops one loss too early: it is time at loss number `patience` in a row without improvement.")
BEST_AT_ONE = tr("The best loss before any is infinity: a first loss above 1 must count as an improvement.")
TIES = tr("A loss that equals the best is no improvement: it must be smaller, by more than min_delta.")
NAN = tr("Nothing is smaller than NaN, and NaN is smaller than nothing: it is no improvement.")
DELTA = tr("min_delta is by how much a loss must beat the best: loss < best - min_delta.")
LOWER_IS_BETTER = tr("It waits for a higher loss: a loss is better when it is lower.")
WITH_THE_ONE_BEFORE = tr("It compares each loss with the one before it: compare with the best so far.")
NOT_NOTED = tr("best stays infinity: after an improvement, note the new best loss.")
BEST_OF_ALL = tr("best changes although there was no improvement: only an improvement is a new best.")

NAN_LOSS = float("nan")
SEQUENCES = {
    "falling": (2, 0.0, [5.0, 4.0, 3.0, 2.0, 1.0]),
    "patience": (2, 0.0, [3.0, 2.0, 2.5, 2.4, 1.0]),
    "patience of one": (1, 0.0, [3.0, 2.0, 2.1, 2.2]),
    "reset": (2, 0.0, [3.0, 3.5, 2.0, 2.5, 1.5, 1.6, 1.7]),
    "tie": (2, 0.0, [2.0, 2.0, 2.0, 1.0]),
    "NaN": (2, 0.0, [2.0, NAN_LOSS, 1.5, NAN_LOSS, NAN_LOSS]),
    "NaN first": (2, 0.0, [NAN_LOSS, 1.5, 1.4]),
    "NaN alone": (3, 0.0, [NAN_LOSS, NAN_LOSS, NAN_LOSS]),
    "min_delta": (2, 0.5, [3.0, 2.75, 2.25, 2.0, 1.875]),
    "small steps": (3, 0.25, [2.0, 1.875, 1.75, 1.625, 1.5]),
    "negative": (2, 0.0, [-1.0, -2.0, -1.5, -2.0]),
    "above one": (3, 0.0, [9.0, 8.0, 7.0, 6.5]),
}
"""For each case patience, min_delta and the losses."""

RUN_STOPPING = """
def run_stopping(stopping, losses):
    found = []
    for loss in losses:
        answer = stopping.step(loss)
        found.append((answer, stopping.best))
    return found
"""


def stopping_table(patience, min_delta, losses):
    """By the definition: for each loss whether to stop, and the best so far; it ends where training does."""
    table = followed(patience, min_delta, losses)
    end = next((position for position, (stops, _) in enumerate(table, 1) if stops), len(table))
    return table[:end]


def beats_the_best(loss, best, last, delta):  # noqa: ARG001 - `last` is for a rule that is wrong
    return loss < best - delta


def followed(
    patience,
    min_delta,
    losses,
    *,
    is_better=beats_the_best,
    start=math.inf,
    late=0,
    least=0,
    resets=True,
    notes="improvements",
):
    """For each loss whether to stop, and the best so far; every keyword makes one mistake on purpose."""
    best, last, bad, table = start, math.inf, 0, []
    for loss in losses:
        if is_better(loss, best, last, min_delta):
            bad = 0 if resets else bad
            is_noted = notes == "improvements"
        else:
            bad += 1
            is_noted = False
        if is_noted or notes == "all" or (notes == "lowest" and loss < best):
            best = loss
        last = loss
        table.append((bad >= max(patience + late, least), best))
    return table


WRONG_STOPPINGS = (
    (NEVER_BETTER, {"is_better": lambda *_: False}),
    (NEVER_TIME, {"late": math.inf}),
    (TOO_LATE, {"late": 1}),
    (TOO_EARLY, {"late": -1}),
    (TOO_EARLY, {"late": -1, "least": 1}),
    (NEVER_RESET, {"resets": False}),
    (BEST_AT_ONE, {"start": 1.0}),
    (BEST_AT_ONE, {"start": 0.0}),
    (TIES, {"is_better": lambda loss, best, _, delta: loss <= best - delta}),
    (NAN, {"is_better": lambda loss, best, _, delta: not loss >= best - delta}),
    (DELTA, {"is_better": lambda loss, best, _, __: loss < best}),
    (DELTA, {"is_better": lambda loss, best, _, delta: loss < best + delta}),
    (DELTA, {"is_better": lambda loss, best, _, delta: loss < best * (1 - delta)}),
    (WITH_THE_ONE_BEFORE, {"is_better": lambda loss, _, last, delta: loss < last - delta}),
    (WITH_THE_ONE_BEFORE, {"is_better": lambda loss, _, last, delta: loss < last - delta, "notes": "lowest"}),
    (WITH_THE_ONE_BEFORE, {"notes": "all"}),
    (NOT_NOTED, {"notes": "nothing"}),
    (BEST_OF_ALL, {"notes": "lowest"}),
    *(
        (LOWER_IS_BETTER, {"is_better": rule, "start": start})
        for start in (-math.inf, 0.0)
        for rule in (lambda loss, best, _, delta: loss > best + delta, lambda loss, best, _, delta: loss > best - delta)
    ),
)
"""Mistakes, as `followed` makes them."""


def stopping_rows(student, patience, min_delta, losses):
    """What the student's `EarlyStopping` answers to each loss, and its best after it."""
    stopping = student.EarlyStopping(patience, min_delta) if min_delta else student.EarlyStopping(patience)
    assert_that(isinstance(stopping, Remote), tr("EarlyStopping(…) makes no object: is it a class?"))
    initial = stopping.best
    run = student.define(RUN_STOPPING, "run_stopping")
    run.label = "step"
    rows = run(stopping, losses)
    assert_length(rows, len(losses))
    return initial, [tuple(row) for row in rows]


def stopping_mistake(student):
    """The mistake whose answers are the student's for every one of `SEQUENCES` and a longer one, if there is one."""
    cases = [(patience, delta, losses) for patience, delta, losses in SEQUENCES.values()]
    lengths = [len(stopping_table(*case)) for case in cases]
    cases = [(patience, delta, losses[:n]) for (patience, delta, losses), n in zip(cases, lengths, strict=True)]
    cases.append((2, 0.0, [3.0, 2.0, 2.5, 2.25, 2.75, 2.5]))  # on and on after the end: late is not never
    try:
        found = [ask(student, stopping_rows, student, *case)[1] for case in cases]
    except (StudentError, CheckFailure):
        return None
    for hint, mistake in WRONG_STOPPINGS:
        tables = [followed(*case, **mistake) for case in cases]
        if repr(tables) == repr([[(stops, float(best)) for stops, best in rows] for rows in found]):
            return hint
    return None


STOPPING_RULE = tr(
    "By the definition: loss < best - min_delta is an improvement, sets best, and starts the count of losses without"
    " improvement again; any other loss counts, and it is time to stop when the count reaches patience."
)


def assert_early_stopping(student, patience, min_delta, losses, *, is_shown=False):
    """Fails unless `EarlyStopping` follows `stopping_table`; only a visible check shows its losses."""
    table = stopping_table(patience, min_delta, losses)
    initial, rows = stopping_rows(student, patience, min_delta, losses[: len(table)])
    for position, ((answer, best), (expected, expected_best)) in enumerate(zip(rows, table, strict=True), 1):
        assert_returns(answer, bool, name=tr("What step returns"))
        which = tr(
            "patience={patience}, min_delta={delta}, losses {losses}",
            patience=patience,
            delta=min_delta,
            losses=", ".join(f"{loss:g}" for loss in losses[:position]),
        )
        assert_that(
            answer is expected,
            tr("step gives the wrong answer at loss number {n}.", n=position),
            expected=verbatim(str(expected)),
            actual=tr("{answer} ({which})", answer=answer, which=which) if is_shown else verbatim(str(answer)),
            hint=(stopping_mistake(student) or STOPPING_RULE) if answer is not expected else None,
        )
        assert_returns(best, (float, int), name="best")
        assert_that(
            best == expected_best,
            tr("best is wrong after loss number {n}.", n=position),
            expected=verbatim(f"{expected_best:g}") if is_shown else None,
            actual=tr("{answer} ({which})", answer=f"{best:g}", which=which) if is_shown else None,
            hint=(stopping_mistake(student) or STOPPING_RULE) if best != expected_best else None,
        )
    assert_that(
        type(initial) is float and initial == math.inf,
        tr("best is not infinity before the first loss."),
        hint=BEST_AT_ONE if initial == 1 else tr('Before the first loss best is float("inf").'),
    )


@exercise("early_stopping")
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_when_to_stop(student, sequence):
    """It stops after `patience` losses in a row without improvement, and remembers the best."""
    assert_early_stopping(student, *SEQUENCES[sequence], is_shown=True)


# --------------------------------------------------------------------------------------------------------- fit

STOPS_EARLY = tr("It stops although the validation loss improved meanwhile: an improvement starts the count again.")
STOPS_AT_ONCE = tr("It stops at the first epoch without improvement, although patience is 2: it takes 2 in a row.")
STOPS_LATE = tr("It goes on for too long: it stops at epoch number `patience` in a row without improvement.")
STOPS_ON_TRAINING = tr("It stops by the training loss: the validation loss decides.")
STOPS_ON_RISES = tr("It stops as if a higher loss were better: a loss is better when it is lower.")
STOPS_BY_THE_ONE_BEFORE = tr("Each loss is compared with the one before it: compare with the best so far.")
NEVER_STOPS = tr("It never stops early: compare each validation loss with the best so far.")
EQUAL_LOSS = tr("A loss that equals the best is no new lowest one: compare with <.")
FIRST_OF_EQUALS = tr(
    "Of epochs with equal losses the first is the best: a loss that equals the best is no new lowest one."
)
WHEN_TO_STOP = tr(
    "Count the epochs in a row whose validation loss is no new lowest one: training ends when there are `patience`."
)
CHOSEN_BY_BATCH_MEANS = tr(
    "Your code decides by the mean of the batches' means, and the last batch is smaller: the mean over samples decides."
)
BEATS_THE_ONE_BEFORE_OR_MEANS = tr(
    "Those are the weights of an epoch that beats the one before it, and that is also the best by the mean of the"
    " batches' means. Neither decides: compare the mean over samples with the best so far."
)
CHOSEN_BY_OTHER_NUMBERS = tr(
    "Your code decides by the validation losses in its history, and these are not the mean cross entropy over samples:"
    " put them right first."
)
STOPS_UNASKED = tr("With patience=None every epoch is run.")
NEVER_SAVED_ABOVE_ONE = tr(
    "Every validation loss here is above 1. If your best loss starts at 1, no epoch ever counts as the best and nothing"
    " is saved: let it start at infinity."
)
NEVER_SAVED = tr(
    "Without a checkpoint_path there is no file: keep a copy of the best weights in memory, and load that at the end."
)
FIXED_BATCH = tr(
    "The size of a batch is written into your code, and the last batch of an epoch is smaller. Ask the batch itself,"
    " len(images), or leave its first dimension alone: images.flatten(1)."
)
SAVES_EACH_BEST = tr(
    "A training may be cut short at any time: write the file inside the loop, whenever the validation loss is a new"
    " lowest one."
)
NO_CHECKPOINT = tr("There is no file at checkpoint_path, or its folder is missing: create the folder before saving.")
WHOLE_MODEL = tr(
    "Save model.state_dict() and not the model: weights_only=True reads tensors alone, and so does any version."
)
SAVED_LAST = tr(
    "The file holds the weights of another epoch than the best: save whenever the validation loss improves."
)
SEED_UNUSED = tr(
    "The same seed gives two results: call torch.manual_seed(seed) before anything random, when it is given."
)
ZERO_IS_A_SEED = tr("0 is a seed like any other: ask whether seed is None, not whether it is true.")
SEED_FIXED = tr("Two seeds give the same result: seed with what was given, and with nothing when it is None.")
SEEDED_EVERY_EPOCH = tr(
    "Every epoch has the same order of batches: iterate over the loader itself in each epoch, and seed once, before the"
    " first."
)

SCRIPT = "bwbwwww"
"""The best epoch is number 3 (counted from 0), after one that is worse: with a patience of 2, number 5 is the last."""

SCRIPT_LR = 0.5
"""Of the scripted lessons. With large steps the losses after the best one go up and down."""

PATIENCE = 2

SCRIPTED = 6
"""Seed of the visible scripted lessons: it soon draws one that follows the script; others take up to a second."""


def scripted(rng, *, norm=False):
    """A lesson that follows `SCRIPT`, in which an epoch after the best beats the one before it, and not the last."""
    while True:
        lesson = scripted_lesson(rng, SCRIPT, lr=SCRIPT_LR, norm=norm)
        model, losses = lesson.bench().model.eval(), []
        for weights in replay(lesson, len(SCRIPT) + 1, SCRIPT_LR):
            load_flat(model, weights)
            with torch.no_grad():
                losses.append(float(F.cross_entropy(model(lesson.val_images), lesson.val_labels)))
        after_the_best = losses[SCRIPT.rindex("b") + 2 :]
        *falls, last_falls = [later < loss - 0.01 for loss, later in pairwise(after_the_best)]
        if any(falls) and not last_falls:
            return lesson


def with_fewer_to_validate(lesson):
    """The lesson with 7 validation samples, in batches of 4 and 3: another number than that of training."""
    return replace(lesson, val_images=lesson.val_images[:7], val_labels=lesson.val_labels[:7])


def fitted(student, lesson, *, needs_end=True, judges_autograd=False, saves=False, **options):
    """A lab after the student's `fit`, and the history it returned.

    Args:
        student: the notebook.
        lesson: what to train on.
        needs_end: whether `fit` must return. Where the notes of its epochs are all that counts, a fault that ends it
            after the last of them (weights read back from a file that was never written) is left to the other checks.
        judges_autograd: whether autograd must be on afterwards.
        saves: whether to pass a `checkpoint_path`.
        options: of `fit`.
    """
    lab = Lab(student, lesson)
    options = {"lr": LR, **options}
    if saves:
        options["checkpoint_path"] = lab.path
    history = None
    try:
        with autograd_left_on(student, is_judged=judges_autograd):
            history = student.fit(lab.model, lab.train_loader, lab.val_loader, **options)
    except StudentError as error:
        has_run = error.type_name == "FileNotFoundError" and len(lab.passes("train")) >= options["epochs"]
        if needs_end or not has_run:
            explain(error, lab, saves)
            raise
    else:
        assert_is_history(history)
    assert_trained(lab)
    assert_validated(lab)
    return lab, history


NO_FOLDER = ("does not exist", "No such file")
FIXED_SIZE = re.compile(r"\.((?:view|reshape)\(\s*[(\[]?\s*\d{1,4})\s*,")


def explain(error, lab, saves):
    """Raises what can be said of an exception in `fit`: a file that is not there, a batch's size in the code."""
    if any(text in error.message for text in NO_FOLDER):
        reads = any("load" in frame.text or "open(" in frame.text for frame in error.frames)
        losses = validation_losses(lab) if lab.passes("val") else [0.0]
        if saves and not reads:
            raise CheckFailure(tr("The folder of checkpoint_path does not exist."), hint=NO_CHECKPOINT) from error
        if reads:
            hint = NEVER_SAVED_ABOVE_ONE if min(losses) > 1 else NEVER_SAVED
            raise CheckFailure(tr("Your code reads weights from a file that it never wrote."), hint=hint) from error
    if saves and "pickle" in error.message.lower():
        raise CheckFailure(tr("The checkpoint holds more than weights."), hint=WHOLE_MODEL) from error
    for frame in error.frames:
        written = FIXED_SIZE.search(frame.text)
        if written is not None and isinstance(error, RuntimeError):
            raise CheckFailure(
                tr("Your code fails for a batch of another size than the one that is written into it."),
                actual=verbatim(f"{written[1]}, …)"),
                hint=FIXED_BATCH,
            ) from error


def assert_is_history(history):
    """A dict with the lists: what is in them has a check of its own."""
    assert_returns(history, dict, name="history")
    if not history.keys() >= {*LISTS, "best_epoch"}:
        assert_keys(history, (*LISTS, "best_epoch"), name="history")
    for key in LISTS:
        assert_returns(history[key], list, name=f"history['{key}']")


def assert_fit_history(student, rng, epochs):
    lab, history = fitted(student, Lesson.draw(rng), epochs=epochs)
    assert_history(history, epochs)
    assert_trained(lab, epochs)
    assert_that(0 <= history["best_epoch"] < epochs, tr("best_epoch is no index of the history's lists."))


def assert_fit_updates(student, rng, epochs, lr=LR):
    lab, _ = fitted(student, Lesson.draw(rng), needs_end=False, epochs=epochs, lr=lr)
    assert_every_sample(lab)
    assert_follows_adam(lab, epochs, lr)


def assert_fit_modes(student, rng, epochs):
    lab, _ = fitted(student, Lesson.draw(rng), needs_end=False, epochs=epochs)
    assert_train_mode(lab)
    assert_eval_mode(lab)


def assert_fit_validation_only_looks(student, rng, epochs):
    lesson = Lesson.draw(rng, norm=True, dropout=0.5)
    lab, _ = fitted(student, lesson, needs_end=False, judges_autograd=True, epochs=epochs)
    assert_only_training_data(lab)
    assert_eval_mode(lab)
    assert_no_grad(lab)
    assert_validation_keeps_weights(lab)


def assert_fit_losses(student, rng, epochs):
    lab, history = fitted(student, with_fewer_to_validate(Lesson.draw(rng)), epochs=epochs)
    for role in ("train", "val"):
        assert_losses(history[f"{role}_loss"], lab, role, name=f"history['{role}_loss']")
    assert_accuracies(history["val_acc"], lab, "val", name="history['val_acc']")


def assert_fit_keeps_the_best(student, rng):
    lesson = scripted(rng, norm=True)
    for epochs in (len(SCRIPT) + 1, SCRIPT.rindex("b") + 2):  # the best is in the middle, and then the last
        lab, history = fitted(student, lesson, epochs=epochs, lr=SCRIPT_LR)
        assert_trained(lab, epochs)
        best = best_epoch(lab)
        assert_best_weights(
            lab.weights, lab, name=tr("The model after fit"), chosen_by=numbers_that_decided(lab, history)
        )
        assert_equal(
            history.get("best_epoch"),
            best,
            name="history['best_epoch']",
            mistakes=[(best + 1, tr("Epochs are counted from 0: best_epoch is an index of the lists."))],
            hint=tr("It is the index of the lowest validation loss."),
        )
        assert_that(not lab.is_training, tr("fit leaves the model in train mode."), hint=EVAL_AT_THE_END)
    _, history = fitted(student, Lesson.draw(rng), epochs=3, lr=0.0)
    assert_equal(history.get("best_epoch"), 0, name="history['best_epoch']", hint=FIRST_OF_EQUALS)


def numbers_that_decided(lab, history):
    """Other numbers than the validation losses by which an epoch may have been chosen: pairs of them and a hint."""
    means, losses = batch_means(lab), validation_losses(lab)
    beats = [epoch for epoch in range(1, len(losses)) if losses[epoch] < losses[epoch - 1]]
    is_both = beats[-1:] == [means.index(min(means))]
    yield means, BEATS_THE_ONE_BEFORE_OR_MEANS if is_both else CHOSEN_BY_BATCH_MEANS
    yield finite(history["val_loss"]), CHOSEN_BY_OTHER_NUMBERS


def assert_fit_stops_early(student, rng):
    most = len(SCRIPT) + 1
    runs = [
        (*fitted(student, scripted(rng), epochs=most, lr=SCRIPT_LR, patience=PATIENCE), None),
        (*fitted(student, Lesson.draw(rng), epochs=most, lr=0.0, patience=PATIENCE), EQUAL),
    ]
    for lab, history, same in runs:
        table = stopping_table(PATIENCE, 0.0, same or validation_losses(lab))
        wanted = len(table) if table[-1][0] else most
        ran = len(assert_trained(lab))
        if ran == len(history["val_loss"]) == wanted:
            continue
        raise CheckFailure(
            tr("When the validation loss stays the same, training ends after the wrong number of epochs.")
            if same
            else tr("With patience={patience}, training ends after the wrong number of epochs.", patience=PATIENCE),
            expected=tr("{n} epochs", n=wanted if table[-1][0] else SCRIPT.rindex("b") + 2 + PATIENCE),
            actual=tr("{n} epochs", n=ran),
            hint=why_it_stopped(runs, most),
        )


EQUAL = [2.0] * (len(SCRIPT) + 1)
"""The validation losses of a training with a learning rate of 0, but for their size."""

STOPPING_MISTAKES = (
    (BEST_STARTS_LOW, {"start": 1.0}),
    (STOPS_AT_ONCE, {"late": -1}),
    (STOPS_LATE, {"late": 1}),
    (STOPS_EARLY, {"resets": False}),
    (EQUAL_LOSS, {"is_better": lambda loss, best, _, __: loss <= best}),
    (STOPS_BY_THE_ONE_BEFORE, {"is_better": lambda loss, _, last, __: loss < last}),
    (STOPS_ON_RISES, {"is_better": lambda loss, best, _, __: loss > best, "start": -math.inf}),
    (STOPS_ON_RISES, {"is_better": lambda loss, best, _, __: loss > best, "start": 0.0}),
    (NEVER_STOPS, {"late": math.inf}),
)
"""Mistakes, as `followed` makes them."""


def why_it_stopped(runs, most):
    """The one mistake that ends every run where the student's code ended it, if there is just one."""
    ran = [len(assert_trained(lab)) for lab, _, _ in runs]

    def ends(numbers, **mistake):
        """Where training ends by these numbers; it may have ended before all of them were seen."""
        stops = [[stops for stops, _ in followed(PATIENCE, 0.0, losses, **mistake)] for losses in numbers]
        return [(found.index(True) + 1 if True in found else most) for found in stops]

    losses = [same or validation_losses(lab) for lab, _, same in runs]
    training = [[loss for loss in history["train_loss"] if type(loss) is float] for _, history, _ in runs]
    candidates = [(hint, ends(losses, **mistake)) for hint, mistake in STOPPING_MISTAKES]
    candidates.append((STOPS_ON_TRAINING, ends(training)))
    hints = [hint for hint, found in candidates if found == ran]
    if hints and all(hint == hints[0] for hint in hints):
        return hints[0]
    if not hints and len(losses[0]) > 1 and losses[0][-1] < min(losses[0][:-1]):
        return STOPS_EARLY  # the very epoch that ended the training was a new best
    if not hints and ends([same or batch_means(lab) for lab, _, same in runs]) == ran:
        return CHOSEN_BY_BATCH_MEANS
    given = [same or finite(history["val_loss"]) for _, history, same in runs]
    if not hints and ends(given) == ran:
        return CHOSEN_BY_OTHER_NUMBERS
    return WHEN_TO_STOP


def finite(values):
    return [value for value in values if type(value) is float and math.isfinite(value)]


def batch_means(lab):
    """The mean of the batches' mean losses of each validation."""
    means = [
        [float(lab.lesson.measure(forward.weights, forward.samples)[0].mean()) for forward in item.forwards]
        for item in assert_validated(lab)
    ]
    return [sum(found) / len(found) for found in means]


def assert_fit_runs_every_epoch(student, rng):
    most = 8
    lab, history = fitted(student, Lesson.draw(rng), epochs=most, lr=0.0)  # no epoch is better than the first
    assert_that(
        len(assert_trained(lab)) == len(history["val_loss"]) == most,
        tr("Without patience, training does not run every epoch."),
        expected=tr("{n} epochs", n=most),
        actual=tr("{n} epochs", n=len(history["val_loss"])),
        hint=STOPS_UNASKED,
    )


def assert_fit_checkpoint(student, rng):
    lab, _ = fitted(student, scripted(rng, norm=True), saves=True, epochs=len(SCRIPT) + 1, lr=SCRIPT_LR)
    try:
        state = lab.checkpoint
    except StudentError as error:
        is_absent = error.type_name == "FileNotFoundError"
        raise CheckFailure(
            tr("torch.load(checkpoint_path, weights_only=True) fails."),
            actual=tr("{kind}: {message}", kind=error.type_name, message=error.message[:120]),
            hint=NO_CHECKPOINT if is_absent else WHOLE_MODEL,
        ) from error
    assert_returns(state, dict, name=tr("What the checkpoint holds"), hint=WHOLE_MODEL)
    names = list(lab.lesson.bench().model.state_dict())
    assert_that(
        list(state) == names and all(isinstance(tensor, torch.Tensor) for tensor in state.values()),
        tr("The checkpoint is not the model's state_dict()."),
        hint=WHOLE_MODEL,
    )
    flat = torch.cat([tensor.double().flatten() for tensor in state.values()])
    last = assert_validated(lab)[-1].weights
    best = assert_validated(lab)[best_epoch(lab)].weights
    assert_shape(flat, best.shape, name=tr("What the checkpoint holds"))
    assert_close(
        flat,
        best,
        rtol=0,
        atol=1e-6,
        name=tr("What the checkpoint holds"),
        mistakes=[(last, SAVED_LAST)],
        hint=SAVED_LAST,
    )


def assert_fit_saves_each_best(student, rng):
    """Fails unless the file holds the best weights so far whenever an epoch begins."""
    lab, _ = fitted(student, scripted(rng), saves=True, epochs=len(SCRIPT) + 1, lr=SCRIPT_LR)
    try:
        saves = lab.saves
    except StudentError as error:
        raise CheckFailure(tr("The checkpoint is not the model's state_dict()."), hint=WHOLE_MODEL) from error
    numbers = range(VAL, VAL + len(lab.lesson.val_labels))
    best, lowest, position, epoch = None, math.inf, 0, 0
    for item in lab.passes():
        begins = next((place for place, forward in enumerate(item.forwards) if forward.grad), None)
        if item.role == "train" and begins is not None:
            epoch += 1
            held = [weights for number, weights in saves if number <= position + begins]
            is_held = bool(held) and held[-1].shape == best.shape if best is not None else True
            assert_that(
                best is None or (is_held and torch.allclose(held[-1], best, atol=1e-6)),
                tr("When epoch {n} begins, the file does not hold the best weights so far.", n=epoch),
                hint=SAVED_LAST if held else SAVES_EACH_BEST,
            )
        if item.role == "val":
            loss = float(lab.lesson.measure(item.weights, numbers)[0].mean())
            best, lowest = (item.weights, loss) if loss < lowest else (best, lowest)
        position += len(item.forwards)


FILES_HERE = """
def files_here():
    import os

    return sorted(os.listdir("."))
"""


def assert_fit_saves_nothing(student, rng):
    """Fails if `fit` leaves a file in the notebook's folder, where no checkpoint was asked."""
    files_here = student.define(FILES_HERE, "files_here")
    before = ask(student, files_here)
    fitted(student, Lesson.draw(rng), epochs=2)
    new = [name for name in ask(student, files_here) if name not in before]
    assert_that(
        not new,
        tr("Without checkpoint_path a file is written all the same."),
        actual=verbatim(", ".join(str(name)[:40] for name in new[:3])),
        hint=tr("With checkpoint_path=None nothing is saved: keep the best weights in memory."),
    )


def assert_fit_learns(student, rng):
    """Fails unless training brings the training samples' loss down; how, and how far, is left to other checks."""
    lesson = learnable(rng)
    lab, _ = fitted(student, lesson, needs_end=False, epochs=LEARNING_EPOCHS)
    weights = assert_validated(lab)[-1].weights
    start = lesson.bench().weights
    before, after = (float(lesson.measure(found, range(SAMPLES))[0].mean()) for found in (start, weights))
    if after > 0.99 * before:
        hints = (hint for wrong, hint in wrong_updates(lesson, LEARNING_EPOCHS, LR) if close_weights(weights, wrong))
        raise CheckFailure(
            tr(
                "The model does not learn: after the training its loss on the training samples is no lower than before."
            ),
            hint=NO_STEP if torch.equal(weights, start) else next(hints, None),
        )


def close_weights(weights, wrong):
    return weights.shape == wrong.shape and torch.allclose(weights, wrong, rtol=0, atol=ATOL)


def learnable(rng):
    """A lesson that a loop learns which clears its gradients, and one that lets them add up does not."""
    while True:
        lesson = Lesson.draw(rng)
        before = float(lesson.measure(lesson.bench().weights, range(SAMPLES))[0].mean())
        ends = [replay(lesson, LEARNING_EPOCHS, LR, clear=clear)[-1] for clear in (True, False)]
        learned, added = (float(lesson.measure(weights, range(SAMPLES))[0].mean()) / before for weights in ends)
        if learned < 0.5 and added > 1.2:
            return lesson


LEARNING_EPOCHS = 20
"""In 25 random lessons a loop that clears its gradients leaves 13 % of the first loss at most, one that does not has
1.8 times of it at least."""


def assert_fit_device(student, rng):
    lab = Lab(student, Lesson.draw(rng))
    loaders = (lab.train_loader, lab.val_loader)
    try:
        with autograd_left_on(student, is_judged=False):
            history = assert_trains_on_device(student, student.fit, lab.model, *loaders, lab=lab, epochs=2, lr=LR)
    except StudentError as error:
        explain(error, lab, saves=False)
        raise
    if history is not UNDECIDED:
        assert_is_history(history)


def assert_fit_seeded(student, rng, seed):
    lesson = Lesson.draw(rng, dropout=0.5, shuffle=True)

    def trained(chosen):
        lab, _ = fitted(student, lesson, needs_end=False, epochs=3, seed=chosen)
        passes = assert_validated(lab)
        is_trained = not torch.equal(passes[0].weights, passes[-1].weights)
        assert_that(is_trained, tr("Training leaves the weights as they were."), hint=NO_STEP)
        assert_shuffled_anew(lab, hint=SEEDED_EVERY_EPOCH)
        return passes[-1].weights

    zero = trained(0)
    if not torch.equal(zero, trained(0)):
        others_count = torch.equal(trained(seed), trained(seed))
        hint = ZERO_IS_A_SEED if others_count else SEED_UNUSED
        raise CheckFailure(tr("Two runs with the same seed differ."), hint=hint)
    assert_that(
        not torch.equal(zero, trained(seed)) and not torch.equal(trained(None), trained(None)),
        tr("Two runs with different seeds, or with none, agree."),
        hint=SEED_FIXED,
    )


@exercise("fit")
def test_history(student):
    """The history holds one finite Python float for each epoch, and the best epoch."""
    assert_fit_history(student, Rng(FIXED), 3)


@exercise("fit")
def test_updates(student):
    """Each batch makes one step of Adam, from its own gradients."""
    assert_fit_updates(student, Rng(FIXED), 3)


@exercise("fit", weight=6)
def test_learning(student):
    """The model learns: its loss on the training samples falls."""
    assert_fit_learns(student, Rng(FIXED))


@exercise("fit")
def test_modes(student):
    """Every epoch trains in train mode and validates in eval mode."""
    assert_fit_modes(student, Rng(FIXED), 3)


@exercise("fit")
def test_validation_only_looks(student):
    """Validation builds no graph and changes nothing; afterwards autograd is on."""
    assert_fit_validation_only_looks(student, Rng(FIXED), 3)


@exercise("fit")
def test_losses_are_means_over_samples(student):
    """Losses and accuracy are means over samples, whatever the size of the last batch."""
    assert_fit_losses(student, Rng(FIXED), 2)


@exercise("fit")
def test_best_weights(student):
    """The model is left with the weights of the lowest validation loss, in eval mode."""
    assert_fit_keeps_the_best(student, Rng(SCRIPTED))


@exercise("fit")
def test_early_stopping(student):
    """Training ends after `patience` epochs in a row without improvement."""
    assert_fit_stops_early(student, Rng(SCRIPTED))


@exercise("fit", weight=0.5)
def test_every_epoch_without_patience(student):
    """Without patience every epoch is run."""
    assert_fit_runs_every_epoch(student, Rng(FIXED))


@exercise("fit")
def test_checkpoint(student):
    """The checkpoint is the best state_dict, in a folder that may not exist yet."""
    assert_fit_checkpoint(student, Rng(SCRIPTED))


@exercise("fit", weight=0.5)
def test_checkpoint_of_each_best_epoch(student):
    """The checkpoint is written whenever there is a new best, not only at the end."""
    assert_fit_saves_each_best(student, Rng(SCRIPTED))


@exercise("fit", weight=0.5)
def test_no_checkpoint(student):
    """Without checkpoint_path no file is left behind."""
    assert_fit_saves_nothing(student, Rng(FIXED))


@exercise("fit")
def test_device(student):
    """Model and batches move to the device."""
    assert_fit_device(student, Rng(FIXED))


@exercise("fit")
def test_seed(student):
    """The same seed gives the same result; another seed, or none, another one."""
    assert_fit_seeded(student, Rng(FIXED), 5)


# ------------------------------------------------------------------------------------------------ plot_history

AXES_SWAPPED = tr("The axes are swapped: epochs go to the right, losses up.")
NO_FIGURE = tr("Return the figure itself: fig, ax = plt.subplots() … return fig; plt.show() returns nothing.")

READ_FIGURE = """
def read_figure(figure):
    from matplotlib.figure import Figure
    import matplotlib.pyplot as plt

    if not isinstance(figure, Figure):
        return None
    def numbers(values):
        return torch.as_tensor(np.asarray(values, dtype=float))
    found = [
        {
            "xlabel": axes.get_xlabel(),
            "ylabel": axes.get_ylabel(),
            "lines": [(numbers(line.get_xdata()), numbers(line.get_ydata())) for line in axes.get_lines()],
            "legend": [text.get_text() for text in (axes.get_legend().get_texts() if axes.get_legend() else [])],
        }
        for axes in figure.axes
    ]
    for legend in figure.legends:
        found[0]["legend"] += [text.get_text() for text in legend.get_texts()]
    plt.close(figure)
    return found
"""


def assert_plot(student, rng, epochs):
    history = {
        "train_loss": (0.2 + rng.uniform(epochs, dtype=torch.float64)).tolist(),
        "val_loss": (0.4 + rng.uniform(epochs, dtype=torch.float64)).tolist(),
        "val_acc": rng.uniform(epochs, dtype=torch.float64).tolist(),
        "best_epoch": epochs // 2,
    }
    figure = student.plot_history(history)
    assert_that(isinstance(figure, Remote), tr("The result is no matplotlib figure."), hint=NO_FIGURE)
    found = ask(student, student.define(READ_FIGURE, "read_figure"), figure)
    assert_that(isinstance(found, list) and len(found) > 0, tr("The result is no matplotlib figure."), hint=NO_FIGURE)
    shown = []
    for key in ("train_loss", "val_loss"):
        values = torch.tensor(history[key], dtype=torch.float64)
        axes = [
            (item, x)
            for item in found
            for x, y in item["lines"]
            if y.shape == values.shape and torch.allclose(y, values)
        ]
        if not axes:
            is_swapped = any(
                x.shape == values.shape and torch.allclose(x, values) for item in found for x, _ in item["lines"]
            )
            raise CheckFailure(
                tr("No line shows {name} against the epochs.", name=f"history['{key}']"),
                hint=AXES_SWAPPED if is_swapped else None,
            )
        item, x = axes[0]
        steps = torch.arange(epochs, dtype=torch.float64)
        assert_that(
            torch.equal(x, steps) or torch.equal(x, steps + 1),
            tr("A line's horizontal positions are not the epochs, 0, 1, 2… or 1, 2, 3…"),
        )
        shown.append(item)
    for item in shown:
        for axis, words in (("xlabel", ("epoch", "época", "epoca")), ("ylabel", ("loss", "pérdida", "perdida"))):
            label = str(item[axis]).lower()
            assert_that(
                any(word in label for word in words),
                tr("The label of an axis does not say what it shows."),
                expected=verbatim(f"{axis}: {' / '.join(words[:2])}"),
                actual=verbatim(f"{axis}: {item[axis][:40]!r}"),
                hint=AXES_SWAPPED if "loss" in str(item["xlabel"]).lower() else None,
            )
        assert_that(
            len(item["legend"]) >= 2,
            tr("The axes have no legend with both curves."),
            hint=tr("Give each line a label= and call ax.legend()."),
        )


@exercise("plot_history")
@pytest.mark.parametrize("epochs", [1, 5])
def test_learning_curves(student, epochs):
    """Both losses are drawn against the epochs, with labels and a legend."""
    assert_plot(student, Rng(FIXED), epochs)


# ------------------------------------------------------------------------------------------------ digit_reader

INVERTED = tr("The paper should be 0 and the ink near 1, as in the training images: yours is inverted.")
TRANSPOSED = tr(
    "Rows and columns are swapped: NumPy and PyTorch both write (height, width), PIL writes (width, height)."
)
NOT_CENTRED = tr("The digit is not in the middle: its centre of mass belongs at the centre of the 28×28 image.")
WRONG_SIZE = tr("The digit is too large or too small: cut it out first, then scale its longer side to 20 pixels.")
TIMES_255 = tr("Values go from 0 to 1, as ToTensor() gives them.")
PAPER = tr(
    "The paper is not quite black in the result: scans are never perfectly white, so cut off what is faint before you"
    " look for the digit."
)
TRANSPARENT = tr("In a picture with transparency, what is transparent is paper: lay it over white first.")
ALPHA_ALONE = tr(
    "Your code reads nothing but the transparency of an RGBA picture. A screenshot is opaque everywhere: its ink is in"
    " the colours."
)
STRETCHED = tr("Both sides are scaled by the same factor, or a 1 becomes as wide as an 8.")
COLOURS = tr('Gray is made of all three colours, as convert("L") does: red ink is bright in the red channel.')
PALE = tr("Ink may be pale: measure it against the paper and divide by the darkest, with no fixed threshold.")
SOFTMAX_TWICE = tr("Those are probabilities of probabilities: one softmax is enough.")
UNPREPARED = tr("predict_digit gives the model what preprocess_digit makes of the picture.")
MODEL_DEVICE = tr("Move the picture to the device of the model's parameters before the model gets it.")
SOFTMAX_AXIS = tr("Every probability is 1: the softmax goes over the classes, dimension 1, not over the batch.")
NOT_PROBABILITIES = tr("Those are logits or their logarithms: softmax turns logits into probabilities.")
LABEL_TENSOR = tr("The label is a Python int: probs.argmax().item().")
MATRIX_TRANSPOSED = tr("Rows and columns are swapped: a row is a true class, a column a prediction.")
MATRIX_SHARES = tr("Counts were asked, not shares.")


@lru_cache
def test_digits():
    """The held-out digits: images (N, 28, 28) uint8 and labels."""
    held_out = datasets.digits(train=False)
    return held_out.data, held_out.targets


test_digits.__test__ = False


@lru_cache
def known_digits():
    """The training digits as vectors, and their labels: a reader that needs no training."""
    train = datasets.digits(train=True)
    return train.data.flatten(1).float() / 255, train.targets


def one_of_each(rng):
    """Ten held-out digits, 0 to 9."""
    images, labels = test_digits()
    chosen = [rng.choice((labels == digit).nonzero().flatten().tolist()) for digit in range(10)]
    return images[chosen]


MODES = ("L", "pale", "RGB", "RGBA", "screenshot", "layer")
"""Of `scan`."""

PALE_DEPTH = 95
"""How much darker than the paper pale ink is, of 255."""

GRAIN = PALE_DEPTH / 8
"""How far a pixel of paper is from the paper's colour, at most. Of 40,000 normal ones the farthest is beyond any cut
now and then; within an eighth of the palest ink's depth, a cut at a fifth of it clears all, rounding included."""


def scan(digit, rng, mode="L"):
    """A 28×28 digit as a scanner gives it: larger, dark on nearly white, off-centre, with noise.

    Args:
        digit: uint8 (28, 28), white on black.
        rng: draws size, place and noise.
        mode: ``L`` for (H, W); ``pale`` for the same with gray ink; ``RGB`` for (H, W, 3) with red ink; ``RGBA`` for
            (H, W, 4) with transparent paper; ``screenshot`` for (H, W, 4) with red ink on paper, all opaque; ``layer``
            for (H, W, 4) with blue ink on paper whose rims are transparent, whatever colour lies under them.
    """
    side = rng.integer(90, 150)
    height, width = side + rng.integer(20, 60), side + rng.integer(70, 120)
    top, left = rng.integer(0, height - side), rng.integer(0, width - side)
    ink = np.zeros((height, width))
    ink[top : top + side, left : left + side] = enlarged(digit, side)
    if mode == "RGBA":
        pixels = np.zeros((height, width, 4), dtype=np.uint8)
        pixels[..., 3] = np.round(255 * ink)
        return pixels
    paper = 238 + rng.normal(height, width, std=4.0).clamp(-GRAIN, GRAIN).numpy()
    if mode == "layer":
        paper = np.full_like(paper, 255)  # as white as what is transparent becomes
    red, blue = np.array([12, 205, 195]), np.array([210, 150, 30])
    depth = {"L": 205, "pale": PALE_DEPTH, "RGB": red, "screenshot": red, "layer": blue}[mode]
    pixels = paper[..., None] - depth * ink[..., None]
    pixels = np.clip(pixels, 0, 255).round().astype(np.uint8)
    if mode in ("L", "pale"):
        return pixels[..., 0]
    if mode == "RGB":
        return pixels
    alpha = np.full((height, width), 255, dtype=np.uint8)
    if mode == "layer":
        rim = np.ones((height, width), dtype=bool)
        rim[top : top + side, left : left + side] = False
        alpha[rim], pixels[rim] = 0, 30
    return np.dstack([pixels, alpha])


def enlarged(digit, side):
    """A digit's ink at another size, from 0 to 1."""
    large = np.asarray(Image.fromarray(digit.numpy()).resize((side, side), Image.Resampling.BICUBIC), dtype=np.float64)
    return np.clip(1.5 * large / 255 - 0.2, 0, 1)


def read_by_neighbour(images):
    """The label of the most similar training digit, for images (N, 1, 28, 28)."""
    known, labels = known_digits()
    return labels[torch.cdist(images.flatten(1).float(), known).argmin(1)]


def preprocessed(student, image):
    got = student.preprocess_digit(image)
    assert_shape(got, (1, 1, 28, 28))
    assert_dtype(got, torch.float32)
    assert_inputs_unchanged(student)
    assert_that(bool(torch.isfinite(got).all()), tr("The result holds NaN or infinity."))
    assert_that(
        bool(((got >= 0) & (got <= 1)).all()),
        tr("Values lie outside [0, 1]."),
        actual=verbatim(f"[{float(got.min()):.3g}, {float(got.max()):.3g}]"),
        hint=TIMES_255,
    )
    return got


def assert_preprocessed(student, rng, mode):
    """White ink on black paper, in the middle, at the training digits' size and shape."""
    digit = one_of_each(rng)[rng.integer(0, 10)]
    image = scan(digit, rng, mode)
    try:
        assert_like_a_training_digit(student, image, mode)
    except CheckFailure as failure:
        if mode == "RGB" and ask(student, is_right_in_gray, student, image):
            raise CheckFailure(tr("The picture is read in gray and not in colour."), hint=COLOURS) from failure
        if image.shape[2:] == (4,) and mode != "RGBA" and ask(student, ignores_colours, student, image):
            raise CheckFailure(
                tr("The colours of a picture with transparency are not read."), hint=ALPHA_ALONE
            ) from failure
        raise


def ignores_colours(student, image):
    """Whether another colour everywhere, with the same transparency, gives the same result."""
    other = image.copy()
    other[..., :3] = 255 - other[..., :3]
    try:
        results = [student.preprocess_digit(picture) for picture in (image, other)]
    except StudentError:
        return False
    return all(isinstance(result, torch.Tensor) for result in results) and torch.equal(*results)


def is_right_in_gray(student, image):
    try:
        assert_like_a_training_digit(student, np.array(Image.fromarray(image).convert("L")), "L")
    except CheckFailure:
        return False
    return True


def assert_like_a_training_digit(student, image, mode):
    got = preprocessed(student, image)[0, 0]
    border = torch.cat([got[0], got[-1], got[:, 0], got[:, -1]])
    no_ink = {"RGBA": TRANSPARENT, "layer": TRANSPARENT, "pale": PALE}
    assert_that(float(got.max()) > 0.5, tr("Nothing is left of the ink."), hint=no_ink.get(mode))
    assert_that(
        float(border.mean()) < 0.5,
        tr("The border of the result is bright."),
        hint=TRANSPARENT if mode in ("RGBA", "layer") else INVERTED,
    )
    assert_that(
        float(border.max()) < 0.25,
        tr("The border of the result is not black."),
        hint=PAPER if float(border.median()) > 0.05 else NOT_CENTRED if is_off_centre(got, 1.6) else WRONG_SIZE,
    )
    faint = (got > 0.01) & (got < 0.2)
    assert_scaled(got, PAPER if faint.sum() > 0.5 * (got > 0.01).sum() else WRONG_SIZE)
    assert_centred(got, 1.6)


def assert_scaled(got, hint):
    longer = max(sides(got > 0.3))
    assert_that(
        17 <= longer <= 23,
        tr("The longer side of the digit is not about 20 pixels."),
        actual=tr("{n} pixels", n=longer),
        hint=hint,
    )


def centre_of(got):
    """The ink's centre of mass: its row and its column."""
    ink = got.clamp(min=0.2) - 0.2
    steps = torch.arange(28.0)
    return [float(ink.sum(axis) @ steps / ink.sum()) for axis in (1, 0)]


def is_off_centre(got, tolerance):
    return not all(abs(place - 13.5) < tolerance for place in centre_of(got))


def assert_centred(got, tolerance):
    centre = centre_of(got)
    assert_that(
        not is_off_centre(got, tolerance),
        tr("The ink's centre of mass is not at the centre, (13.5, 13.5)."),
        actual=verbatim(f"({centre[0]:.1f}, {centre[1]:.1f})"),
        hint=NOT_CENTRED,
    )


def sides(mask):
    """Height and width of the box around what is true."""
    place = mask.nonzero()
    return (place.max(0).values - place.min(0).values + 1).tolist() if len(place) else [0, 0]


def assert_reads(student, rng):
    """Of ten scans, one of each digit, seven or more are recognised by their most similar training digit."""
    digits, labels = one_of_each(rng), torch.arange(10)
    images = torch.cat([preprocessed(student, scan(digit, rng)) for digit in digits])
    right = int((read_by_neighbour(images) == labels).sum())
    turned = int((read_by_neighbour(images.transpose(2, 3)) == labels).sum())
    inverted = int((read_by_neighbour(1 - images) == labels).sum())
    hint = TRANSPOSED if turned > max(right, 5) else INVERTED if inverted > max(right, 5) else None
    if hint is None and any(is_off_centre(image[0], 1.6) for image in images):
        hint = NOT_CENTRED
    assert_that(
        right >= 7,
        tr("The scans, as you prepare them, do not look like the digits of the training set."),
        expected=tr("7 of 10 recognised by their nearest neighbour"),
        actual=tr("{n} of 10", n=right),
        hint=hint,
    )
    for digit, image in zip(digits, images, strict=True):
        assert_centred(image[0], 1.1)
        assert_shape_kept(image[0], torch.from_numpy(enlarged(digit, 140)))


def assert_shape_kept(got, ink):
    """The shorter side is as long as the digit's own, to 3 pixels; a right answer was never off by more than 1.5."""
    (short, long), (own_short, own_long) = sorted(sides(got > 0.3)), sorted(sides(ink > 0.3))
    wanted = own_short / own_long * long
    assert_that(
        abs(short - wanted) <= 3,
        tr("The digit is distorted: its shorter side has another length than it should."),
        expected=tr("{n} pixels", n=round(wanted)),
        actual=tr("{n} pixels", n=short),
        hint=STRETCHED,
    )


READER = """
def make_reader(weight, has_parameters=False):
    class Reader(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(weight) if has_parameters else weight
            self.dropout = torch.nn.Dropout(0.5)
            self.notes = []

        def forward(self, image):
            self.notes.append((self.training, torch.is_grad_enabled(), image.detach().clone()))
            return self.dropout(image.flatten(1)) @ self.weight.to(image.dtype)

    return Reader()
"""


def assert_predicts(student, rng, *, judges_effects=True):
    """`predict_digit` in eval mode, without autograd, gives the most probable class and all probabilities."""
    weight = rng.normal(784, 10, std=0.2)
    model = student.define(READER, "make_reader")(weight)
    model.label = "model"
    picture = scan(one_of_each(rng)[rng.integer(0, 10)], rng)
    with autograd_left_on(student, is_judged=judges_effects):
        answer = student.predict_digit(model, picture)
    if judges_effects:
        assert_inputs_unchanged(student)
    assert_length(answer, 2)
    label, probabilities = answer
    notes = model.notes
    assert_that(isinstance(notes, list) and len(notes) > 0, tr("The model was never called."))
    training, grad, image = notes[-1]
    assert_shape(image, (1, 1, 28, 28), name=tr("What the model gets"))
    prepared = ask(student, student.preprocess_digit, picture)
    assert_close(image, prepared, name=tr("What the model gets"), hint=UNPREPARED)
    logits = (image.flatten(1).float() @ weight)[0]
    assert_close(
        probabilities,
        logits.softmax(0),
        name="probs",
        mistakes=[
            (torch.ones(10), SOFTMAX_AXIS),
            (torch.ones(1, 10), SOFTMAX_AXIS),
            (logits, NOT_PROBABILITIES),
            (logits.log_softmax(0), NOT_PROBABILITIES),
            (logits.softmax(0).softmax(0), SOFTMAX_TWICE),
            (logits[None].softmax(1), tr("One vector of ten was asked: take row 0 of the batch of one.")),
        ],
        hint=EVAL_MODE if training is not False else None,
    )
    assert_python_number(label, int, name="label", hint=LABEL_TENSOR if isinstance(label, torch.Tensor) else None)
    assert_equal(label, int(logits.argmax()), name="label", hint=tr("It is the class with the highest probability."))
    assert_that(training is False, tr("The model is in train mode while it predicts."), hint=EVAL_MODE)
    assert_that(grad is False, tr("Autograd is on while the model predicts."), hint=NO_GRAD)


ON_A_GPU = """
def on_a_gpu(predict, model, picture):
    label, probs = predict(model.to("cuda"), picture)
    return str(probs.device)
"""


def assert_predicts_on_a_gpu(student, rng):
    """The picture follows the model's parameters to their device, and the probabilities come back to the CPU."""
    model = student.define(READER, "make_reader")(rng.normal(784, 10, std=0.2), True)
    picture = scan(one_of_each(rng)[rng.integer(0, 10)], rng)
    there = student.define(pretending)(student.define(ON_A_GPU, "on_a_gpu"))
    there.label = "predict_digit"
    try:
        device = there(student.predict_digit, model, picture)
    except StudentError as error:
        if "same device" in error.message:
            raise CheckFailure(tr("On a GPU your code would fail: it mixes two devices."), hint=MODEL_DEVICE) from error
        if "CUDA" in error.message or "NVIDIA" in error.message:
            return  # this code needs the GPU itself
        raise
    assert_equal(device, "cpu", name=tr("The device of probs"), hint=tr("Bring them back with .cpu()."))


def assert_confusion(student, predicted, actual, classes):
    expected = torch.zeros(classes, classes, dtype=torch.int64)
    for guess, truth in zip(predicted.tolist(), actual.tolist(), strict=True):
        expected[truth, guess] += 1
    shares = expected / expected.sum(1, keepdim=True).clamp(min=1)
    got = student.confusion_matrix(predicted, actual, classes)
    mistakes = [(expected.T, MATRIX_TRANSPOSED)]
    if len(actual) > 0:
        mistakes.append((shares, MATRIX_SHARES))
        overwritten = expected.clamp(max=1)
        counted_once = tr(
            "Each pair counts at most once: m[rows, columns] += 1 drops repetitions, index_put_ does not."
        )
        mistakes.append((overwritten, counted_once))
    assert_close(got, expected, mistakes=mistakes)
    assert_dtype(got, torch.int64)
    assert_inputs_unchanged(student)


TRAIN_OURS = """
def make_loaders(images, labels, size):
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(images, labels)
    cut = len(data) - size
    train, val = torch.utils.data.Subset(data, range(cut)), torch.utils.data.Subset(data, range(cut, len(data)))
    return DataLoader(train, batch_size=32, shuffle=True), DataLoader(val, batch_size=100)
"""

PREDICT = """
def predict(model, images):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(part) for part in images.split(200)])
"""

TRAINING_SECONDS = 90.0
"""For one training: 20 times what the reference needs."""


SECOND_ATTEMPT = 20
"""Epochs of a second attempt: a narrow network needs 15 for what the reference learns in 5."""


@measurement("digits_cnn")
def train_digits_cnn(student, rng, epochs=5):
    """The student's `SmallCNN`, trained by the student's `fit` on 1,000 digits under renamed labels.

    Only images go over to be predicted: turned and shifted copies of digits that it never saw.
    """
    train = datasets.digits(train=True)
    chosen = rng.permutation(len(train))[:1100]
    renaming = rng.permutation(10)
    images = train.data[chosen].unsqueeze(1).float() / 255
    held_out, labels = test_digits()
    unseen = datasets.variations(held_out.unsqueeze(1).float() / 255, rng.generator)
    with student.time_limit(TRAINING_SECONDS):
        loaders = student.define(TRAIN_OURS, "make_loaders")(images, renaming[train.targets[chosen]], 100)
        assert_length(loaders, 2)
        model = student.SmallCNN()
        assert_that(isinstance(model, Remote), tr("SmallCNN(…) makes no object: is it a class derived from nn.Module?"))
        student.fit(model, *loaders, epochs=epochs, lr=2e-3, seed=rng.integer(0, 2**31))
        logits = student.define(PREDICT, "predict")(model, unseen)
    return accuracy_of_logits(logits, renaming[labels], 10, name="model(images)")


@exercise("digit_reader")
@pytest.mark.parametrize("mode", MODES)
def test_preprocessed_digit(student, mode):
    """A scan (gray, pale, in colour, transparent, a screenshot) becomes a digit like those of the training set."""
    assert_preprocessed(student, Rng(FIXED), mode)


@exercise("digit_reader")
def test_ten_scans(student):
    """Ten scanned digits can be recognised after your preparation."""
    assert_reads(student, Rng(FIXED))


@exercise("digit_reader")
def test_prediction(student):
    """A prediction is a label and ten probabilities, in eval mode and without autograd."""
    assert_predicts(student, Rng(FIXED))
    assert_predicts_on_a_gpu(student, Rng(FIXED))


@exercise("digit_reader")
def test_confusion_matrix(student):
    """Rows are true classes, columns are predictions, entries are counts."""
    actual = torch.tensor([0, 0, 1, 2, 2, 2, 3])
    predicted = torch.tensor([0, 1, 1, 2, 0, 0, 3])
    assert_confusion(student, predicted, actual, 5)


def assert_trained_network(student, rng):
    """The whole reader: predictions as asked, then a network that is accurate enough to make them."""
    assert_predicts(student, rng, judges_effects=False)
    others = tr("Look at the other exercises first: this one needs SmallCNN and fit.")
    assert_accuracy(student, rng, train_digits_cnn, hint=others, epochs=SECOND_ATTEMPT)


@exercise("digit_reader")
def test_trained_network(student):
    """Your network, trained by your fit, recognises digits that it never saw."""
    assert_trained_network(student, Rng(FIXED))
