"""Cases of `small_cnn` that students have."""

import pytest

from grader.kit import Rng, assert_equal, exercise

from ..common import FIXED
from .judges import (
    assert_conv_out_size,
    assert_convolutions,
    assert_dropout_in_use,
    assert_few_parameters,
    assert_logits,
    assert_neither_softmax,
    assert_one_image_in_train_mode,
    assert_repeats_in_eval_mode,
    assert_trains_all,
)


@exercise("small_cnn", weight=2)
def test_size_after_a_convolution(student):
    """conv_out_size counts the positions of the kernel; stride is 1 and padding 0 when nothing is said."""
    for case in ((28, 3, 1, 0), (28, 5, 1, 2), (28, 2, 2, 0), (12, 3, 2, 1), (7, 2, 2, 0)):
        assert_conv_out_size(student, *case)
    assert_equal(student.conv_out_size(9, 4), 6)


@exercise("small_cnn", weight=2)
@pytest.mark.parametrize("batch", [1, 3])
def test_logits_of_a_batch(student, batch):
    """Each image gets its own ten logits."""
    assert_logits(student, Rng(FIXED), batch)


@exercise("small_cnn", weight=2)
def test_neither_softmax_nor_activation(student):
    """The outputs are logits, with nothing applied to them."""
    assert_neither_softmax(student, Rng(FIXED))


@exercise("small_cnn", weight=1.5)
def test_repeats_in_eval_mode(student):
    """In eval mode an image gets the same logits twice."""
    assert_repeats_in_eval_mode(student, Rng(FIXED))


@exercise("small_cnn")
def test_one_image_in_train_mode(student):
    """A batch of one image, as the last of an epoch may be, works in train mode too."""
    assert_one_image_in_train_mode(student, Rng(FIXED))


@exercise("small_cnn")
def test_any_number_of_classes(student):
    """num_classes decides how many logits there are."""
    assert_logits(student, Rng(FIXED), 2, num_classes=7)


@exercise("small_cnn", weight=1.5)
def test_architecture(student):
    """Two convolutions or more are among the parameters."""
    assert_convolutions(student, Rng(FIXED))


@exercise("small_cnn", weight=0.5)
def test_few_parameters(student):
    """There are fewer than 300,000 parameters."""
    assert_few_parameters(student, Rng(FIXED))


@exercise("small_cnn", weight=0.5)
def test_trains_every_parameter(student):
    """Every parameter is trained."""
    assert_trains_all(student, Rng(FIXED))


@exercise("small_cnn", weight=1.5)
def test_dropout_in_use(student):
    """Dropout acts in train mode, as strongly as dropout says."""
    assert_dropout_in_use(student, Rng(FIXED))
