"""Decides whether a picture is made like a training image."""

import numpy as np
import torch
from PIL import Image

from grader.kit import assert_dtype, assert_inputs_unchanged, assert_shape, assert_that, tr, verbatim
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.training.probes import ask

from .pictures import enlarged, known_digits, one_of_each, scan

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
