"""What decides `small_cnn`, and what it says."""

import math

import torch

from grader.kit import (
    Remote,
    assert_close,
    assert_equal,
    assert_inputs_unchanged,
    assert_returns,
    assert_shape,
    assert_that,
    tr,
    verbatim,
)
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.training.probes import ask

from ..conv2d.judges import OUT_SIZE

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
