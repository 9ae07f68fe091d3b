"""Cases of `small_cnn` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import exercise

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


@exercise("small_cnn", weight=2)
def test_batch_of_one_in_train_mode(student, rng):
    """A batch of one image, as the last of an epoch may be, works in train mode too."""
    assert_one_image_in_train_mode(student, rng)


@exercise("small_cnn")
@pytest.mark.parametrize("classes", [2, 13])
def test_number_of_classes(student, rng, classes):
    """num_classes decides how many logits there are."""
    assert_small_cnn(student, rng, 3, num_classes=classes)


@exercise("small_cnn")
def test_parameters(student, rng):
    """Two convolutions or more, fewer than 300,000 parameters, every one of them trained."""
    assert_architecture(student, rng)


@exercise("small_cnn")
def test_dropout_of_the_network(student, rng):
    """Dropout acts in train mode alone."""
    assert_dropout_in_use(student, rng)
