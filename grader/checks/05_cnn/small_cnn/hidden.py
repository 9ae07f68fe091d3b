"""Cases of `small_cnn` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of, exercise

from . import visible
from .judges import (
    assert_architecture,
    assert_conv_out_size,
    assert_dropout_in_use,
    assert_one_image_in_train_mode,
    assert_small_cnn,
)


@exercise("small_cnn")
def test_any_size_after_a_convolution(student, rng):
    """conv_out_size counts the positions of any kernel."""
    for _ in range(12):
        kernel_size = rng.integer(1, 8)
        assert_conv_out_size(student, rng.integer(8, 40), kernel_size, rng.integer(1, 5), rng.integer(0, 4))


@exercise("small_cnn", weight=2)
@pytest.mark.parametrize("batch", [1, 5])
def test_logits(student, rng, batch):
    """Each image gets its own logits, the same ones twice in eval mode."""
    assert_small_cnn(student, rng, batch)


@cases_of(visible.test_one_image_in_train_mode, weight=2)
def test_batch_of_one_in_train_mode(student, rng):
    assert_one_image_in_train_mode(student, rng)


@cases_of(visible.test_any_number_of_classes)
@pytest.mark.parametrize("classes", [2, 13])
def test_number_of_classes(student, rng, classes):
    assert_small_cnn(student, rng, 3, num_classes=classes)


@cases_of(visible.test_architecture)
def test_parameters(student, rng):
    assert_architecture(student, rng)


@cases_of(visible.test_dropout_in_use)
def test_dropout_of_the_network(student, rng):
    assert_dropout_in_use(student, rng)
