"""Visible checks of 04_mlp: what a student runs while working. Hidden ones ask the same of other inputs."""

import re
from contextlib import contextmanager, suppress
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from grader.datasets import digits, variations
from grader.testing import (
    CheckFailure,
    Remote,
    Rng,
    StudentError,
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_equal,
    assert_gradients,
    assert_inputs_unchanged,
    assert_length,
    assert_python_number,
    assert_random_state_unchanged,
    assert_returns,
    assert_shape,
    assert_that,
    assert_without_operations,
    exercise,
    origin,
    tr,
    verbatim,
)
from grader.testing.accuracy import accuracy_of_logits, assert_accuracy, measurement, permuted_labels
from grader.testing.averages import assert_accuracies, assert_losses
from grader.testing.gradients import assert_returned_gradient, dotted_names, explained
from grader.testing.lab import BATCH_SIZE, LR, SAMPLES, Lab, Lesson, replay
from grader.testing.operations import AUTOGRAD
from grader.testing.probes import (
    ATOL,
    LAST_BATCH,
    NO_STEP,
    OTHER_START,
    VAL_TRAINS,
    ask,
    assert_eval_mode,
    assert_no_grad,
    assert_shuffled_anew,
    assert_trained,
    assert_trains_on_device,
    assert_validated,
    autograd_left_on,
)

# ------------------------------------------------------------------------------------------------- modules

NO_PARAMETERS = tr(
    "parameters() is empty or incomplete, so an optimizer cannot change what is missing: a plain tensor is no"
    " parameter; wrap it in nn.Parameter."
)


def ramp(*shape):
    """Fixed inputs of this shape, between -1 and 1."""
    return torch.linspace(-1, 1, torch.Size(shape).numel()).reshape(shape)


def parameters_of(module):
    """The parameters by name; sent by its source, as the other functions here that take a module."""
    return dict(module.named_parameters())


def gradients_through(module, x):
    """The gradients of the sum of the squared outputs."""
    x = x.clone().requires_grad_()
    (module(x) ** 2).sum().backward()
    return {"x": x.grad, **{name: parameter.grad for name, parameter in module.named_parameters()}}


def outputs_on(make, arguments, x):
    """The output of a new module on the device of `x`."""
    return make(*arguments).to(x.device)(x)


def assert_parameters(student, module, hint=NO_PARAMETERS):
    """Fails unless the module has parameters; returns them by name."""
    found = ask(student, student.define(parameters_of), module)
    assert_returns(found, dict)
    assert_that(len(found) > 0, tr("The module has no parameters."), hint=hint)
    for name, value in found.items():
        assert_returns(name, str)
        assert_plain(value, torch.float32, name=name)
    return found


def assert_plain(value, dtype, *, name=None):
    """Fails unless it is a tensor of that dtype that holds values."""
    assert_dtype(value, dtype, name=name)
    assert_that(origin(value).has_data, tr("The result is a tensor without data."))


# -------------------------------------------------------------------------------------------------- linear

OUT_IN = tr("PyTorch keeps the weight as (out_features, in_features), and forward uses its transpose.")
LINEAR_NAMES = tr("The parameters are called weight and bias, as in nn.Linear; without bias there is the weight alone.")
ALL_ALIKE = tr(
    "The weights of all units are the same, so they would get the same gradient and stay identical for ever: start from"
    " random numbers."
)
ALL_INPUTS_ALIKE = tr("A unit of yours has the same weight for every input: draw one random number for each weight.")
NEW_NUMBERS = tr("Two layers begin with the same weights: draw new random numbers in every __init__, and set no seed.")
WEIGHT_SIZE = tr(
    "Each output adds up in_features products: numbers of size about 1/sqrt(in_features) keep it neither tiny nor huge."
)
BIAS_SIZE = tr("Yours are large beside the sum that they are added to: begin with zeros, or as small as the weights.")
BOTH_SIGNS = tr(
    "Your weights lean to one side, so with positive inputs every output does too: draw numbers around 0, as many"
    " positive as negative."
)
OWN_LINEAR = tr("Build it yourself: with nn.Linear inside, or inherited from, there is nothing left to write.")
BIAS_FORGOTTEN = tr("The bias is not added.")
BIAS_TWICE = tr("The bias is added with the wrong sign.")
BIAS_ALWAYS = tr("A bias is added although there is to be none.")
AFTER_THE_SUM = tr(
    "Something is applied to the sum: the layer ends with x W^T + b, and the activation is another layer."
)
USE_PARAMETERS = tr("forward must compute with the parameters themselves: .data, .detach() and copies cut the graph.")


def holds_nn_linear(module):
    """Whether it is PyTorch's own layer, inherits from it, or has one inside."""
    return any(isinstance(part, torch.nn.Linear) for part in module.modules())


def new_layer(student, n_in, n_out, *, bias=True):
    """A layer of the student's own, and its parameters by name."""
    layer = student.Linear(n_in, n_out) if bias else student.Linear(n_in, n_out, bias=False)
    assert_that(
        ask(student, student.define(holds_nn_linear), layer) is False,
        tr("The layer is PyTorch's own nn.Linear."),
        hint=OWN_LINEAR,
    )
    return layer, assert_parameters(student, layer)


def assert_linear_parameters(student, n_in, n_out, *, bias=True):
    """The layer has the parameters of nn.Linear, by name and shape; returns it and them."""
    layer, found = new_layer(student, n_in, n_out, bias=bias)
    shapes = {"weight": (n_out, n_in), "bias": (n_out,)} if bias else {"weight": (n_out, n_in)}
    missing = "bias" in shapes and "bias" not in found and "weight" in found
    assert_that(not missing, tr("The bias is no parameter."), hint=NO_PARAMETERS)
    assert_keys_of(found, shapes)
    for name, shape in shapes.items():
        turned = tuple(found[name].shape) == shape[::-1] != shape
        assert_shape(found[name], shape, name=name, hint=OUT_IN if turned else None)
        assert_that(origin(found[name]).requires_grad, tr("`{name}` does not require a gradient.", name=name))
    return layer, found


def assert_keys_of(found, names):
    """The parameters have exactly these names."""
    assert_that(
        set(found) == set(names),
        tr("The parameters do not have the names that were asked."),
        expected=", ".join(names),
        actual=", ".join(str(name)[:40] for name in found),
        hint=LINEAR_NAMES,
    )


def layer_to_compute_with(student, n_in, n_out, *, bias=True):
    """A layer, its weight as (out, in) and its bias or None: whatever their names, and if the weight is transposed."""
    layer, found = new_layer(student, n_in, n_out, bias=bias)
    weights = [value for value in found.values() if tuple(value.shape) == (n_out, n_in)]
    turned = [value.T for value in found.values() if tuple(value.shape) == (n_in, n_out)]
    biases = [value for value in found.values() if tuple(value.shape) == (n_out,)]
    assert_that(bool(weights or turned), tr("No parameter has the shape of a weight."), hint=OUT_IN)
    return layer, (weights or turned)[0], biases[0] if biases else None


def assert_linear_output(student, x, n_out, *, bias=True, keeps_x=False):
    """The layer computes x W^T + b with its own parameters."""
    layer, weight, added = layer_to_compute_with(student, x.shape[-1], n_out, bias=bias)
    product = x @ weight.T
    if added is None:
        assert_that(not bias, tr("The bias is no parameter."), hint=NO_PARAMETERS)
        right, mistakes = product, []
    elif bias:
        right, mistakes = product + added, [(product, BIAS_FORGOTTEN), (product - added, BIAS_TWICE)]
    else:
        right, mistakes = product, [(product + added, BIAS_ALWAYS)]
    mistakes += [(change(right), AFTER_THE_SUM) for change in (torch.relu, torch.sigmoid, torch.tanh)]
    assert_close(layer(x), right, mistakes=mistakes)
    if keeps_x:
        assert_inputs_unchanged(student)


def assert_linear_gradients(student, x, n_out):
    """Gradients reach the input and every parameter; where the outputs are right, so are they."""
    layer, weight, bias = layer_to_compute_with(student, x.shape[-1], n_out)
    assert_that(bias is not None, tr("The bias is no parameter."), hint=NO_PARAMETERS)
    leaves = {name: value.clone().requires_grad_() for name, value in {"x": x, "weight": weight, "bias": bias}.items()}
    right = F.linear(leaves["x"], leaves["weight"], leaves["bias"])
    (right**2).sum().backward()
    output = layer(x)
    assert_shape(output, right.shape)
    gradients = ask(student, student.define(gradients_through), layer, x)
    assert_returns(gradients, dict)
    for name, value in gradients.items():
        assert_that(value is not None, tr("`{name}` gets no gradient.", name=name), hint=USE_PARAMETERS)
    if set(gradients) == set(leaves) and torch.allclose(output, right, rtol=1e-4, atol=1e-5):
        for name, leaf in leaves.items():
            if gradients[name].shape == leaf.shape:
                assert_returned_gradient(student, "Linear", gradients[name], leaf.grad, name=f"{name}.grad")


def assert_linear_start(student, n_in, n_out):
    """The first weights are random around 0, differ from layer to layer, and have the right size."""
    starts = [layer_to_compute_with(student, n_in, n_out)[1:] for _ in range(2)]
    weight, bias = starts[0][0].double(), starts[0][1]
    assert_that(float(weight.std(dim=0).mean()) > 1e-6, tr("Every unit starts with the same weights."), hint=ALL_ALIKE)
    assert_that(
        float(weight.std(dim=1).mean()) > 1e-6,
        tr("Every input starts with the same weights."),
        hint=ALL_INPUTS_ALIKE,
    )
    assert_that(
        not torch.equal(*(start[0] for start in starts)),
        tr("Two new layers have the same weights."),
        hint=NEW_NUMBERS,
    )
    _assert_size(weight.std(), n_in, tr("The first weights are of the wrong size."), WEIGHT_SIZE)
    # Six standard errors of the mean, and of a fair coin's: once in 500 million layers by chance.
    used = weight[weight != 0]
    leans = abs(float(weight.mean())) > 6 * float(weight.std()) / weight.numel() ** 0.5
    one_sided = abs(int((used > 0).sum()) - int((used < 0).sum())) > 6 * used.numel() ** 0.5
    assert_that(not leans and not one_sided, tr("The first weights are not spread around 0."), hint=BOTH_SIGNS)
    if bias is not None:
        size = bias.double().square().mean().sqrt()
        _assert_size(size, n_in, tr("The first biases are too large."), BIAS_SIZE, least=0)


