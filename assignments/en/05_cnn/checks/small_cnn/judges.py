"""What decides `small_cnn`, and what it says."""

import math

import torch

from grader.kit import (
    Remote,
    assert_equal,
    assert_inputs_unchanged,
    assert_returns,
    assert_shape,
    assert_that,
    tr,
    verbatim,
)
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.observations import unobserved
from grader.kit.training.probes import ask

MAX_PARAMETERS = 300_000


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
    """What a `SmallCNN` made by the student is and does, measured beside it; its weights are its own."""
    model = student.SmallCNN(**options)
    assert_that(isinstance(model, Remote), tr("SmallCNN(…) makes no object: is it a class derived from nn.Module?"))
    with unobserved():
        found = ask(student, student.define(STUDY_MODEL, "study_model"), model, images, training)
    assert_returns(found, dict)
    assert_that(found.get("is_module") is True, tr("SmallCNN is not derived from nn.Module."))
    classes = options.get("num_classes", 10)
    assert_returns(found["first"], torch.Tensor, name="model(images)")
    assert_shape(found["first"], (len(images), classes), name="model(images)")
    assert_shape(found["single"].reshape(1, -1), (1, classes), name="model(images[:1])")
    return found


def assert_logits(student, rng, batch, **options):
    """The shape and independence of a `SmallCNN`'s output in eval mode."""
    images = rng.uniform(batch, 1, 28, 28)
    found = study(student, images, **options)
    logits = found["first"]
    assert_that(bool(torch.isfinite(logits).all()), tr("The logits hold NaN or infinity."))
    assert_that(
        torch.allclose(found["single"], logits[:1], rtol=1e-4, atol=1e-5)
        or not torch.allclose(found["second"], logits, rtol=1e-4, atol=1e-5),  # a check of its own asks for that
        tr("An image's logits depend on the other images of its batch."),
        **first_two(logits[0], found["single"].reshape(-1)),
    )
    if batch > 1:
        assert_that(not torch.allclose(logits[0], logits[1], atol=1e-6), tr("Different images get the same logits."))


def first_two(one, other):
    """The first of two vectors' values that differ, as a message shows them."""
    place = int((one != other).to(torch.int8).argmax())
    return {"expected": verbatim(f"{float(one[place]):.4g}"), "actual": verbatim(f"{float(other[place]):.4g}")}


def assert_repeats_in_eval_mode(student, rng):
    """Nothing is random in eval mode."""
    for options in ({}, {"dropout": 0.5}):
        found = study(student, rng.uniform(3, 1, 28, 28), **options)
        first, second = found["first"], found["second"]
        assert_that(
            torch.allclose(first, second, rtol=1e-5, atol=1e-6),
            tr("In eval mode two passes give different logits."),
            **first_two(first.flatten(), second.flatten()),
        )


def assert_neither_softmax(student, rng):
    """No softmax, no logarithm of it, no activation after the last layer."""
    images = rng.uniform(3, 1, 28, 28)
    logits = study(student, images)["first"]
    sums, log_norm = logits.double().sum(1), logits.double().logsumexp(1)
    is_positive = bool((logits >= 0).all())
    assert_that(
        not (is_positive and bool(((sums - 1).abs() < 1e-4).all())),
        tr("The outputs are probabilities: an image's add up to 1."),
        actual=verbatim(numbers(logits[0])),
    )
    assert_that(
        not bool((log_norm.abs() < 1e-4).all()),
        tr("The outputs are logarithms of probabilities."),
        actual=verbatim(numbers(logits[0])),
    )
    others = range(12) if is_positive else ()  # one network's logits may all be positive by chance
    assert_that(
        not others or any(bool((study(student, images)["first"] < 0).any()) for _ in others),
        tr("No output is ever negative."),
        actual=verbatim(numbers(logits[0])),
    )


def numbers(values):
    return ", ".join(f"{value:.2g}" for value in values.tolist()[:5]) + " …"


def assert_convolutions(student, rng):
    found = study(student, rng.uniform(2, 1, 28, 28))
    shapes = found["shapes"]
    assert_returns(shapes, list)
    count = sum(len(shape) == 4 for shape in shapes)
    assert_that(
        count >= 2,
        tr("The model has one convolution among its parameters.")
        if count
        else tr("The model has no convolution among its parameters."),
        expected=verbatim("≥ 2"),
        actual=verbatim(str(count)),
    )
    assert_that(found["lazy"] == 0, tr("Some parameters have no size before the first image."))


def assert_few_parameters(student, rng):
    shapes = study(student, rng.uniform(2, 1, 28, 28))["shapes"]
    assert_returns(shapes, list)
    count = sum(math.prod(shape) for shape in shapes)
    assert_that(
        count < MAX_PARAMETERS,
        tr("The model has too many parameters."),
        expected=verbatim(f"< {MAX_PARAMETERS:,}"),
        actual=verbatim(f"{count:,}"),
    )


def assert_trains_all(student, rng):
    found = study(student, rng.uniform(2, 1, 28, 28))
    assert_equal(found["unused"], 0, name=tr("The number of parameters that get no gradient"))


def assert_dropout_in_use(student, rng):
    """Random in train mode, and only with dropout."""
    images = rng.uniform(3, 1, 28, 28)
    found = study(student, images, training=True, dropout=0.5)
    assert_that(
        not torch.allclose(found["first"], found["second"], atol=1e-6),
        tr("In train mode the model with dropout=0.5 gives the same twice."),
    )
    found = study(student, images, training=True, dropout=0.0)
    assert_that(
        torch.allclose(found["first"], found["second"], rtol=1e-4, atol=1e-5),
        tr("In train mode the model with dropout=0.0 gives different logits in two passes."),
        **first_two(found["first"].flatten(), found["second"].flatten()),
    )


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
        with unobserved():
            logits, training = run(model, image)
    except StudentError as error:
        if "more than 1 value per channel" in error.message:
            raise CheckFailure(tr("In train mode the network fails for a batch of one image.")) from error
        raise
    assert_returns(logits, torch.Tensor, name="model(images)")
    assert_shape(logits, (1, 10), name="model(images)")
    assert_that(bool(torch.isfinite(logits).all()), tr("The logits hold NaN or infinity."))
    assert_inputs_unchanged(student)
    assert_that(training is True, tr("forward changes the model's mode."))


def assert_conv_out_size(student, size, kernel_size, stride, padding):
    got = student.conv_out_size(size, kernel_size, stride, padding)
    assert_equal(got, (size + 2 * padding - kernel_size) // stride + 1)
