"""What decides `linear`, and what it says."""

import torch
import torch.nn.functional as F

from grader.kit import (
    assert_close,
    assert_inputs_unchanged,
    assert_returns,
    assert_shape,
    assert_that,
    origin,
    tr,
    verbatim,
)
from grader.kit.gradients import assert_returned_gradient
from grader.kit.training.probes import ask

from ..common import NO_PARAMETERS, assert_parameters, assert_plain, gradients_through

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


MOVES_WITH_TO = tr(".to(device) moves parameters, and buffers, and nothing else: keep no plain tensors in a module.")