def _assert_size(size, n_in, problem, hint, *, least=0.05):
    """The size lies between `least` and 4 times 1/sqrt(n_in): every usual way to begin does."""
    in_units = float(size) * n_in**0.5
    assert_that(
        (least < in_units or least == 0) and in_units < 4,
        problem,
        expected=tr("about {size}", size=f"{n_in**-0.5:.2g}"),
        actual=verbatim(f"{float(size):.2g}"),
        hint=hint,
    )


def assert_linear_loads(student, x, n_out):
    """PyTorch's own layer takes its weights, and gives the same outputs."""
    layer, found = assert_linear_parameters(student, x.shape[-1], n_out)
    theirs = torch.nn.Linear(x.shape[-1], n_out)
    theirs.load_state_dict(found)
    right = theirs(x).detach()
    mistakes = [(x @ found["weight"].T, BIAS_FORGOTTEN), (torch.relu(right), AFTER_THE_SUM)]
    assert_close(layer(x), right, mistakes=mistakes)


def outputs_in_double(module, x):
    """The outputs of the module in float64."""
    return module.double()(x)


def assert_linear_double(student, x, n_out):
    """layer.double() computes in float64."""
    layer, weight, bias = layer_to_compute_with(student, x.shape[-1], n_out)
    double = ask(student, student.define(outputs_in_double), layer, x.double())
    assert_plain(double, torch.float64)
    assert_shape(double, (*x.shape[:-1], n_out))
    right = F.linear(x.double(), weight.double(), None if bias is None else bias.double())
    if torch.allclose(double, right, rtol=1e-4, atol=1e-5):
        assert_close(double, right, rtol=1e-10, atol=1e-10, hint=STAYS_DOUBLE)


STAYS_DOUBLE = tr("float64 goes in and comes out, and digits were lost on the way: something was float32 in between.")

GRID = torch.tensor([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]])


@exercise("linear", weight=2)
@pytest.mark.parametrize("bias", [True, False])
def test_linear_parameters(student, bias):
    """Linear(3, 2) has the parameters weight (2, 3) and bias (2,), and only the weight with bias=False."""
    assert_linear_parameters(student, 3, 2, bias=bias)


@exercise("linear", weight=9)
@pytest.mark.parametrize("bias", [True, False])
def test_linear_outputs(student, bias):
    """The outputs are x W^T + b, with its own weight and bias."""
    assert_linear_output(student, GRID, 2, bias=bias)


@exercise("linear")
def test_linear_like_pytorch(student):
    """With the same weights, nn.Linear(3, 5) gives the same outputs."""
    assert_linear_loads(student, GRID, 5)


@exercise("linear")
@pytest.mark.parametrize("shape", [(3,), (2, 4, 3), (0, 3)])
def test_linear_leading_dimensions(student, shape):
    """Only the last dimension of x changes, however many stand before it."""
    assert_linear_output(student, torch.arange(24.0)[: torch.Size(shape).numel()].reshape(shape) / 10, 2)


@exercise("linear")
def test_linear_keeps_x(student):
    """x is not changed."""
    layer, _, _ = layer_to_compute_with(student, 3, 2)
    assert_shape(layer(GRID), (2, 2))
    assert_inputs_unchanged(student)


@exercise("linear", weight=4)
def test_linear_gradients(student):
    """Gradients reach x, weight and bias."""
    assert_linear_gradients(student, GRID, 2)


@exercise("linear", weight=3)
def test_linear_first_weights(student):
    """The first weights are random numbers around 0 of size about 1/sqrt(in_features), and the biases no larger."""
    assert_linear_start(student, 400, 50)


@exercise("linear")
def test_linear_device(student):
    """After layer.to("cuda") it would work on a GPU, and after layer.double() in float64."""
    assert_linear_double(student, GRID, 2)
    assert_device_agnostic(student, student.define(outputs_on), student.Linear, (3, 2), GRID, hint=MOVES_WITH_TO)


MOVES_WITH_TO = tr(".to(device) moves parameters, and buffers, and nothing else: keep no plain tensors in a module.")

# ---------------------------------------------------------------------------------------------- activation

ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}

OVERFLOW = tr(
    "exp(100) is infinite in float32, and infinity divided by infinity is NaN: only take exp of numbers that are not"
    " positive, such as -abs(x)."
)
A_FUNCTION = tr("Return a function of x, without calling it: activation(name)(x) calls it later.")
BY_HAND = tr("Write it with exp, abs, where, clamp, tanh's and sigmoid's formulas: PyTorch's own are for comparing.")
BY_FORMULA = tr("Write the derivative's formula: autograd is there to compare it with.")
DIFFERENCES = tr(
    "It is right to a few digits only, as a quotient of differences is, or a result in float32: a formula in the"
    " input's dtype gives all of them."
)
IN_PLACE = tr("A name that ends in _ (clamp_, relu_, mul_) changes the tensor itself: use the version without it.")
SIGMOID_GRAD = tr("The derivative of the sigmoid is s (1 - s), with s = sigmoid(x) and not x itself.")
TANH_GRAD = tr("The derivative of tanh is 1 - t², with t = tanh(x) and not x itself.")
RELU_GRAD = tr("ReLU has slope 1 where x is positive and 0 where it is negative.")
NOT_THE_VALUE = tr("That is the function itself: its derivative was asked.")
FORBIDDEN = frozenset(
    {"sigmoid", "sigmoid_", "tanh", "tanh_", "relu", "relu_", "Sigmoid", "Tanh", "ReLU", "expit", "logit", "sech"}
    | {"logsigmoid", "LogSigmoid", "relu6", "ReLU6", "leaky_relu", "LeakyReLU", "silu", "SiLU", "threshold", "softmax"}
)
LOOKUPS = frozenset({"getattr", "eval", "exec", "__dict__", "vars"})


def function_from(student, maker, name):
    """What `activation` or `act_grad` returns for `name`: a function."""
    function = student[maker](name)
    assert_that(
        isinstance(function, Remote),
        tr("{call} should return a function.", call=f'{maker}("{name}")'),
        hint=A_FUNCTION,
    )
    function.label = f'{maker}("{name}")'
    return function


def derivative(name, x):
    """The derivative, by autograd in float64."""
    x = x.detach().double().requires_grad_()
    ACTIVATIONS[name](x).sum().backward()
    return x.grad


def grad_mistakes(name, x):
    """The derivatives that are written by mistake."""
    x = x.double()
    wrong = {"sigmoid": x * (1 - x), "tanh": 1 - x**2, "relu": (x < 0).double()}[name]
    hint = {"sigmoid": SIGMOID_GRAD, "tanh": TANH_GRAD, "relu": RELU_GRAD}[name]
    return [(wrong, hint), (ACTIVATIONS[name](x), NOT_THE_VALUE)]


def assert_activation(student, name, x):
    """The activation has the right values, keeps shape, dtype and x."""
    function = function_from(student, "activation", name)
    value = function(x)
    right = ACTIVATIONS[name](x.double())
    assert_shape(value, x.shape)
    assert_plain(value, x.dtype)
    assert_that(bool(torch.isfinite(value).all()), tr("The result holds NaN or infinity."), hint=OVERFLOW)
    assert_close(value, right)
    assert_inputs_unchanged(student, hint=IN_PLACE)


def assert_act_grad(student, name, x):
    """The derivative has the right values, keeps shape, dtype and x; at ReLU's corner anything from 0 to 1 will do."""
    value = function_from(student, "act_grad", name)(x)
    right = derivative(name, x)
    assert_shape(value, x.shape)
    assert_plain(value, x.dtype)
    if name == "relu":
        corner = x == 0
        right = torch.where(corner & (value >= 0) & (value <= 1), value.double(), right)
    assert_that(bool(torch.isfinite(value).all()), tr("The result holds NaN or infinity."), hint=OVERFLOW)
    assert_close(value, right, mistakes=grad_mistakes(name, x))
    assert_inputs_unchanged(student, hint=IN_PLACE)


READY_MADE = [
    f"aten::{name}{ending}"
    for name in (
        *("sigmoid", "tanh", "relu", "relu6", "hardtanh", "threshold", "leaky_relu", "prelu", "rrelu", "elu", "celu"),
        *("selu", "silu", "gelu", "mish", "glu", "hardswish", "hardsigmoid", "softplus", "log_sigmoid", "softmax"),
        *("log_softmax", "logaddexp", "logit", "softshrink", "hardshrink", "logcumsumexp", "logsumexp"),
    )
    for ending in ("", "_", "_forward", "_backward", "_kernel")
]
"""PyTorch's activations, and what gives one of the three by a single call."""


def assert_source_by_hand(student, maker):
    """No ready-made activation, and nothing looked up by its name, in the source of `maker`; NumPy's is seen here."""
    used = {
        found
        for found in dotted_names(student.cells, maker)
        if ("." in found and found.split(".")[-1] in FORBIDDEN) or found.split(".")[-1] in LOOKUPS
    }
    assert_that(
        not used,
        tr("It is built from a ready-made activation: {names}.", names=", ".join(sorted(used))),
        hint=BY_HAND,
    )


def assert_by_hand(student, name, x):
    """The values are right, and no ready-made activation made them."""
    function = function_from(student, "activation", name)
    assert_close(function(x), ACTIVATIONS[name](x.double()))
    assert_source_by_hand(student, "activation")
    assert_without_operations(student, function, x, forbidden=READY_MADE, hint=BY_HAND)


def assert_derivative_by_hand(student, name, x):
    """The derivative is right to the last digits, and neither autograd nor a ready-made activation made it."""
    function = function_from(student, "act_grad", name)
    value, right = function(x), derivative(name, x)
    assert_close(value, right, mistakes=grad_mistakes(name, x))
    assert_source_by_hand(student, "act_grad")
    assert_without_operations(student, function, x, forbidden=AUTOGRAD, hint=BY_FORMULA)
    assert_without_operations(student, function, x, forbidden=READY_MADE, hint=BY_HAND)
    # Formulas are within 1e-15 of one another; five-point differences, the best that float64 allows, within 1e-13.
    assert_close(value, right, rtol=0, atol=1e-14, hint=DIFFERENCES)


