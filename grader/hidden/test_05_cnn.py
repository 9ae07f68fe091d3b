"""Hidden checks of 05_cnn."""

import pytest
import torch

from grader.samples.test_05_cnn import (
    MODES,
    PREDICT,
    SEQUENCES,
    assert_architecture,
    assert_confusion,
    assert_conv2d,
    assert_conv2d_gradients,
    assert_conv2d_rules,
    assert_conv_out_size,
    assert_dropout,
    assert_dropout_gradient,
    assert_dropout_in_use,
    assert_dropout_of_any_shape,
    assert_dropout_on_a_gpu,
    assert_early_stopping,
    assert_eval_identity,
    assert_fit_checkpoint,
    assert_fit_device,
    assert_fit_history,
    assert_fit_keeps_the_best,
    assert_fit_learns,
    assert_fit_losses,
    assert_fit_modes,
    assert_fit_runs_every_epoch,
    assert_fit_saves_each_best,
    assert_fit_saves_nothing,
    assert_fit_seeded,
    assert_fit_stops_early,
    assert_fit_updates,
    assert_fit_validation_only_looks,
    assert_max_pool2d,
    assert_max_pool2d_rules,
    assert_one_image_in_train_mode,
    assert_plot,
    assert_predicts,
    assert_predicts_on_a_gpu,
    assert_preprocessed,
    assert_random_split,
    assert_reads,
    assert_small_cnn,
    assert_split,
    assert_trained_network,
    test_digits,
)
from grader.testing import assert_that, exercise, load_checkpoint, read_checkpoint, tr
from grader.testing.accuracy import accuracy_of_logits, percent
from grader.testing.checkpoints import MAX_BYTES


@exercise("conv2d", weight=4)
@pytest.mark.parametrize(
    ("images", "weights", "stride", "padding"),
    [
        ((1, 1, 5, 9), (1, 1, 1, 1), 1, 0),
        ((3, 2, 8, 5), (4, 2, 3, 2), 1, 0),
        ((2, 3, 7, 6), (5, 3, 2, 5), 1, 2),
        ((2, 1, 9, 8), (3, 1, 4, 3), 3, 1),
        ((1, 4, 6, 7), (2, 4, 6, 7), 2, 0),
        ((2, 2, 9, 7), (3, 2, 2, 1), 3, 0),
        ((1, 2, 4, 5), (2, 2, 2, 3), 1, 3),
    ],
)
def test_any_convolution(student, rng, images, weights, stride, padding):
    """Your own code takes any shape of images and kernels, any stride and padding."""
    assert_conv2d(student, rng.normal(*images), rng.normal(*weights), rng.normal(weights[0]), stride, padding)


@exercise("conv2d")
def test_convolution_of_a_view(student, rng):
    """Images in float64 that are not contiguous, without a bias."""
    x = rng.normal(2, 3, 6, 18, dtype=torch.float64)[..., ::2].transpose(2, 3)
    assert_conv2d(student, x, rng.normal(3, 3, 2, 2, dtype=torch.float64), None, 2, 1)


@exercise("conv2d", weight=2)
def test_rules_of_convolution(student, rng):
    """It loops over the kernel's positions alone."""
    assert_conv2d_rules(student, rng)


@exercise("conv2d", weight=2)
def test_gradients_of_convolution(student, rng):
    """Gradients flow to the image, the kernel and the bias, on any device."""
    assert_conv2d_gradients(student, rng)


@exercise("max_pool2d", weight=3)
@pytest.mark.parametrize(
    ("shape", "k", "stride"),
    [
        ((2, 3, 9, 7), 2, None),
        ((1, 1, 5, 8), 3, None),
        ((3, 2, 7, 6), 3, 2),
        ((1, 2, 6, 5), 1, 2),
        ((2, 1, 4, 7), 4, 1),
        ((1, 2, 9, 8), 2, 3),
    ],
)
def test_any_pooling(student, rng, shape, k, stride):
    """Your own code takes any size, window and step; negative numbers too."""
    assert_max_pool2d(student, rng.normal(*shape, mean=-2.0), k, stride)


@exercise("max_pool2d")
def test_pooling_of_a_view(student, rng):
    """Images in float64 that are not contiguous."""
    assert_max_pool2d(student, rng.normal(2, 3, 8, 10, dtype=torch.float64).transpose(2, 3)[..., ::2], 2)


