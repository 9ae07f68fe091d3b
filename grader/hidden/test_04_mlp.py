"""Hidden checks of 04_mlp."""

from itertools import pairwise

import pytest
import torch

from grader.samples.test_04_mlp import (
    ACTIVATIONS,
    ACTS,
    FLATTEN_IN_FORWARD,
    LOW_ACCURACY,
    MOVES_WITH_TO,
    NO_FLATTEN,
    assert_act_grad,
    assert_activation,
    assert_built,
    assert_built_with_act,
    assert_by_hand,
    assert_collapse,
    assert_counts,
    assert_derivative_by_hand,
    assert_devices,
    assert_double,
    assert_eval_modes,
    assert_evaluation_numbers,
    assert_evaluation_only_looks,
    assert_keeps_hidden,
    assert_linear_double,
    assert_linear_gradients,
    assert_linear_loads,
    assert_linear_output,
    assert_linear_parameters,
    assert_linear_start,
    assert_loader_orders,
    assert_loader_random_state,
    assert_loader_seeds,
    assert_loaders,
    assert_loss_fn_is_used,
    assert_mlp,
    assert_mlp_learns,
    assert_not_affine,
    assert_one_pass,
    assert_subclass,
    assert_takes_images,
    assert_train_modes,
    assert_training_numbers,
    assert_training_updates,
    derivative,
    digit_cnn,
    digits_accuracy,
    frozen_net,
    function_from,
    normalised_net,
    numbered_samples,
    odd_parameters,
    outputs_on,
    plain_net,
    tied_net,
)
from grader.testing import assert_device_agnostic, assert_gradients, exercise
from grader.testing.accuracy import assert_accuracy
from grader.testing.lab import Lesson

# -------------------------------------------------------------------------------------------------- linear


@exercise("linear", weight=2)
@pytest.mark.parametrize("bias", [True, False])
def test_linear_parameters_of_any_size(student, rng, bias):
    """The parameters have the names and shapes of nn.Linear, with and without bias."""
    n_in, n_out = distinct_sizes(rng, 2)
    assert_linear_parameters(student, n_in, n_out, bias=bias)
    assert_linear_parameters(student, 1, n_out, bias=bias)