NEAR = torch.tensor([[-3.0, -0.5, 0.25], [0.75, 2.0, 5.0]])
FAR = torch.tensor([-100.0, -30.0, 0.0, 30.0, 100.0])


@exercise("activation", weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_values(student, name):
    """The three activations have the right values."""
    assert_activation(student, name, NEAR)


@exercise("activation", weight=2)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_grad_values(student, name):
    """The three derivatives have the right values."""
    assert_act_grad(student, name, NEAR)


@exercise("activation", weight=5)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_far_out(student, name):
    """Nothing overflows at -100 and 100, in float32."""
    assert_activation(student, name, FAR)
    assert_act_grad(student, name, FAR)


@exercise("activation", weight=12)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_by_hand(student, name):
    """The activations are written by hand."""
    assert_by_hand(student, name, NEAR)


@exercise("activation", weight=6)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_grad_by_hand(student, name):
    """The derivatives are written by hand: neither autograd nor quotients of differences."""
    assert_derivative_by_hand(student, name, NEAR.double())


@exercise("activation")
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_follows(student, name):
    """They keep float64, and autograd can follow them."""
    assert_activation(student, name, NEAR.double())
    assert_act_grad(student, name, NEAR.double())
    x = torch.tensor([-1.5, 0.5, 2.0], dtype=torch.float64)
    function = function_from(student, "activation", name)
    assert_gradients(student, function, x, expected=[derivative(name, x)], names=["x"])


@exercise("activation")
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_device(student, name):
    """They would work on a GPU."""
    assert_activation(student, name, NEAR)
    assert_act_grad(student, name, NEAR)
    for maker in ("activation", "act_grad"):
        assert_device_agnostic(student, function_from(student, maker, name), NEAR)


# ---------------------------------------------------------------------------------------- count_parameters

COUNT_BIAS = tr("The biases count too: a layer from n to m values has n × m weights and m biases.")
COUNT_BUFFERS = tr(
    "Buffers (the running means of batch normalisation) are in state_dict() and are no parameters: nothing adjusts them"
    " by gradients."
)
COUNT_FROZEN = tr("A frozen parameter has requires_grad=False: it only counts with trainable_only=False.")
COUNT_ALL = tr("With trainable_only=False every parameter counts, frozen or not.")
COUNT_TIED = tr("Two layers that share one tensor have it once: named_parameters() lists it once.")
COUNT_SHAPE = tr("numel() is right for any number of dimensions: a bias has one, a convolution's weight four.")
ENTRIES_NOT_TENSORS = tr("You count tensors: what is asked is how many numbers they hold.")


def plain_net(sizes):
    """An MLP with ReLU of these sizes."""
    from itertools import pairwise

    layers = [layer for n, m in pairwise(sizes) for layer in (torch.nn.Linear(n, m), torch.nn.ReLU())]
    return torch.nn.Sequential(*layers[:-1])


def digit_cnn():
    """Two convolutions and two fully connected layers, for 28×28 images."""
    from collections import OrderedDict

    nn = torch.nn
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 32, 3),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(32, 64, 3),
            relu2=nn.ReLU(),
            pool=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc1=nn.Linear(9216, 128),
            relu3=nn.ReLU(),
            fc2=nn.Linear(128, 10),
        )
    )


def normalised_net(n, m):
    """A net with batch normalisation, which has buffers."""
    return torch.nn.Sequential(torch.nn.Linear(n, m), torch.nn.BatchNorm1d(m), torch.nn.Linear(m, 2, bias=False))


def frozen_net(n, m):
    """A net whose first layer is frozen."""
    model = torch.nn.Sequential(torch.nn.Linear(n, m), torch.nn.ReLU(), torch.nn.Linear(m, 3))
    model[0].requires_grad_(False)
    return model


def tied_net(n):
    """A net whose two layers share one weight."""
    model = torch.nn.Sequential(torch.nn.Linear(n, n), torch.nn.Tanh(), torch.nn.Linear(n, n))
    model[2].weight = model[0].weight
    return model


def odd_parameters(n):
    """A module with a scalar parameter, an empty one, two of the same values and one of three dimensions."""

    class Odd(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.tensor(2.0))
            self.nothing = torch.nn.Parameter(torch.zeros(0, n))
            self.left = torch.nn.Parameter(torch.zeros(n))
            self.right = torch.nn.Parameter(torch.zeros(n))
            self.cube = torch.nn.Parameter(torch.zeros(n, 2, 3))

    return Odd()


def flags_of(model):
    """Which parameters require a gradient."""
    return [parameter.requires_grad for parameter in model.parameters()]


def count_mistakes(model, trainable_only):
    """The wrong totals that this model can bring about, each with its hint."""
    once = list(model.parameters())
    trainable = [parameter for parameter in once if parameter.requires_grad]
    every = [parameter for _, parameter in model.named_parameters(remove_duplicate=False)]
    matrices = [parameter for parameter in once if parameter.ndim > 1]
    mistakes = [(len(once), ENTRIES_NOT_TENSORS)]
    if len(trainable) < len(once):
        mistakes += [(size_of(once), COUNT_FROZEN)] if trainable_only else [(size_of(trainable), COUNT_ALL)]
    if len(every) > len(once):
        mistakes.append((size_of(every), COUNT_TIED))
    if list(model.buffers()):
        mistakes.append((size_of(model.state_dict().values()), COUNT_BUFFERS))
    mistakes.append((size_of(matrices), COUNT_BIAS))
    flat = sum(parameter.shape[0] * parameter.shape[1] for parameter in matrices)
    mistakes += [(flat, COUNT_SHAPE), (flat + size_of(p for p in once if p.ndim == 1), COUNT_SHAPE)]
    return mistakes


def size_of(tensors):
    """How many numbers they hold together."""
    return sum(tensor.numel() for tensor in tensors)


def assert_counts(student, build, *arguments, trainable_only=True):
    """The total and the number for each name are right, and the model is as it was."""
    model = build(*arguments)
    counted = [(name, p) for name, p in model.named_parameters() if p.requires_grad or not trainable_only]
    per_name = {name: parameter.numel() for name, parameter in counted}
    remote = student.define(build)(*arguments)
    remote.label = "model"
    result = (
        student.count_parameters(remote) if trainable_only else student.count_parameters(remote, trainable_only=False)
    )
    assert_returns(result, tuple)
    assert_length(result, 2)
    total, names = result
    assert_python_number(total, int, name="total")
    total_right = sum(per_name.values())
    for wrong, hint in count_mistakes(model, trainable_only):
        assert_that(
            total == total_right or total != wrong,
            tr("The total is wrong."),
            expected=str(total_right),
            actual=str(total)[:40],
            hint=hint,
        )
    assert_that(total == total_right, tr("The total is wrong."), expected=str(total_right), actual=str(total)[:40])
    assert_returns(names, dict, name="per_name")
    assert_equal(names, per_name, name="per_name", hint=PER_NAME)
    flags = ask(student, student.define(flags_of), remote)
    assert_equal(flags, flags_of(model), name="requires_grad")


PER_NAME = tr(
    'per_name gives the number for each name of model.named_parameters() that is counted, as in {"0.weight": 6, …}.'
)


@exercise("count_parameters", weight=2)
@pytest.mark.parametrize("sizes", [(2, 3, 2), (784, 32, 16, 10), (784, 120, 84, 10)])
def test_counts_of_mlps(student, sizes):
    """2-3-2 has 17 parameters, 784-32-16-10 has 25,818, and 784-120-84-10 has 105,214."""
    assert_counts(student, plain_net, sizes)


@exercise("count_parameters")
def test_counts_of_a_cnn(student):
    """A small convolutional network for digits has 1,199,882 parameters."""
    assert_counts(student, digit_cnn)


@exercise("count_parameters")
@pytest.mark.parametrize("trainable_only", [True, False])
def test_counts_frozen(student, trainable_only):
    """Frozen parameters count only with trainable_only=False."""
    assert_counts(student, frozen_net, 4, 5, trainable_only=trainable_only)


@exercise("count_parameters")
def test_counts_buffers_and_ties(student):
    """Buffers do not count, and a shared parameter counts once."""
    assert_counts(student, normalised_net, 4, 6)
    assert_counts(student, tied_net, 5)


@exercise("count_parameters")
def test_counts_any_shape(student):
    """A parameter may have any number of dimensions, also none."""
    assert_counts(student, odd_parameters, 4)


# ----------------------------------------------------------------------------------------------- build_mlp

LAST_ACTIVATION = tr(
    "Something follows the last Linear. Its outputs are the logits, which may be any numbers: the loss function applies"
    " the softmax itself."
)
NO_ACTIVATION = tr("Without an activation between them, Linear layers collapse into a single one.")
NO_FLATTEN = tr("Images come as (N, 1, 28, 28) and Linear wants (N, 784): begin with nn.Flatten().")
CHAIN_SIZES = tr(
    "Each Linear takes what the one before it gives: after adding a layer, its output size is the next input size."
)
ACT_IGNORED = tr("The activation is the one given as act: act() makes a layer of it.")
RETURN_MISSING = tr("Does the function end with return, and does it return the model itself?")
UNPACK = tr("nn.Sequential takes the layers one by one: nn.Sequential(*layers).")
HIDDEN_CHANGED = tr("The list hidden belongs to the caller: make a new one, [in_dim, *hidden, out_dim].")


def layers_of(model):
    """The kind of the model, the kinds of its layers and the shapes of its parameters."""
    return {
        "is_sequential": isinstance(model, torch.nn.Sequential),
        "is_module": isinstance(model, torch.nn.Module),
        "kinds": [type(layer).__name__ for layer in model] if isinstance(model, torch.nn.Sequential) else [],
        "shapes": [tuple(parameter.shape) for parameter in model.parameters()],
    }


def parameters_in_order(module):
    """The parameters, in the module's order."""
    return list(module.parameters())


