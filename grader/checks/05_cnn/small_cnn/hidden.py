"""Cases of `small_cnn` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of

from . import visible
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


@cases_of(visible.test_size_after_a_convolution, weight=2)
def test_any_size_after_a_convolution(student, rng):
    for _ in range(12):
        kernel_size = rng.integer(1, 8)
        assert_conv_out_size(student, rng.integer(8, 40), kernel_size, rng.integer(1, 5), rng.integer(0, 4))


@cases_of(visible.test_logits_of_a_batch, weight=2)
@pytest.mark.parametrize("batch", [1, 5])
def test_logits(student, rng, batch):
    assert_logits(student, rng, batch)


@cases_of(visible.test_neither_softmax_nor_activation, weight=3)
def test_no_softmax(student, rng):
    assert_neither_softmax(student, rng)


@cases_of(visible.test_repeats_in_eval_mode, weight=2)
def test_repeats(student, rng):
    assert_repeats_in_eval_mode(student, rng)


@cases_of(visible.test_one_image_in_train_mode, weight=1.5)
def test_batch_of_one_in_train_mode(student, rng):
    assert_one_image_in_train_mode(student, rng)


@cases_of(visible.test_any_number_of_classes)
@pytest.mark.parametrize("classes", [2, 13])
def test_number_of_classes(student, rng, classes):
    assert_logits(student, rng, 3, num_classes=classes)


@cases_of(visible.test_architecture, weight=2)
def test_convolutions(student, rng):
    assert_convolutions(student, rng)


@cases_of(visible.test_few_parameters, weight=0.5)
def test_parameters(student, rng):
    assert_few_parameters(student, rng)


@cases_of(visible.test_trains_every_parameter, weight=0.5)
def test_gradients_of_every_parameter(student, rng):
    assert_trains_all(student, rng)


@cases_of(visible.test_dropout_in_use, weight=2)
def test_dropout_of_the_network(student, rng):
    assert_dropout_in_use(student, rng)