@exercise("linear", weight=9)
@pytest.mark.parametrize(("shape", "n_out"), [((7, 5), 3), ((1, 4), 1), ((6,), 2), ((2, 1, 3, 5), 4), ((0, 3), 2)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_any_shape(student, rng, shape, n_out, bias):
    """The outputs are right for any leading dimensions, with and without bias."""
    assert_linear_output(student, rng.normal(*shape), n_out, bias=bias)


@exercise("linear")
def test_linear_strided(student, rng):
    """The outputs are right for inputs that are not contiguous, which are not changed."""
    assert_linear_output(student, rng.normal(5, 7).T, 3, keeps_x=True)
    assert_linear_output(student, rng.normal(4, 10)[:, ::2], 3, keeps_x=True)


@exercise("linear")
def test_linear_exchanges_weights(student, rng):
    """Its weights fit into PyTorch's own layer, which then gives the same outputs."""
    assert_linear_loads(student, rng.normal(5, 7), 3)


@exercise("linear", weight=4)
def test_linear_backward(student, rng):
    """Gradients reach x, weight and bias, for any batch."""
    assert_linear_gradients(student, rng.normal(6, 5), 3)
    assert_linear_gradients(student, rng.normal(1, 2), 4)


@exercise("linear", weight=3)
@pytest.mark.parametrize(("n_in", "n_out"), [(300, 40), (900, 11)])
def test_linear_weights_at_the_start(student, n_in, n_out):
    """The first weights are random around 0, and neither they nor the biases are tiny or huge."""
    assert_linear_start(student, n_in, n_out)


@exercise("linear")
def test_linear_on_a_gpu(student, rng):
    """The layer moves to a GPU, and to float64, whole."""
    x = rng.normal(3, 5)
    assert_linear_double(student, x, 4)
    assert_device_agnostic(student, student.define(outputs_on), student.Linear, (5, 4), x, hint=MOVES_WITH_TO)


# ---------------------------------------------------------------------------------------------- activation


def awkward(rng):
    """Inputs of many shapes, one of them not contiguous."""
    return [rng.normal(5, 3, std=3).T, rng.normal(1), rng.normal(2, 3, 4)[:, ::2], rng.normal(0, 3), rng.normal()]


@exercise("activation", weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_any_shape(student, rng, name):
    """The values are right for any shape."""
    for x in awkward(rng):
        assert_activation(student, name, x)


@exercise("activation", weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_grad_any_shape(student, rng, name):
    """The derivatives are right for any shape."""
    for x in awkward(rng):
        assert_act_grad(student, name, x)


@exercise("activation", weight=5)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_very_far_out(student, rng, name):
    """Nothing overflows, however large the numbers."""
    far = torch.cat([rng.uniform(3, low=-2000, high=-90), rng.uniform(3, low=90, high=2000)])
    x = torch.cat([far, torch.zeros(1), torch.tensor([-1e18, -1e9, 1e9, 1e18])])
    assert_activation(student, name, x)
    assert_act_grad(student, name, x)


@exercise("activation", weight=12)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_own_work(student, rng, name):
    """The activations are written by hand."""
    assert_by_hand(student, name, rng.normal(4, 3))
    assert_by_hand(student, name, rng.normal(7, 5, dtype=torch.float64))


@exercise("activation", weight=6)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_grad_own_work(student, rng, name):
    """The derivatives are written by hand, at every size."""
    for shape in ((5, 3), (1,)):
        assert_derivative_by_hand(student, name, away_from_zero(rng, *shape))


def away_from_zero(rng, *shape):
    """Numbers from 0.2 to 3 of either sign, in float64: there autograd knows ReLU's slope."""
    signs = 2 * rng.integers(0, 2, *shape) - 1
    return rng.uniform(*shape, low=0.2, high=3, dtype=torch.float64) * signs


@exercise("activation")
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_in_float64(student, rng, name):
    """They keep float64, and autograd can follow them."""
    assert_activation(student, name, rng.normal(4, 3, dtype=torch.float64))
    assert_act_grad(student, name, rng.normal(4, 3, dtype=torch.float64))
    x = away_from_zero(rng, 5)
    assert_gradients(
        student, function_from(student, "activation", name), x, expected=[derivative(name, x)], names=["x"]
    )


@exercise("activation")
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_on_a_gpu(student, rng, name):
    """They would work on a GPU."""
    x = rng.normal(3, 5)
    assert_activation(student, name, x)
    assert_act_grad(student, name, x)
    for maker in ("activation", "act_grad"):
        assert_device_agnostic(student, function_from(student, maker, name), x)


# ---------------------------------------------------------------------------------------- count_parameters


@exercise("count_parameters", weight=2)
def test_counts_of_any_mlp(student, rng):
    """The counts are right for any network."""
    for depth in (2, 3, 5):
        assert_counts(student, plain_net, tuple(rng.integers(1, 30, depth).tolist()))


@exercise("count_parameters")
def test_counts_of_convolutions(student):
    """The counts are right for convolutions."""
    assert_counts(student, digit_cnn)


@exercise("count_parameters")
@pytest.mark.parametrize("trainable_only", [True, False])
def test_counts_of_frozen_layers(student, rng, trainable_only):
    """Frozen parameters are counted only where asked."""
    assert_counts(student, frozen_net, rng.integer(3, 20), rng.integer(3, 20), trainable_only=trainable_only)


@exercise("count_parameters")
@pytest.mark.parametrize("trainable_only", [True, False])
def test_counts_each_parameter_once(student, rng, trainable_only):
    """Buffers do not count, and a shared parameter counts once."""
    assert_counts(student, normalised_net, rng.integer(3, 20), rng.integer(3, 20), trainable_only=trainable_only)
    assert_counts(student, tied_net, rng.integer(3, 20), trainable_only=trainable_only)


@exercise("count_parameters")
def test_counts_of_odd_parameters(student, rng):
    """Parameters of any number of dimensions are counted; a model without parameters has none."""
    assert_counts(student, odd_parameters, rng.integer(3, 9))
    assert_counts(student, empty_net)


def empty_net():
    """A model without parameters."""
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.ReLU())


# ----------------------------------------------------------------------------------------------- networks


def distinct_sizes(rng, depth):
    """Sizes of which no two are equal, so that each parameter is known by its shape."""
    return tuple((rng.permutation(20)[:depth] + 2).tolist())


@exercise("build_mlp", weight=4)
@pytest.mark.parametrize("depth", [3, 4, 6])
def test_build_any_depth(student, rng, depth):
    """The layers and the outputs are right for any depth and any sizes."""
    sizes = distinct_sizes(rng, depth)
    assert_built(student, sizes, None, rng.normal(5, sizes[0]))


@exercise("build_mlp", weight=2)
def test_build_without_hidden_layers(student, rng):
    """Without hidden layers it is Flatten and a single Linear, also for one example."""
    sizes = distinct_sizes(rng, 2)
    assert_built(student, sizes, None, rng.normal(1, sizes[0]))


@exercise("build_mlp", weight=2)
@pytest.mark.parametrize("act", list(ACTS)[1:])
def test_build_any_act(student, rng, act):
    """The activation is the one that is given."""
    assert_built_with_act(student, distinct_sizes(rng, 4), act)


@exercise("build_mlp", weight=2)
def test_build_for_images(student, rng):
    """It takes images of any size, also a single one, and images that are not contiguous."""
    _, *hidden = distinct_sizes(rng, 4)
    sizes = (3 * 6 * 7, *hidden)
    assert_takes_images(student, "build_mlp", sizes, rng.normal(3, 6, 7, 3).permute(0, 3, 1, 2), NO_FLATTEN)
    assert_takes_images(student, "build_mlp", sizes, rng.normal(1, 3, 6, 7), NO_FLATTEN)


@exercise("build_mlp")
def test_build_in_float64(student, rng):
    """Each model has weights of its own, and works in float64 after model.double()."""
    sizes = distinct_sizes(rng, 4)
    assert_double(student, "build_mlp", sizes, rng.normal(3, sizes[0]))


@exercise("mlp", weight=10)
@pytest.mark.parametrize("depth", [2, 3, 4, 6])
def test_mlp_any_depth(student, rng, depth):
    """The outputs are those of its own weights and biases, for any depth and any sizes."""
    sizes = distinct_sizes(rng, depth)
    assert_mlp(student, sizes, None, rng.normal(5 if depth > 2 else 1, sizes[0]))


@exercise("mlp", weight=2)
@pytest.mark.parametrize("act", list(ACTS)[1:])
def test_mlp_any_act(student, rng, act):
    """The activation is the one that is given."""
    sizes = distinct_sizes(rng, 4)
    assert_mlp(student, sizes, act, rng.normal(6, sizes[0]), any_last=True)


@exercise("mlp")
def test_mlp_any_images(student, rng):
    """It takes images, also a single one, and images that are not contiguous."""
    _, *hidden = distinct_sizes(rng, 4)
    sizes = (3 * 6 * 7, *hidden)
    assert_takes_images(student, "MLP", sizes, rng.normal(1, 3, 6, 7), FLATTEN_IN_FORWARD)
    assert_takes_images(student, "MLP", sizes, rng.normal(4, 6, 7, 3).permute(0, 3, 1, 2), FLATTEN_IN_FORWARD)


@exercise("mlp", weight=3)
def test_mlp_learns(student, rng):
    """Gradients reach every parameter."""
    sizes = distinct_sizes(rng, 5)
    assert_mlp_learns(student, sizes, rng.normal(8, sizes[0]))


@exercise("mlp", weight=5)
def test_mlp_can_be_inherited(student, rng):
    """A class that inherits from MLP works too."""
    sizes = distinct_sizes(rng, 4)
    assert_subclass(student, sizes, rng.normal(4, sizes[0]))


@exercise("mlp")
def test_mlp_is_no_straight_map(student, rng):
    """The network is not a straight (affine) map."""
    assert_not_affine(student, (7, 40, 30, 3), rng.normal(9, 7, std=3), rng.normal(9, 7, std=3))


@exercise("mlp")
def test_mlp_in_float64(student, rng):
    """Each model has weights of its own, and works in float64 after model.double()."""
    sizes = distinct_sizes(rng, 4)
    assert_double(student, "MLP", sizes, rng.normal(3, sizes[0]))


@exercise("build_mlp")
def test_build_leaves_hidden(student, rng):
    """The list hidden is not changed, however long it is."""
    assert_keeps_hidden(student, "build_mlp", distinct_sizes(rng, 5))


@exercise("mlp")
def test_mlp_leaves_hidden(student, rng):
    """The list hidden is not changed, however long it is."""
    assert_keeps_hidden(student, "MLP", distinct_sizes(rng, 5))


# ------------------------------------------------------------------------------------------------ collapse


def random_layers(rng, *sizes, dtype=torch.float64, bias=True):
    """Random weights and biases of a chain of layers."""
    weights = [rng.normal(m, n, dtype=dtype) for n, m in pairwise(sizes)]
    return weights, [rng.normal(len(weight), dtype=dtype) if bias else None for weight in weights]


@exercise("collapse", weight=2)
@pytest.mark.parametrize("sizes", [(5, 7, 3), (1, 4, 2), (3, 1, 5), (6, 2, 3, 4), (2, 3, 4, 5, 1)])
def test_collapse_any_sizes(student, rng, sizes):
    """The result is right for any number of layers, of any sizes."""
    assert_collapse(student, *random_layers(rng, *sizes))


@exercise("collapse")
def test_collapse_square_layers(student, rng):
    """The order is right where the shapes do not tell."""
    assert_collapse(student, *random_layers(rng, 4, 4, 4, 4))


@exercise("collapse")
def test_collapse_some_biases(student, rng):
    """Some layers, or all, may have no bias."""
    weights, biases = random_layers(rng, 3, 5, 4, 2)
    for kept in ([1], [0, 2], []):
        assert_collapse(student, weights, [bias if i in kept else None for i, bias in enumerate(biases)])


@exercise("collapse", weight=2)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_collapse_dtypes(student, rng, dtype):
    """It is exact, and in the dtype of the layers."""
    assert_collapse(student, *random_layers(rng, 4, 6, 3, dtype=dtype), exact=True)


@exercise("collapse")
def test_collapse_any_layers_stay(student, rng):
    """The layers that were given stay as they were, also a single one, which is copied."""
    assert_collapse(student, *random_layers(rng, 4, 3), leaves=True)
    assert_collapse(student, *random_layers(rng, 5, 2, 4, 3), leaves=True)


# -------------------------------------------------------------------------------------------- make_loaders


def shuffled_samples(rng, n, *shape):
    """Samples that can be told apart, with labels of their own, in a random order."""
    X, y = numbered_samples(n, *shape)
    order = rng.permutation(n)
    return X[order] + 1, 3 * y[order]


@exercise("make_loaders", weight=3)
@pytest.mark.parametrize(("n", "batch_size", "fraction"), [(25, 6, 0.2), (31, 7, 0.3), (12, 50, 0.5), (21, 1, 0.1)])
def test_loaders_any_size(student, rng, n, batch_size, fraction):
    """Every sample is in one loader, once, whatever the sizes."""
    assert_loaders(student, *shuffled_samples(rng, n, 3), batch_size, fraction, rng.integer(0, 1000), whole=True)


@exercise("make_loaders")
def test_loaders_new_order(student, rng):
    """Training has a new order in every epoch; validation keeps its own."""
    assert_loader_orders(student, *shuffled_samples(rng, 50, 2), 7, 0.3, rng.integer(0, 1000))


@exercise("make_loaders", weight=2)
def test_loaders_any_seed(student, rng):
    """The seed decides the split, and the split is drawn at random."""
    assert_loader_seeds(student, *numbered_samples(60, 2), 7, 0.3, rng.permutation(1000)[:4].tolist())


@exercise("make_loaders")
def test_loaders_leave_the_generator(student, rng):
    """The global random generator is left alone."""
    assert_loader_random_state(student, *shuffled_samples(rng, 30, 2), 6, 0.2, rng.integer(0, 1000))


@exercise("make_loaders")
def test_loaders_of_images(student, rng):
    """X may be images of any dtype."""
    X, y = shuffled_samples(rng, 40, 3, 4, 5)
    assert_loaders(student, X.to(torch.uint8), y, 9, 0.25, rng.integer(0, 1000))
    assert_loaders(student, X.double(), y.float(), 9, 0.25, rng.integer(0, 1000))


# ------------------------------------------------------------------------------------------------ training


@exercise("training", weight=9)
def test_training_follows_the_definition(student, rng):
    """Each batch makes one step of the optimizer that is given, epoch after epoch."""
    assert_training_updates(student, Lesson.draw(rng), 3)


@exercise("training", weight=2)
def test_training_loss_and_accuracy(student, rng):
    """The loss and the accuracy of an epoch are means over samples."""
    assert_training_numbers(student, Lesson.draw(rng), 3)


@exercise("training", weight=2)
def test_evaluation_loss_and_accuracy(student, rng):
    """The loss and the accuracy of an evaluation are means over samples."""
    assert_evaluation_numbers(student, Lesson.draw(rng))


@exercise("training")
def test_mode_of_training(student, rng):
    """Training runs in train mode, epoch after epoch, and sets no seed."""
    assert_train_modes(student, Lesson.draw(rng, dropout=0.4, shuffle=True))


@exercise("training")
def test_mode_of_evaluation(student, rng):
    """Evaluation runs in eval mode."""
    assert_eval_modes(student, Lesson.draw(rng, dropout=0.4))


@exercise("training")
def test_passes_of_an_epoch(student, rng):
    """Each training batch goes through the model once."""
    assert_one_pass(student, Lesson.draw(rng, dropout=0.4, norm=True))


@exercise("training", weight=2)
def test_evaluation_leaves_everything(student, rng):
    """Evaluation builds no graph and changes neither weights nor buffers."""
    assert_evaluation_only_looks(student, Lesson.draw(rng, norm=True))


@exercise("training")
def test_any_loss_function(student, rng):
    """The loss is that of the loss function that is given."""
    assert_loss_fn_is_used(student, Lesson.draw(rng), 0.1 + 0.1 * rng.integer(1, 5))


@exercise("training")
def test_training_on_a_gpu(student, rng):
    """Model and batches move to the device that is given."""
    assert_devices(student, Lesson.draw(rng))


@exercise("training", weight=2)
def test_digits_are_learned(student, rng):
    """A network learns to read digits, with its classes renamed."""
    assert_accuracy(student, rng, digits_accuracy, hint=LOW_ACCURACY)