def make_tanh():
    """An activation of another class."""
    return torch.nn.Tanh()


def make_leaky():
    """An activation with an argument."""
    return torch.nn.LeakyReLU(0.3)


ACTS = {
    None: ("ReLU", torch.relu),
    make_tanh: ("Tanh", torch.tanh),
    make_leaky: ("LeakyReLU", lambda x: F.leaky_relu(x, 0.3)),
}


def expected_shapes(sizes):
    """The shapes of weights and biases, layer by layer."""
    return [shape for n, m in pairwise(sizes) for shape in ((m, n), (m,))]


def expected_kinds(count, act):
    """Flatten, and Linear with an activation between one and the next."""
    return ["Flatten", *["Linear", act] * (count - 1), "Linear"]


def kind_mistakes(count, act):
    """The wrong lists of layers, each with its hint."""
    right = expected_kinds(count, act)
    return [
        (right[1:], NO_FLATTEN),
        *(([*right, last], LAST_ACTIVATION) for last in (act, "Softmax", "LogSoftmax", "Sigmoid")),
        *(([*right[1:], last], LAST_ACTIVATION) for last in (act, "Softmax", "LogSoftmax")),
        (["Flatten", *["Linear"] * count], NO_ACTIVATION),
        (["Linear"] * count, NO_ACTIVATION),
        ([kind if kind != act else "ReLU" for kind in right], ACT_IGNORED),
    ]


def new_network(student, maker, sizes, act, *, keeps_hidden=False):
    """A network made by `build_mlp` or `MLP`."""
    hidden = student.put(list(sizes[1:-1]))
    options = {} if act is None else {"act": student.define(act)}
    try:
        model = student[maker](sizes[0], hidden, sizes[-1], **options)
    except StudentError as error:
        if "is not a Module subclass" in error.message:
            raise CheckFailure(tr("nn.Sequential got something that is no layer."), hint=UNPACK) from error
        raise
    assert_that(
        isinstance(model, Remote),
        tr("{call} should return a model.", call=f"{maker}(…)"),
        hint=UNPACK if isinstance(model, list) else RETURN_MISSING,
    )
    model.label = "model"
    if keeps_hidden:
        assert_equal(hidden.fetch(), list(sizes[1:-1]), name="hidden", hint=HIDDEN_CHANGED)
    return model


def assert_keeps_hidden(student, maker, sizes):
    """A network is made, and the list that it was made from is left alone."""
    model = new_network(student, maker, sizes, None, keeps_hidden=True)
    parameters_by_shape(student, model, sizes)


def network(parameters, x, act, *, between=True, last=lambda logits: logits):
    """The definition, from weights and biases in order. `between` and `last` make mistakes on purpose."""
    values = x.flatten(1)
    for position in range(0, len(parameters), 2):
        values = F.linear(values, parameters[position].to(x.dtype), parameters[position + 1].to(x.dtype))
        if between and position + 2 < len(parameters):
            values = act(values)
    return last(values)


def by_shape(found, sizes):
    """Parameters in the network's order, found by their shapes, which must differ."""
    table = {tuple(value.shape): value for value in found}
    return [table[shape] for shape in expected_shapes(sizes)]


def assert_network_shapes(shapes, sizes):
    """There are exactly the weights and biases of a network of these sizes, in any order."""
    right = expected_shapes(sizes)
    assert_returns(shapes, list)
    assert_that(len(shapes) > 0, tr("The module has no parameters."), hint=IN_A_LIST)
    assert_that(
        sorted(map(str, shapes)) == sorted(map(str, right)),
        tr("The parameters do not have the shapes of this network."),
        expected=", ".join(map(str, right)),
        actual=", ".join(map(str, shapes))[:300],
        hint=CHAIN_SIZES,
    )


IN_A_LIST = tr(
    "parameters() is empty, so an optimizer would see nothing: layers in a plain list are not registered; use"
    " nn.ModuleList or nn.Sequential."
)


SCORES = (lambda z: z, lambda z: z.softmax(1), lambda z: z.log_softmax(1))
LASTS = (*SCORES[1:], torch.sigmoid, torch.relu, torch.tanh)


def parameters_by_shape(student, model, sizes):
    """The network's weights and biases in its order; there are no others."""
    found = ask(student, student.define(parameters_in_order), model)
    assert_returns(found, list)
    for value in found:
        assert_plain(value, torch.float32)
    assert_network_shapes([tuple(value.shape) for value in found], sizes)
    return by_shape(found, sizes)


def assert_logits(student, model, sizes, act, x, *, any_last=False):
    """The outputs are those of the definition, for these parameters; with `any_last`, a softmax may follow them."""
    parameters, function = parameters_by_shape(student, model, sizes), ACTS[act][1]
    right = network(parameters, x, function)
    value = model(x)
    lasts = (*LASTS, function)
    if any_last and isinstance(value, torch.Tensor) and value.shape == right.shape and origin(value).has_data:
        right = next(
            (last(right) for last in SCORES if torch.allclose(value, last(right), rtol=1e-4, atol=1e-5)), right
        )
    assert_close(
        value,
        right,
        mistakes=[
            (network(parameters, x, function, between=False), NO_ACTIVATION),
            *((network(parameters, x, function, last=last), LAST_ACTIVATION) for last in lasts),
            *((network(parameters, x, other), ACT_IGNORED) for _, other in ACTS.values()),
        ],
    )


def layers_in(student, model):
    """The kinds and the shapes of the layers of an nn.Sequential."""
    found = ask(student, student.define(layers_of), model)
    assert_returns(found, dict)
    assert_that(
        found["is_sequential"] is True, tr("The result should be an nn.Sequential."), actual=verbatim(model.type_name)
    )
    return found["kinds"], found["shapes"]


def assert_built(student, sizes, act, x):
    """`build_mlp` gives a Sequential of the layers that were asked, with the right outputs."""
    model = new_network(student, "build_mlp", sizes, act)
    kinds, shapes = layers_in(student, model)
    assert_equal(
        kinds,
        expected_kinds(len(sizes) - 1, ACTS[act][0]),
        name=tr("The list of layers"),
        mistakes=kind_mistakes(len(sizes) - 1, ACTS[act][0]),
        hint=tr("Flatten comes first; then Linear layers, with an activation between each and the next."),
    )
    assert_equal(shapes, expected_shapes(sizes), name=tr("The list of shapes"), hint=CHAIN_SIZES)
    assert_logits(student, model, sizes, act, x)


def assert_built_with_act(student, sizes, act):
    """Between two Linear layers stands the activation that is given, and nothing else."""
    kinds, _ = layers_in(student, new_network(student, "build_mlp", sizes, act))
    linear = [position for position, kind in enumerate(kinds) if kind == "Linear"]
    between = [kinds[start + 1 : end] for start, end in pairwise(linear)]
    count = len(sizes) - 2
    assert_equal(
        between,
        [[ACTS[act][0]]] * count,
        name=tr("The list of what stands between the Linear layers"),
        mistakes=[([["ReLU"]] * count, ACT_IGNORED), ([[]] * count, NO_ACTIVATION)],
        hint=CHAIN_SIZES if len(linear) != count + 1 else None,
    )


def assert_takes_images(student, maker, sizes, images, hint):
    """The network gives one row for each image: the same as for its pixels in a row."""
    model = new_network(student, maker, sizes, None)
    parameters_by_shape(student, model, sizes)
    try:
        value = model(images)
    except StudentError as error:
        if "shapes cannot be multiplied" in error.message:
            raise CheckFailure(tr("The model does not take images."), hint=hint) from error
        raise
    assert_shape(value, (len(images), sizes[-1]))
    assert_inputs_unchanged(student)
    assert_close(value, model(images.flatten(1)))


def assert_double(student, maker, sizes, x):
    """model.double() computes in float64, and two models have nothing in common."""
    model, other = (new_network(student, maker, sizes, None) for _ in range(2))
    before = parameters_by_shape(student, model, sizes)
    assert_that(
        not any(map(torch.equal, before[::2], parameters_by_shape(student, other, sizes)[::2])),
        tr("Two new models have the same weights."),
        hint=tr("Each model makes layers of its own, in __init__ and not in the class, and with no seed."),
    )
    value = ask(student, student.define(outputs_in_double), model, x.double())
    assert_plain(value, torch.float64)
    assert_shape(value, (len(x), sizes[-1]))


@exercise("build_mlp", weight=4)
def test_build_two_hidden(student):
    """build_mlp(5, [7, 3], 2) is Flatten, Linear, ReLU, Linear, ReLU, Linear, and gives logits."""
    assert_built(student, (5, 7, 3, 2), None, ramp(4, 5))


@exercise("build_mlp", weight=2)
def test_build_no_hidden(student):
    """Without hidden layers it is Flatten and a single Linear."""
    assert_built(student, (4, 3), None, ramp(2, 4))


@exercise("build_mlp", weight=2)
@pytest.mark.parametrize("act", [make_tanh, make_leaky])
def test_build_act(student, act):
    """The activation is the one that is given."""
    assert_built_with_act(student, (5, 6, 3, 2), act)


@exercise("build_mlp", weight=2)
def test_build_images(student):
    """It takes images: build_mlp(784, [32, 16], 10) on (2, 1, 28, 28)."""
    assert_takes_images(student, "build_mlp", (784, 32, 16, 10), ramp(2, 1, 28, 28), NO_FLATTEN)


@exercise("build_mlp")
def test_build_double(student):
    """Each model has weights of its own, and works in float64 after model.double()."""
    assert_double(student, "build_mlp", (5, 7, 3, 2), ramp(4, 5))


@exercise("build_mlp")
def test_build_keeps_hidden(student):
    """The list hidden is not changed."""
    assert_keeps_hidden(student, "build_mlp", (5, 7, 3, 2))


# ----------------------------------------------------------------------------------------------------- mlp

SUPER_OF_TYPE = tr(
    "super(type(self), self) finds this very class again as soon as somebody inherits from it: write"
    " super().__init__()."
)
FLATTEN_IN_FORWARD = tr("Images come as (N, 1, 28, 28): flatten all but the first dimension, x.flatten(1).")
UNUSED_LAYERS = tr("No gradient reaches some parameters: forward does not use every layer, or cuts the graph.")