@exercise("max_pool2d", weight=2)
def test_rules_of_pooling(student, rng):
    """The gradient goes to each window's maximum, on any device."""
    assert_max_pool2d_rules(student, rng)


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


@exercise("dropout", weight=8)
@pytest.mark.parametrize("p", [0.5, 1.0])
def test_eval_mode(student, rng, p):
    """In eval mode the layer returns what it gets."""
    assert_eval_identity(student, 1 + rng.uniform(11, 13), p)


@exercise("dropout", weight=5)
@pytest.mark.parametrize("p", [0.1, 0.4, 0.8])
def test_train_mode(student, rng, p):
    """In train mode a share p of the values becomes 0, and the rest grows by 1 / (1 - p)."""
    assert_dropout(student, 1 + rng.uniform(90, 70, dtype=torch.float64), p)


@exercise("dropout")
def test_any_shape(student, rng):
    """Every value of a vector, a sequence or a batch of feature maps is kept or dropped by itself."""
    assert_dropout_of_any_shape(student, rng)


@exercise("dropout", weight=0.5)
def test_nothing_and_everything(student, rng):
    """p = 0 drops nothing and p = 1 drops everything, without NaN."""
    for p in (0.0, 1.0):
        assert_dropout(student, 1 + rng.uniform(5, 1), p)


@exercise("dropout", weight=0.5)
def test_on_a_gpu(student, rng):
    """The layer would work on a GPU."""
    assert_dropout_on_a_gpu(student, 1 + rng.uniform(30, 50))


@exercise("dropout")
def test_gradient(student, rng):
    """The gradient passes through what survived."""
    assert_dropout_gradient(student, 1 + rng.uniform(11, 7), 0.6)


@exercise("split_train_val")
def test_any_split(student, rng):
    """Every sample is in one part, for any size and fraction."""
    for n, fraction in ((1, 0.0), (2, 0.4), (31, 0.2), (rng.integer(40, 90), 0.37), (18, 0.9)):
        size = fraction * n
        if abs(size - int(size) - 0.5) > 1e-6:
            assert_split(student, n, fraction, rng.integer(0, 1000))


@exercise("split_train_val")
def test_random_split(student, rng):
    """The same seed gives the same split, another seed another one."""
    size = 10 * rng.integer(7, 12) + rng.integer(0, 5)  # no 0.3 of it is a half, which people round up or to even
    assert_random_split(student, size, 0.3, rng.integer(0, 1000))


@exercise("early_stopping")
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_sequences(student, rng, sequence):
    """It stops after `patience` losses in a row without improvement, for losses of any size."""
    patience, min_delta, losses = SEQUENCES[sequence]
    scale = 2.0 ** rng.integer(-3, 4)
    assert_early_stopping(student, patience, min_delta * scale, [loss * scale for loss in losses])


@exercise("early_stopping", weight=3)
def test_random_losses(student, rng):
    """It stops when it should, for random losses."""
    for _ in range(15):
        losses = [(40 - 2 * step + value) / 8 for step, value in enumerate(rng.integers(0, 9, 15).tolist())]
        assert_early_stopping(student, rng.integer(1, 4), rng.integer(0, 3) / 4, losses)


@exercise("fit")
def test_history_of_any_training(student, rng):
    """The history holds one finite Python float for each epoch, and the best epoch."""
    assert_fit_history(student, rng, rng.integer(1, 5))


@exercise("fit", weight=2)
@pytest.mark.parametrize(("epochs", "lr"), [(4, 0.1), (3, 0.03)])
def test_every_update(student, rng, epochs, lr):
    """Each batch makes one step of Adam, from its own gradients."""
    assert_fit_updates(student, rng, epochs, lr)


@exercise("fit", weight=22)
def test_learning_of_any_lesson(student, rng):
    """The model learns: its loss on the training samples falls."""
    assert_fit_learns(student, rng)


@exercise("fit", weight=2)
def test_modes_of_every_epoch(student, rng):
    """Every epoch trains in train mode and validates in eval mode."""
    assert_fit_modes(student, rng, rng.integer(3, 5))


