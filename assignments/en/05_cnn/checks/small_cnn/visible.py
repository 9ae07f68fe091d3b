"""Cases of `small_cnn` that students have."""

import pytest

from grader.kit import Rng, assert_equal, exercise

from ..common import FIXED
from .judges import (
    assert_architecture,
    assert_conv_out_size,
    assert_dropout_in_use,
    assert_one_image_in_train_mode,
    assert_small_cnn,
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