def subclass_of(base):
    """A class that inherits from the student's and adds nothing."""
    return type("Child", (base,), {})


def is_module(value):
    """Whether it is an nn.Module."""
    return isinstance(value, torch.nn.Module)


def new_mlp(student, sizes, act=None):
    """An `MLP` that is a module."""
    model = new_network(student, "MLP", sizes, act)
    assert_that(
        ask(student, student.define(is_module), model) is True,
        tr("MLP should be an nn.Module."),
        actual=verbatim(model.type_name),
    )
    return model


def assert_mlp(student, sizes, act, x, *, any_last=False):
    """`MLP` is a module with the right outputs."""
    assert_logits(student, new_mlp(student, sizes, act), sizes, act, x, any_last=any_last)
    assert_inputs_unchanged(student)


def assert_mlp_learns(student, sizes, x):
    """Gradients reach every parameter."""
    model = new_mlp(student, sizes)
    parameters_by_shape(student, model, sizes)
    assert_shape(model(x), (len(x), sizes[-1]))
    gradients = ask(student, student.define(gradients_through), model, x)
    assert_returns(gradients, dict)
    for name, gradient in gradients.items():
        assert_that(
            isinstance(gradient, torch.Tensor), tr("No gradient reaches `{name}`.", name=name), hint=UNUSED_LAYERS
        )


def with_weights_of(model, other, x):
    """The outputs of both, the first with the weights of the second."""
    model.load_state_dict(other.state_dict())
    return model(x), other(x)


def assert_subclass(student, sizes, x):
    """A class that inherits from MLP works as MLP does."""
    parent = new_mlp(student, sizes)
    child = student.define(subclass_of)(student.MLP)
    try:
        model = child(sizes[0], list(sizes[1:-1]), sizes[-1])
    except StudentError as error:
        asks_type = any(re.search(r"super\(\s*(type\(self\)|self\.__class__)", cell) for cell in student.cells)
        if asks_type or error.type_name == "RecursionError":
            raise CheckFailure(tr("A class that inherits from MLP cannot be created."), hint=SUPER_OF_TYPE) from error
        raise
    assert_that(isinstance(model, Remote), tr("{call} should return a model.", call="Child(…)"))
    model.label = "child"
    parameters_by_shape(student, model, sizes)
    outputs = student.define(with_weights_of)(model, parent, x)
    assert_length(outputs, 2)
    assert_shape(outputs[1], (len(x), sizes[-1]))
    assert_close(outputs[0], outputs[1].detach())


def assert_not_affine(student, sizes, a, b):
    """f(a) + f(b) - f(0) differs from f(a + b): the network bends."""
    model = new_mlp(student, sizes)
    parameters_by_shape(student, model, sizes)
    outputs = [model(value) for value in (a, b, torch.zeros_like(a), a + b)]
    for value in outputs:
        assert_shape(value, (len(a), sizes[-1]))
        assert_plain(value, torch.float32)
    bend = (outputs[0] + outputs[1] - outputs[2] - outputs[3]).abs().max()
    assert_that(float(bend) > 1e-4, tr("The network is one straight (affine) map."), hint=NO_ACTIVATION)


@exercise("mlp", weight=10)
def test_mlp_outputs(student):
    """MLP(5, [7, 3], 2) gives the logits of its own weights and biases."""
    assert_mlp(student, (5, 7, 3, 2), None, ramp(4, 5))
    assert_mlp(student, (4, 3), None, ramp(4, 4))


@exercise("mlp", weight=2)
def test_mlp_act_and_depth(student):
    """The activation and the number of hidden layers are the ones that are given."""
    assert_mlp(student, (5, 6, 4, 3, 2), make_tanh, ramp(4, 5), any_last=True)


@exercise("mlp")
def test_mlp_images(student):
    """It takes a single image, (1, 1, 28, 28)."""
    assert_takes_images(student, "MLP", (784, 32, 16, 10), ramp(1, 1, 28, 28), FLATTEN_IN_FORWARD)


@exercise("mlp", weight=3)
def test_mlp_gradients(student):
    """Gradients reach every parameter."""
    assert_mlp_learns(student, (5, 7, 3, 2), ramp(4, 5))


@exercise("mlp", weight=5)
def test_mlp_subclass(student):
    """A class that inherits from MLP works too."""
    assert_subclass(student, (5, 7, 3, 2), ramp(4, 5))


@exercise("mlp")
def test_mlp_bends(student):
    """The network is not a straight (affine) map."""
    assert_not_affine(student, (5, 32, 24, 3), 3 * ramp(6, 5), 2 * ramp(5, 6).T)


@exercise("mlp")
def test_mlp_double(student):
    """Each model has weights of its own, and works in float64 after model.double()."""
    assert_double(student, "MLP", (5, 7, 3, 2), ramp(4, 5))


@exercise("mlp")
def test_mlp_keeps_hidden(student):
    """The list hidden is not changed."""
    assert_keeps_hidden(student, "MLP", (5, 7, 3, 2))


# ------------------------------------------------------------------------------------------------ collapse

ORDER = tr("The layer that is applied last stands leftmost in the product: B(Ax) = (BA)x.")
BIASES_ADDED = tr(
    "The biases are only added up, and the next layer multiplies a bias too: B(Ax + a) + b = BAx + Ba + b."
)
BIASES_LOST = tr("The bias is zero, and the layers have some: B(Ax + a) + b = BAx + Ba + b.")
LAST_FORGOTTEN = tr("The bias of the last layer is missing: B(Ax + a) + b = BAx + Ba + b.")
LAST_BIAS = tr("The last layer's bias alone is not enough: B(Ax + a) + b = BAx + Ba + b.")
EXACT = tr(
    "It is nearly right, as by training or in float32: the product is exact, computed from the weights in their dtype."
)
PAIR_ONLY = tr("That is the product of two of the layers: go through all of them.")
ONE_WEIGHT = tr("That is the weight of one of the layers: the product of all of them was asked.")
LINEAR_ASKED = tr("Make a new nn.Linear(in, out) and copy the weight and the bias that you computed into it.")
LAYER_CHANGED = tr("Your code writes into layers that belong to the caller: compute with copies of their values.")
OWN_WEIGHTS = tr("The new layer shares its memory with an old one: copy the values (copy_, clone).")


def linear_stack(weights, biases):
    """nn.Linear layers with these weights; a bias of None is none."""
    nn = torch.nn
    layers = []
    for weight, bias in zip(weights, biases):  # noqa: B905 - sent to whatever Python the student has
        layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, dtype=weight.dtype)
        layer.weight.data.copy_(weight)
        if bias is not None:
            layer.bias.data.copy_(bias)
        layers.append(layer)
    return nn.Sequential(*layers)


def linear_facts(layer, stack):
    """What is to be known of the layer that `collapse` returned."""
    is_linear = isinstance(layer, torch.nn.Linear)
    own = [parameter.data_ptr() for parameter in (layer.parameters() if is_linear else [])]
    old = [parameter.data_ptr() for parameter in stack.parameters()]
    return {
        "is_linear": is_linear,
        "in_features": getattr(layer, "in_features", None),
        "out_features": getattr(layer, "out_features", None),
        "weight": getattr(layer, "weight", None),
        "bias": getattr(layer, "bias", None),
        "shares": bool(set(own) & set(old)),
    }


def product(weights, biases):
    """The one layer that does what all of them do: W = W_n … W_1, b by the same maps."""
    weight, bias = weights[0], biases[0]
    bias = torch.zeros(len(weight), dtype=weight.dtype) if bias is None else bias
    for following, added in zip(weights[1:], biases[1:], strict=True):
        weight, bias = following @ weight, following @ bias + (0 if added is None else added)
    return weight, bias


def wrong_products(weights):
    """The weights that come of the wrong order, where the shapes allow it."""
    wrong = []
    if all(weight.shape == weights[0].shape and weight.shape[0] == weight.shape[1] for weight in weights):
        turned = weights[0]
        for following in weights[1:]:
            turned = turned @ following
        wrong.append((turned, ORDER))
    wrong += [(weight, ONE_WEIGHT) for weight in weights if len(weights) > 1]
    wrong += [(second @ first, PAIR_ONLY) for first, second in pairwise(weights) if len(weights) > 2]
    return wrong


def wrong_biases(weights, biases):
    """The biases that come of forgetting the maps after them."""
    given = [bias for bias in biases if bias is not None]
    wrong = []
    if biases[-1] is not None:
        wrong.append((biases[-1], LAST_BIAS))
    if given and all(bias.shape == given[0].shape for bias in given) and len(given[0]) == len(weights[-1]):
        wrong.append((torch.stack(given).sum(0), BIASES_ADDED))
    if given:
        wrong.append((torch.zeros_like(given[0][:1]).expand(len(weights[-1])), BIASES_LOST))
    if biases[-1] is not None:
        wrong.append((product(weights, [*biases[:-1], None])[1], LAST_FORGOTTEN))
    return wrong


def is_near(value, right):
    """Whether it is the right value but for a small error."""
    near = isinstance(value, torch.Tensor) and value.shape == right.shape and origin(value).has_data
    return near and float((value.detach().double() - right).norm()) < 0.05 * float(right.norm())


