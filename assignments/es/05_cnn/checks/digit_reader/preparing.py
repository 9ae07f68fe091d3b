"""Decides whether a picture is made like a training image."""

import numpy as np
import torch
from PIL import Image

from grader.kit import assert_dtype, assert_inputs_unchanged, assert_shape, assert_that, tr, trn, verbatim
from grader.kit.comparison import as_tensor
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.observations import unobserved
from grader.kit.training.probes import ask

from .pictures import enlarged, known_digits, one_of_each, scan


def read_by_neighbour(images):
    """The label of the most similar training digit, for images (N, 1, 28, 28)."""
    known, labels = known_digits()
    return labels[torch.cdist(images.flatten(1).float(), known).argmin(1)]


def preprocessed(student, image):
    """What the student makes of a picture; no two ways of making it give the same pixels."""
    with unobserved():
        got = student.preprocess_digit(image)
    assert_shape(got, (1, 1, 28, 28))
    got = as_tensor(got)  # of which kind it is has a check of its own
    assert_that(not got.is_complex(), tr("Values lie outside [0, 1]."), actual=verbatim("complex"))
    assert_that(bool(torch.isfinite(got).all()), tr("The result holds NaN or infinity."))
    assert_that(
        bool(((got >= 0) & (got <= 1)).all()),
        tr("Values lie outside [0, 1]."),
        actual=verbatim(f"[{float(got.min()):.3g}, {float(got.max()):.3g}]"),
    )
    return got.float()


def assert_type_of_preprocessed(student, rng):
    """float32, and the picture stays as it was."""
    image = scan(one_of_each(rng)[rng.integer(0, 10)], rng)
    with unobserved():
        got = student.preprocess_digit(image)
    assert_inputs_unchanged(student)
    assert_shape(got, (1, 1, 28, 28))
    assert_dtype(got, torch.float32)


def assert_preprocessed(student, rng, mode):
    """White ink on black paper, in the middle, at the training digits' size and shape."""
    digit = one_of_each(rng)[rng.integer(0, 10)]
    image = scan(digit, rng, mode)
    try:
        assert_like_a_training_digit(student, image)
    except CheckFailure as failure:
        if mode == "RGB" and ask(student, is_right_in_gray, student, image):
            raise CheckFailure(tr("The picture is read in gray and not in colour.")) from failure
        if image.shape[2:] == (4,) and mode != "RGBA" and ask(student, ignores_colours, student, image):
            raise CheckFailure(tr("The colours of a picture with transparency are not read.")) from failure
        raise


def ignores_colours(student, image):
    """Whether another colour everywhere, with the same transparency, gives the same result."""
    other = image.copy()
    other[..., :3] = 255 - other[..., :3]
    try:
        with unobserved():
            results = [student.preprocess_digit(picture) for picture in (image, other)]
    except StudentError:
        return False
    return all(isinstance(result, torch.Tensor) for result in results) and torch.equal(*results)


def is_right_in_gray(student, image):
    try:
        assert_like_a_training_digit(student, np.array(Image.fromarray(image).convert("L")))
    except CheckFailure:
        return False
    return True


def assert_like_a_training_digit(student, image):
    got = preprocessed(student, image)[0, 0]
    border = torch.cat([got[0], got[-1], got[:, 0], got[:, -1]])
    assert_that(float(got.max()) > 0.5, tr("Nothing is left of the ink."), actual=largest(got))
    assert_that(float(border.mean()) < 0.5, tr("The border of the result is bright."), actual=mean_of(border))
    assert_that(
        float(border.max()) < 0.25,
        tr("The paper is not black in the result.")
        if float(border.median()) > 0.05
        else tr("The ink reaches the border of the result, and is not in the middle.")
        if is_off_centre(got, 1.6)
        else tr("The ink reaches the border of the result."),
        actual=largest(border),
    )
    faint = (got > 0.01) & (got < 0.2)
    longer = max(sides(got > 0.3))
    assert_that(
        17 <= longer <= 23,
        tr("Most of what is not black is faint, and the longer side of the digit is not about 20 pixels.")
        if faint.sum() > 0.5 * (got > 0.01).sum()
        else tr("The longer side of the digit is not about 20 pixels."),
        actual=trn("{n} pixel", "{n} pixels", longer),
    )
    assert_centred(got, 1.6)


def mean_of(values):
    return tr("{n} on average", n=f"{float(values.mean()):.2f}")


def largest(values):
    return tr("at most {n}", n=f"{float(values.max()):.2f}")


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
    assert_that(
        right >= 7,
        tr("The scans look like digits of the training set when rows and columns are swapped.")
        if turned > max(right, 5)
        else tr("The scans look like digits of the training set when black and white are swapped.")
        if inverted > max(right, 5)
        else tr("The scans, as you prepare them, do not look like the digits of the training set."),
        expected=tr("7 of 10 recognised by their nearest neighbour"),
        actual=tr("{n} of 10", n=right),
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
        expected=trn("{n} pixel", "{n} pixels", round(wanted)),
        actual=trn("{n} pixel", "{n} pixels", short),
    )