@exercise("fit", weight=2)
def test_validation_of_every_epoch(student, rng):
    """Validation builds no graph and changes nothing; afterwards autograd is on."""
    assert_fit_validation_only_looks(student, rng, 3)


@exercise("fit", weight=2)
def test_losses_of_every_epoch(student, rng):
    """Losses and accuracy are means over samples, whatever the size of the last batch."""
    assert_fit_losses(student, rng, rng.integer(2, 4))


@exercise("fit", weight=3)
def test_weights_of_the_best_epoch(student, rng):
    """The model is left with the weights of the lowest validation loss, in eval mode."""
    assert_fit_keeps_the_best(student, rng)


@exercise("fit", weight=2)
def test_stopping_early(student, rng):
    """Training ends after `patience` epochs in a row without improvement."""
    assert_fit_stops_early(student, rng)


@exercise("fit")
def test_no_patience(student, rng):
    """Without patience every epoch is run."""
    assert_fit_runs_every_epoch(student, rng)


@exercise("fit", weight=2)
def test_saved_weights(student, rng):
    """The checkpoint is the best state_dict, in a folder that may not exist yet."""
    assert_fit_checkpoint(student, rng)


@exercise("fit")
def test_saved_at_each_best_epoch(student, rng):
    """The checkpoint is written whenever there is a new best, not only at the end."""
    assert_fit_saves_each_best(student, rng)


@exercise("fit", weight=0.5)
def test_nothing_saved(student, rng):
    """Without checkpoint_path no file is left behind."""
    assert_fit_saves_nothing(student, rng)


@exercise("fit", weight=2)
def test_any_device(student, rng):
    """Model and batches move to the device."""
    assert_fit_device(student, rng)


@exercise("fit", weight=2)
def test_repeatable(student, rng):
    """The same seed gives the same result; another seed, or none, another one."""
    assert_fit_seeded(student, rng, rng.integer(1, 1000))


@exercise("plot_history", weight=2)
def test_any_learning_curves(student, rng):
    """Both losses are drawn against the epochs, with labels and a legend."""
    assert_plot(student, rng, rng.integer(3, 9))


@exercise("digit_reader")
@pytest.mark.parametrize("mode", MODES)
def test_any_scan(student, rng, mode):
    """A scan (gray, pale, in colour, transparent, a screenshot) becomes a digit like those of the training set."""
    assert_preprocessed(student, rng, mode)


@exercise("digit_reader", weight=2)
def test_ten_other_scans(student, rng):
    """Ten scanned digits can be recognised after your preparation."""
    assert_reads(student, rng)


@exercise("digit_reader", weight=2)
def test_any_prediction(student, rng):
    """A prediction is a label and ten probabilities, in eval mode and without autograd."""
    assert_predicts(student, rng)
    assert_predicts_on_a_gpu(student, rng)


@exercise("digit_reader")
@pytest.mark.parametrize(("n", "classes"), [(60, 4), (1, 3), (0, 2)])
def test_any_confusion_matrix(student, rng, n, classes):
    """Rows are true classes, columns are predictions, entries are counts."""
    assert_confusion(student, rng.integers(0, classes, n), rng.integers(0, classes, n), classes)


@exercise("digit_reader", weight=3)
def test_network_on_unseen_digits(student, rng):
    """Your network, trained by your fit, recognises digits that it never saw."""
    assert_trained_network(student, rng)


CHECKPOINT = "checkpoints/my_cnn.pt"


@exercise("digit_reader", weight=0)
def test_submitted_network(student):
    """No points: the network that you trained and handed in, checkpoints/my_cnn.pt, reads 95 % of the test digits."""
    if student.file(CHECKPOINT, max_bytes=MAX_BYTES) is None:
        pytest.skip("nothing was handed in")
    model = load_checkpoint(student, student.SmallCNN(), read_checkpoint(student, CHECKPOINT))
    images, labels = test_digits()
    logits = student.define(PREDICT, "predict")(model, images.unsqueeze(1).float() / 255)
    accuracy = accuracy_of_logits(logits, labels, 10, name="model(images)")
    assert_that(
        accuracy >= 0.95,
        tr("Your trained network reads too few digits rightly."),
        expected=percent(0.95),
        actual=percent(accuracy),
        hint=tr("Look at your learning curves, run the training cell again, and hand the new file in."),
    )