def assert_collapse(student, weights, biases, *, exact=False, leaves=False, rtol=1e-4, atol=1e-5):
    """`collapse` gives one nn.Linear with the product's weight and bias.

    With `exact`, to the last digits and in the layers' dtype; with `leaves`, the layers that were given are left alone.
    """
    if exact:
        rtol = atol = 1e-10 if weights[0].dtype == torch.float64 else 1e-4
    stack = student.define(linear_stack)(weights, biases)
    stack.label = "layers"
    with autograd_left_on(student, is_judged=leaves):
        layer = student.collapse(stack)
    assert_that(isinstance(layer, Remote), tr("The result should be an nn.Linear."), hint=LINEAR_ASKED)
    facts = ask(student, student.define(linear_facts), layer, stack)
    assert_returns(facts, dict)
    assert_that(
        facts["is_linear"] is True,
        tr("The result should be an nn.Linear."),
        actual=verbatim(layer.type_name),
        hint=LINEAR_ASKED,
    )
    weight, bias = product(weights, biases)
    assert_close(
        facts["weight"],
        weight,
        rtol=rtol,
        atol=atol,
        name="weight",
        mistakes=wrong_products(weights),
        hint=EXACT if is_near(facts["weight"], weight) else None,
    )
    if exact:
        assert_dtype(facts["weight"], weight.dtype, name="weight")
    if facts["bias"] is not None or any(given is not None for given in biases):
        assert_close(
            facts["bias"],
            bias,
            rtol=rtol,
            atol=atol,
            name="bias",
            mistakes=wrong_biases(weights, biases),
            hint=EXACT if is_near(facts["bias"], bias) else None,
        )
    assert_equal(facts["in_features"], weight.shape[1], name="in_features", hint=LINEAR_ASKED)
    assert_equal(facts["out_features"], weight.shape[0], name="out_features", hint=LINEAR_ASKED)
    if not leaves:
        return
    assert_that(facts["shares"] is False, tr("The new layer is not independent of the old ones."), hint=OWN_WEIGHTS)
    flags = ask(student, student.define(flags_of), stack)
    assert_that(
        isinstance(flags, list) and all(flags),
        tr("The layers that were given are frozen afterwards."),
        hint=tr("Your code switches requires_grad off on layers that belong to the caller: use torch.no_grad()."),
    )
    kept = ask(student, student.define(parameters_in_order), stack)
    given = [tensor for pair in zip(weights, biases, strict=True) for tensor in pair if tensor is not None]
    assert_length(kept, len(given))
    for value, before in zip(kept, given, strict=True):
        assert_close(value, before, rtol=0, atol=0, name=tr("A layer that was given"), hint=LAYER_CHANGED)


def layer_values(*sizes, dtype=torch.float64, biases=True):
    """Fixed weights and biases of a chain of layers."""
    weights = [torch.sin(torch.arange(float(m * n), dtype=dtype) + n).reshape(m, n) for n, m in pairwise(sizes)]
    return weights, [torch.cos(torch.arange(float(len(weight)), dtype=dtype)) if biases else None for weight in weights]


@exercise("collapse", weight=2)
def test_collapse_two(student):
    """Two layers, from 3 to 4 to 2 values, become one from 3 to 2."""
    assert_collapse(student, *layer_values(3, 4, 2))


@exercise("collapse")
def test_collapse_square(student):
    """The order is right, and biases pass through the layers after them."""
    assert_collapse(student, *layer_values(3, 3, 3))


@exercise("collapse")
def test_collapse_three(student):
    """Three layers, one of them without bias."""
    weights, biases = layer_values(2, 5, 3, 4)
    assert_collapse(student, weights, [biases[0], None, biases[2]])


@exercise("collapse")
def test_collapse_edges(student):
    """A single layer, and layers without any bias."""
    assert_collapse(student, *layer_values(3, 2))
    assert_collapse(student, *layer_values(3, 4, 2, biases=False))


@exercise("collapse", weight=2)
def test_collapse_exact(student):
    """It is exact in float64, and layers in float32 give one in float32."""
    assert_collapse(student, *layer_values(3, 4, 2), exact=True)
    assert_collapse(student, *layer_values(3, 4, 2, dtype=torch.float32), exact=True)


@exercise("collapse")
def test_collapse_leaves_layers(student):
    """The layers that were given stay as they were, and the new one is independent of them."""
    assert_collapse(student, *layer_values(3, 4, 2), leaves=True)
    assert_collapse(student, *layer_values(3, 2), leaves=True)


# -------------------------------------------------------------------------------------------- make_loaders

ANY_ORDER = tr(
    "Data are often sorted by class, so the first or last samples are no fair sample of all: permute the indices before"
    " cutting."
)
OVERLAP = tr("Cut one permutation in two: what is in one part is then not in the other.")
DROPPED = tr("drop_last=False keeps the last batch, which is not full: no sample is lost.")
LEFT_OVER = tr("One part is what the other one leaves: n - n_val samples, with no index left out at the cut.")
TWICE = tr("Each sample comes once in an epoch: draw without replacement, and put no index twice in a part.")
AS_GIVEN = tr(
    "The loaders hand out X as it was given, in its dtype too. Whoever scales it takes mean and deviation from the"
    " training part alone."
)
EVENLY = tr("Every k-th sample is no random sample: data often repeat in steps. Draw a permutation and cut it.")
SHUFFLE_TRAIN = tr("shuffle=True gives the training loader a new order in every epoch.")
KEEP_VAL = tr("Validation only measures, so its order does not matter: leave shuffle off.")
USE_SEED = tr("The seed decides the split: torch.Generator().manual_seed(seed), given as generator=.")
PAIRS = tr("Each row of X must keep its own y: index both with the same indices, or make one TensorDataset.")
TURNED_PAIRS = tr("Each batch is the pair (X, y), and yours has y first.")
SIZE_OF_BATCHES = tr("A training batch has batch_size samples, and only the last one may have fewer.")
LOADERS = tr("Return two torch.utils.data.DataLoader: (train, val).")
VAL_SIZE = tr("val_fraction is the share of the samples that goes to validation.")
OWN_GENERATOR = tr(
    "torch.manual_seed, and random_split without generator=, touch the generator that everybody uses: make your own"
    " with torch.Generator()."
)


def batches_of(loader):
    """Whether it is a DataLoader, and the batches of one epoch."""
    is_loader = isinstance(loader, torch.utils.data.DataLoader)
    return is_loader, [list(batch) for batch in loader] if is_loader else []


def assert_batches(student, loader, name, X, y, batch_size, *, whole=False):
    """The batches of one epoch: pairs that belong together, of the right sizes; returns the samples' numbers."""
    result = ask(student, student.define(batches_of), loader)
    assert_returns(result, tuple)
    is_loader, batches = result
    assert_that(is_loader is True, tr("`{name}` should be a DataLoader.", name=name), hint=LOADERS)
    assert_that(len(batches) > 0, tr("`{name}` is empty.", name=name))
    numbers = []
    for batch in batches:
        assert_length(batch, 2, name=tr("A batch of `{name}`", name=name))
        rows, labels = batch
        if is_turned(rows, labels, X, y):
            assert_that(not whole, tr("X and y are in the wrong order."), hint=TURNED_PAIRS)
            rows, labels = labels, rows
        assert_dtype(rows, X.dtype, name="X", hint=AS_GIVEN)
        assert_plain(rows, X.dtype, name="X")
        assert_that(rows.ndim > 0 and len(rows) > 0, tr("A batch of `{name}` is empty.", name=name))
        assert_shape(rows, (len(rows), *X.shape[1:]), name="X")
        assert_shape(labels, (len(rows),), name="y")
        found = (rows.reshape(len(rows), -1)[:, :1].double() == X.reshape(len(X), -1)[:, 0].double()).double().argmax(1)
        assert_close(rows, X[found], rtol=0, atol=0, name="X", hint=AS_GIVEN)
        assert_close(labels, y[found], rtol=0, atol=0, name="y", hint=PAIRS)
        assert_dtype(labels, y.dtype, name="y")
        numbers.append(found.tolist())
    if whole and name == "train":  # a measurement is the same in batches of any size
        assert_batch_sizes([len(batch) for batch in numbers], name, batch_size)
    return [number for batch in numbers for number in batch]


def is_turned(rows, labels, X, y):
    """Whether it is the pair (y, X)."""
    if not (isinstance(rows, torch.Tensor) and isinstance(labels, torch.Tensor)):
        return False
    found, right = ((one.shape[1:], one.dtype, two.shape[1:], two.dtype) for one, two in ((rows, labels), (y, X)))
    return found == right and found != (*right[2:], *right[:2])


