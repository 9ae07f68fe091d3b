"""What decides `digit_reader`, and what it says."""

from functools import lru_cache

import numpy as np
import torch
from PIL import Image

from grader import datasets
from grader.kit import (
    Remote,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_inputs_unchanged,
    assert_length,
    assert_python_number,
    assert_shape,
    assert_that,
    tr,
    verbatim,
)
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.training.accuracy import accuracy_of_logits, assert_accuracy, measurement
from grader.kit.training.lab import pretending
from grader.kit.training.probes import EVAL_MODE, NO_GRAD, ask, autograd_left_on

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


def assert_trained_network(student, rng):
    """The whole reader: predictions as asked, then a network that is accurate enough to make them."""
    assert_predicts(student, rng, judges_effects=False)
    others = tr("Look at the other exercises first: this one needs SmallCNN and fit.")
    assert_accuracy(student, rng, train_digits_cnn, hint=others, epochs=SECOND_ATTEMPT)