def assert_batch_sizes(sizes, name, batch_size):
    """All batches have `batch_size` samples, but for the last, which may have fewer."""
    total = sum(sizes)
    right = [batch_size] * (total // batch_size) + [total % batch_size] * (total % batch_size > 0)
    assert_that(
        sizes == right,
        tr("The list of batch sizes of `{name}` is wrong.", name=name),
        expected=verbatim(str(right[:8])),
        actual=verbatim(str(sizes[:8])),
        hint=SIZE_OF_BATCHES,
    )


def assert_loaders(student, X, y, batch_size, val_fraction, seed, *, whole=False):
    """No sample is in both loaders or comes twice; returns both lists of numbers.

    With `whole`, every sample is in one of them, as many as asked in each, in batches of the right sizes.
    """
    result = student.make_loaders(X, y, batch_size, val_fraction, seed)
    assert_inputs_unchanged(student)
    assert_length(result, 2, hint=LOADERS)
    for name, loader in zip(("train", "val"), result, strict=True):
        assert_that(isinstance(loader, Remote), tr("`{name}` should be a DataLoader.", name=name), hint=LOADERS)
        loader.label = name
    call = student.last_call
    train, val = (
        assert_batches(student, loader, name, X, y, batch_size, whole=whole)
        for name, loader in zip(("train", "val"), result, strict=True)
    )
    assert_that(not set(train) & set(val), tr("Some samples are in both loaders."), hint=OVERLAP)
    assert_that(len(train) == len(set(train)), tr("Some samples come twice in an epoch."), hint=TWICE)
    assert_that(len(val) == len(set(val)), tr("Some samples come twice in an epoch."), hint=TWICE)
    if not whole:
        return result, train, val, call
    n = len(X)
    assert_that(
        len(train) + len(val) == n,
        tr("Some samples are in neither loader."),
        expected=tr("{n} samples", n=n),
        actual=tr("{n} samples", n=len(train) + len(val)),
        hint=DROPPED if any(loader.drop_last is True for loader in result) else LEFT_OVER,
    )
    assert_that(
        abs(len(val) - val_fraction * n) < 1,
        tr("The validation set has the wrong size."),
        expected=tr("{n} samples", n=round(val_fraction * n)),
        actual=tr("{n} samples", n=len(val)),
        hint=VAL_SIZE,
    )
    return result, train, val, call


def assert_loader_orders(student, X, y, batch_size, val_fraction, seed):
    """The training order is new in every epoch; the validation order stays."""
    loaders, train, val, _ = assert_loaders(student, X, y, batch_size, val_fraction, seed)
    again = [
        assert_batches(student, loader, name, X, y, batch_size)
        for name, loader in zip(("train", "val"), loaders, strict=True)
    ]
    assert_that(
        again[0] != train, tr("The training samples come in the same order in every epoch."), hint=SHUFFLE_TRAIN
    )
    batches = [
        {frozenset(order[i : i + batch_size]) for i in range(0, len(order), batch_size)} for order in (train, again[0])
    ]
    assert_that(
        batches[0] != batches[1], tr("The training batches hold the same samples in every epoch."), hint=SHUFFLE_TRAIN
    )
    assert_that(again[1] == val, tr("The validation samples change their order."), hint=KEEP_VAL)


def assert_loader_seeds(student, X, y, batch_size, val_fraction, seeds):
    """The same seed gives the same split, others give others, and none is a block of the data."""
    splits = [set(assert_loaders(student, X, y, batch_size, val_fraction, seed)[2]) for seed in (seeds[0], *seeds)]
    assert_that(splits[0] == splits[1], tr("The same seed gives another split."), hint=USE_SEED)
    gaps = [{after - before for before, after in pairwise(sorted(split))} for split in splits]
    assert_that(gaps != [{1}] * len(gaps), tr("The validation samples are neighbours in the data."), hint=ANY_ORDER)
    is_even = all(max(steps) - min(steps) <= 1 for steps in gaps)
    assert_that(not is_even, tr("The validation samples lie at even distances in the data."), hint=EVENLY)
    assert_that(any(split != splits[0] for split in splits), tr("Every seed gives the same split."), hint=USE_SEED)


def assert_loader_random_state(student, X, y, batch_size, val_fraction, seed):
    """Making the loaders leaves the global random generators alone."""
    call = assert_loaders(student, X, y, batch_size, val_fraction, seed)[3]
    student.last_call = call
    assert_random_state_unchanged(student, hint=OWN_GENERATOR)


def numbered_samples(n, *shape):
    """Samples that can be told apart, sorted by class."""
    X = torch.arange(float(n)).reshape(n, *[1] * len(shape)) + torch.zeros(n, *shape)
    return X, torch.arange(n) // 5


@exercise("make_loaders", weight=3)
def test_loaders_hold_every_sample(student):
    """25 samples, a fifth for validation, batches of 6: 6, 6, 6, 2 and 5, each sample once."""
    assert_loaders(student, *numbered_samples(25, 2), 6, 0.2, 0, whole=True)


@exercise("make_loaders")
def test_loaders_orders(student):
    """Training has a new order in every epoch; validation keeps its own."""
    assert_loader_orders(student, *numbered_samples(40, 3), 8, 0.25, 1)


@exercise("make_loaders", weight=2)
def test_loaders_seeds(student):
    """The seed decides the split, and the split is drawn at random."""
    assert_loader_seeds(student, *numbered_samples(40, 2), 8, 0.25, (1, 2, 3))


@exercise("make_loaders")
def test_loaders_random_state(student):
    """The global random generator is left alone."""
    assert_loader_random_state(student, *numbered_samples(25, 2), 6, 0.2, 3)


@exercise("make_loaders")
def test_loaders_images(student):
    """X may be images of any dtype."""
    X, y = numbered_samples(30, 1, 4, 3)
    assert_loaders(student, X.to(torch.uint8), y, 7, 0.3, 5)


# ------------------------------------------------------------------------------------------------ training

PAIR_ASKED = tr("Return the pair (loss, accuracy): two Python floats.")
PAIR_TURNED = tr("The accuracy stands first, and then the loss: return them in the other order.")
USE_LOSS_FN = tr("The loss is that of the loss_fn that was given, and not always the cross entropy.")
OWN_OPTIMIZER = tr(
    "Those are the steps of another optimizer, or of a new one: take them with the one that was given, which remembers"
    " what it did before."
)
ONE_STEP = tr("There is one step an epoch: step after every batch.")
ADDED_UP = tr(
    "The weights are those of a loop in which the gradients of the batches add up: backward adds to .grad, so"
    " optimizer.zero_grad() belongs in every batch."
)
NO_SOFTMAX = tr("The model gives logits, and cross entropy wants logits: no softmax in between.")
STEP_TOO_EARLY = tr(
    "backward needs the values of the forward pass, and one was overwritten before it came: optimizer.step() overwrites"
    " the weights, so it comes after backward."
)
FIRST_BATCH = tr("The first batch alone is trained on: does something leave the loop, such as a return inside it?")
ALWAYS_TRAIN_MODE = tr("Call model.train() at the start of every epoch: a measurement before it left eval mode on.")
COUNTS_ON = tr(
    "The model is in train mode while you measure, so batch normalisation goes on counting: call model.eval() before."
)
FROZEN = tr(
    "Your code switches requires_grad off and leaves it so: the next epoch could not train. Use torch.no_grad()."
)
ONCE = tr(
    "Count the right predictions with the logits that the loss was made from: in another pass dropout leaves out other"
    " values, and batch normalisation counts the batch once more."
)
OWN_SEED = tr("A seed that is set in train_epoch gives every epoch the same random numbers: set none.")
ROWS_WRITTEN = tr(
    "The number of examples in a batch is written into your code, and this batch has another: x.flatten(1), or len(x)."
)


def smoothed_loss(smoothing):
    """A loss function that is not the plain cross entropy."""
    return torch.nn.CrossEntropyLoss(label_smoothing=smoothing)


def tenfold_loss():
    """Ten times the cross entropy."""
    cross_entropy = torch.nn.CrossEntropyLoss()
    return lambda logits, labels: 10 * cross_entropy(logits, labels)


def sgd_with_momentum(model, lr):
    """SGD of the model's parameters, whose steps are as long as the gradients, unlike Adam's."""
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)


def look_at(model, loader):
    """A measurement of the check's own, which leaves the model in eval mode."""
    model.eval()
    with torch.no_grad():
        for images, _ in loader:
            model(images)


@contextmanager
def explained_errors():
    """Says what PyTorch's messages mean in a training loop."""
    try:
        yield
    except StudentError as error:
        if re.search(r"shape '\[\d+, -1\]' is invalid for input of size", error.message):
            raise explained(error, ROWS_WRITTEN) from error
        if "modified by an inplace operation" in error.message:
            raise explained(error, STEP_TOO_EARLY) from error
        raise


def train_once(student, lab, optimizer, loss_fn=None):
    """One call of `train_epoch` in the lab."""
    with autograd_left_on(student, is_judged=False), explained_errors():
        return student.train_epoch(lab.model, lab.train_loader, loss_fn or lab.loss_fn, optimizer)


def evaluate_once(student, lab, loss_fn=None):
    """One call of `evaluate` in the lab, on the validation samples."""
    with autograd_left_on(student, is_judged=False), explained_errors():
        return student.evaluate(lab.model, lab.val_loader, loss_fn or lab.loss_fn)


def assert_pair(result):
    """A loss and an accuracy: two Python floats."""
    assert_returns(result, tuple, hint=None if result is None else PAIR_ASKED)
    assert_length(result, 2, hint=PAIR_ASKED)
    for name, value in zip(("loss", "accuracy"), result, strict=True):
        assert_python_number(value, float, name=name)
    return result


def as_numbers(results):
    """What was returned, as plain numbers: which type is asked is looked at by other checks."""
    assert_length(results, 2, hint=PAIR_ASKED)
    return [value.tolist() if isinstance(value, torch.Tensor | np.ndarray | np.generic) else value for value in results]


def train_in_lab(student, lesson, epochs):
    """Epochs of training with the check's own measurement before and after each; returns the lab and the results."""
    lab = Lab(student, lesson)
    optimizer = lab.adam()
    results = []
    look = student.define(look_at)
    for _ in range(epochs):
        look(lab.model, lab.val_loader)
        results.append(train_once(student, lab, optimizer))
    look(lab.model, lab.val_loader)
    return lab, results


def assert_training_updates(student, lesson, epochs):
    """The weights after training are those of the definition, for Adam and for SGD with momentum."""
    for count in (1, epochs):
        lab = Lab(student, lesson)
        optimizer = lab.adam()
        for _ in range(count):
            train_once(student, lab, optimizer)
        assert_steps(lab, count, LR, torch.optim.Adam)
    lab = Lab(student, lesson)
    optimizer, loss_fn = student.define(sgd_with_momentum)(lab.model, 0.03), student.define(tenfold_loss)()
    optimizer.label, loss_fn.label = "optimizer", "loss_fn"
    train_once(student, lab, optimizer, loss_fn)
    assert_steps(lab, 1, 0.3, partial(torch.optim.SGD, momentum=0.9))  # ten times the loss is ten times the step


def assert_steps(lab, epochs, lr, optimizer):
    """Every sample was trained on in every epoch, and the weights are those of one step a batch."""
    forwards = [forward for item in assert_trained(lab) for forward in item.forwards]
    seen = sorted(number for forward in forwards for number in forward.samples)
    assert_that(
        seen == sorted([*range(SAMPLES)] * epochs),
        tr("An epoch does not train on every sample exactly once."),
        expected=tr("{n} samples", n=SAMPLES * epochs),
        actual=tr("{n} samples", n=len(seen)),
        hint=missing_samples(seen, epochs),
    )
    weights = lab.weights
    start = lab.lesson.bench().weights
    assert_that(not torch.equal(weights, start), tr("Training leaves the weights as they were."), hint=NO_STEP)
    assert_that(
        torch.equal(forwards[0].weights, start),
        tr("Training begins with other weights than those that the model came with."),
        hint=OTHER_START,
    )
    assert_close(
        weights,
        replay(lab.lesson, epochs, lr, optimizer=optimizer)[-1],
        rtol=0,
        atol=ATOL,
        name="model.state_dict()",
        mistakes=wrong_steps(lab.lesson, epochs, lr, optimizer),
        hint=tr(
            "The weights are not those of one step for each batch, made by the optimizer that was given, from the"
            " gradients of that batch's loss alone."
        ),
    )


def missing_samples(seen, epochs):
    """The hint for samples that were trained on too seldom."""
    full = SAMPLES - SAMPLES % BATCH_SIZE
    known = {full: LAST_BATCH, BATCH_SIZE: FIRST_BATCH}
    return next((hint for end, hint in known.items() if seen == sorted([*range(end)] * epochs)), None)


def wrong_steps(lesson, epochs, lr, optimizer):
    """The weights after training that goes wrong, each with its hint."""

    def wrong(**mistake):
        return replay(lesson, epochs, mistake.pop("lr", lr), **{"optimizer": optimizer, **mistake})[-1]

    yield wrong(clear=False), ADDED_UP
    for clear in (True, False):
        yield wrong(clear=clear, step_every_batch=False), ONE_STEP
    yield wrong(new_every_epoch=True), OWN_OPTIMIZER
    for other in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop):
        for rate in (lr, LR, 1e-2, 1e-3):
            yield wrong(optimizer=other, lr=rate), OWN_OPTIMIZER
    yield wrong(score=lambda logits: logits.softmax(1)), NO_SOFTMAX


def assert_numbers(pairs, lab, role):
    """Losses and accuracies, in this order, are means over samples."""
    losses, accuracies = ([pair[position] for pair in pairs] for position in (0, 1))
    try:
        assert_losses(losses, lab, role, name="loss")
    except CheckFailure as failure:
        if not are_losses(accuracies, lab, role):
            raise
        raise CheckFailure(failure.diagnosis.problem, hint=PAIR_TURNED) from failure
    assert_accuracies(accuracies, lab, role, name="accuracy")


def are_losses(values, lab, role):
    """Whether they are the losses that were asked."""
    with suppress(CheckFailure):
        assert_losses(values, lab, role, name="loss")
        return True
    return False


def assert_training_numbers(student, lesson, epochs):
    """Losses and accuracies of training are means over samples, of the pass that made the steps."""
    lab, trained = train_in_lab(student, lesson, epochs)
    assert_numbers([assert_pair(result) for result in trained], lab, "train")


def assert_evaluation_numbers(student, lesson):
    """The loss and the accuracy of an evaluation are means over samples."""
    lab = Lab(student, lesson)
    assert_numbers([assert_pair(evaluate_once(student, lab))], lab, "val")


def assert_train_modes(student, lesson):
    """Train mode in every training, whatever came before; and a new order, where the loader shuffles."""
    lab, _ = train_in_lab(student, lesson, 3 if lesson.shuffle else 2)
    for item in assert_trained(lab):
        assert_that(
            all(forward.training for forward in item.forwards),
            tr("The model trains in eval mode."),
            hint=ALWAYS_TRAIN_MODE,
        )
    if lesson.shuffle:
        assert_shuffled_anew(lab, hint=OWN_SEED)


def assert_eval_modes(student, lesson):
    """Eval mode in every evaluation, whatever came before."""
    lab = Lab(student, lesson)
    for _ in range(2):
        evaluate_once(student, lab)
        student.define("def learn(model):\n    model.train()\n", "learn")(lab.model)
    assert_eval_mode(lab)


def assert_one_pass(student, lesson):
    """Each training batch goes through the model once."""
    lab = Lab(student, lesson)
    train_once(student, lab, lab.adam())
    assert_trained(lab)
    seen = [number for item in lab.passes() for forward in item.forwards for number in forward.samples]
    most = max(seen.count(number) for number in set(seen))
    assert_that(
        most == 1,
        tr("A batch goes through the model more than once in an epoch."),
        expected=verbatim("1"),
        actual=verbatim(str(most)),
        hint=ONCE,
    )


def assert_evaluation_only_looks(student, lesson):
    """Evaluation builds no graph and changes nothing, nor leaves autograd off."""
    lab = Lab(student, lesson)
    before = lab.weights
    with autograd_left_on(student), explained_errors():
        student.evaluate(lab.model, lab.val_loader, lab.loss_fn)
    passes = assert_validated(lab)
    changed = changed_tensors(lesson, before, lab.weights)
    parameters = dict(lesson.bench().model.named_parameters())
    counts = any(forward.training for item in passes for forward in item.forwards) and not changed & set(parameters)
    assert_that(
        not changed,
        tr("The model's weights or buffers change while you evaluate."),
        hint=COUNTS_ON if counts else VAL_TRAINS,
    )
    assert_no_grad(lab)
    flags = ask(student, student.define(flags_of), lab.model)
    assert_that(flags == flags_of(lesson.bench().model), tr("Parameters are frozen after evaluate."), hint=FROZEN)


def changed_tensors(lesson, before, after):
    """The names of the tensors of the model's state that differ."""
    changed, start = set(), 0
    for name, tensor in lesson.bench().model.state_dict().items():
        part = slice(start, start + tensor.numel())
        if not torch.equal(before[part], after[part]):
            changed.add(name)
        start = part.stop
    return changed


def assert_loss_fn_is_used(student, lesson, smoothing):
    """The loss is the one that was given, in training and in evaluation: with another one, the results are others."""
    found = []
    for share in (0.0, smoothing):
        lab = Lab(student, lesson)
        loss_fn = student.define(smoothed_loss)(share)
        loss_fn.label = "loss_fn"
        loss = as_numbers(evaluate_once(student, lab, loss_fn))
        train_once(student, lab, lab.adam(), loss_fn)
        found.append((loss, lab.weights))
    (plain, plainly), (smoothed, smoothly) = found
    assert_that(plain != smoothed, tr("evaluate gives the same loss with another loss_fn."), hint=USE_LOSS_FN)
    is_trained = not torch.equal(plainly, lesson.bench().weights)
    assert_that(is_trained, tr("Training leaves the weights as they were."), hint=NO_STEP)
    assert_that(
        not torch.allclose(plainly, smoothly, rtol=0, atol=1e-4),
        tr("train_epoch gives the same weights with another loss_fn."),
        hint=USE_LOSS_FN,
    )


def assert_devices(student, lesson):
    """Model and batches move to the device that is given, in training and in evaluation."""
    for name in ("train_epoch", "evaluate"):
        lab = Lab(student, lesson)
        given = (lab.adam(),) if name == "train_epoch" else ()
        with autograd_left_on(student, is_judged=False), explained_errors():
            assert_trains_on_device(student, student[name], lab.model, lab.train_loader, lab.loss_fn, *given, lab=lab)


EPOCHS = 6
LOW_ACCURACY = tr(
    "This check trains a network with your code on 1,437 digits. If another check of this exercise fails, begin with"
    " that one: this one cannot tell what is wrong."
)


def digit_bench(images, labels, seed):
    """A new MLP with its optimizer, and a loader of the images."""

    class Bench:
        def __init__(self):
            nn = torch.nn
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                self.model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
            self.loss_fn = nn.CrossEntropyLoss()
            self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-2)
            generator = torch.Generator().manual_seed(seed)
            samples = torch.utils.data.TensorDataset(images, labels)
            self.loader = torch.utils.data.DataLoader(samples, batch_size=64, shuffle=True, generator=generator)

        def logits(self, images):
            with torch.no_grad():
                return self.model.eval()(images)

    return Bench()


def scaled(data):
    """Bytes of shape (N, 28, 28) as floats in [0, 1], (N, 1, 28, 28)."""
    return data[:, None].float() / 255


@measurement("digits_mlp")
def digits_accuracy(student, rng):
    """The accuracy of a 784-64-10 network after 6 epochs on the digits, with the classes renamed at random.

    It is measured on held-out digits, each turned and shifted a little; the student's side sees their images alone.
    """
    train, test = digits(), digits(train=False)
    labels = permuted_labels(torch.cat([train.targets, test.targets]), rng, 10)
    bench = student.define(digit_bench)(scaled(train.data), labels[: len(train)], rng.integer(0, 2**31))
    for _ in range(EPOCHS):
        with explained_errors():
            student.train_epoch(bench.model, bench.loader, bench.loss_fn, bench.optimizer)
    logits = bench.logits(variations(scaled(test.data), rng.generator, degrees=5, pixels=0.5))
    return accuracy_of_logits(logits, labels[len(train) :], 10, name="logits")


@exercise("training", weight=9)
def test_training_updates(student):
    """Each batch makes one step of the optimizer that is given."""
    assert_training_updates(student, Lesson.draw(Rng(1)), 2)


@exercise("training", weight=2)
def test_training_numbers(student):
    """train_epoch returns the mean loss and the accuracy over samples; the last batch is smaller."""
    assert_training_numbers(student, Lesson.draw(Rng(2)), 2)


@exercise("training", weight=2)
def test_evaluation_numbers(student):
    """evaluate returns the mean loss and the accuracy over samples."""
    assert_evaluation_numbers(student, Lesson.draw(Rng(3)))


@exercise("training")
def test_training_modes(student):
    """train_epoch trains in train mode, epoch after epoch, and sets no seed."""
    assert_train_modes(student, Lesson.draw(Rng(4), dropout=0.5, shuffle=True))


@exercise("training")
def test_evaluation_modes(student):
    """evaluate measures in eval mode."""
    assert_eval_modes(student, Lesson.draw(Rng(4), dropout=0.5))


@exercise("training")
def test_training_passes(student):
    """Loss and accuracy are of the logits that the step was made from: each batch goes through the model once."""
    assert_one_pass(student, Lesson.draw(Rng(9), dropout=0.5, norm=True))


@exercise("training", weight=2)
def test_evaluation_only_looks(student):
    """evaluate builds no graph and changes neither weights nor buffers."""
    assert_evaluation_only_looks(student, Lesson.draw(Rng(5), norm=True))


@exercise("training")
def test_training_loss_fn(student):
    """The loss is that of the loss function that is given."""
    assert_loss_fn_is_used(student, Lesson.draw(Rng(6)), 0.3)


@exercise("training")
def test_training_device(student):
    """Model and batches move to the device that is given."""
    assert_devices(student, Lesson.draw(Rng(7)))


@exercise("training", weight=2)
def test_training_accuracy(student):
    """A network learns to read digits: 784-64-10, 6 epochs."""
    assert_accuracy(student, Rng(8), digits_accuracy, hint=LOW_ACCURACY)
