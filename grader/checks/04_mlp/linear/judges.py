"""What decides `linear`, and what it says."""

import torch
import torch.nn.functional as F

from grader.kit import (
    CheckFailure,
    StudentError,
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
from grader.kit.observations import observe, unobserved
from grader.kit.training.beside import pretending
from grader.kit.training.probes import ask

from ..common import assert_parameters, assert_plain, gradients_through

OUT_IN = tr("PyTorch keeps the weight as (out_features, in_features): yours is the transpose of that.")


LINEAR_NAMES = tr("The parameters are called weight and bias, as in nn.Linear; without bias there is the weight alone.")


OWN_LINEAR = tr("Build it yourself: with nn.Linear inside, or inherited from, there is nothing left to write.")


NOT_REACHED = tr("To autograd, what forward returns does not depend on it.")


STAYS_DOUBLE = tr("float64 goes in and comes out, and digits were lost on the way: something was float32 in between.")


MOVES_WITH_TO = tr("layer.to(device) moves parameters and buffers; something else that forward uses stays on the CPU.")


GRID = torch.tensor([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]])


def nn_linear_in(module, n_in):
    """Where PyTorch's own layer is: the module itself, inside it, at work in a call wherever it is kept, or nowhere."""
    import contextlib
    import sys

    if isinstance(module, torch.nn.Linear):
        return "itself"
    if any(isinstance(part, torch.nn.Linear) for part in module.modules()):
        return "inside"
    ran = set()
    before = sys.getprofile()
    sys.setprofile(lambda frame, *_: ran.add(frame.f_code))
    try:
        with contextlib.suppress(Exception):  # another check says so
            module(torch.zeros(1, n_in))
    finally:
        sys.setprofile(before)
    return "inside" if torch.nn.Linear.forward.__code__ in ran else ""


def assert_own(student, layer, n_in):
    """The layer does its work itself."""
    found = ask(student, student.define(nn_linear_in), layer, n_in)
    assert_that(found != "itself", tr("The layer is PyTorch's own nn.Linear."), hint=OWN_LINEAR)
    assert_that(found == "", tr("The layer holds PyTorch's own nn.Linear."), hint=OWN_LINEAR)


def new_layer(student, n_in, n_out, *, bias=True):
    """A layer of the student's own, and its parameters by name, with values of the check's own."""
    layer = student.Linear(n_in, n_out) if bias else student.Linear(n_in, n_out, bias=False)
    assert_own(student, layer, n_in)
    return layer, assert_parameters(student, layer)


def assert_linear_parameters(student, n_in, n_out, *, bias=True):
    """The layer has the parameters of nn.Linear, by name and shape; returns it and them."""
    layer, found = new_layer(student, n_in, n_out, bias=bias)
    shapes = {"weight": (n_out, n_in), "bias": (n_out,)} if bias else {"weight": (n_out, n_in)}
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
    assert_that(
        bool(weights or turned),
        tr("No parameter has the shape of a weight."),
        expected=verbatim(str((n_out, n_in))),
        actual=", ".join(str(tuple(value.shape)) for value in found.values())[:300],
    )
    return layer, (weights or turned)[0], biases[0] if biases else None


def assert_linear_output(student, x, n_out, *, bias=True, keeps_x=False):
    """The layer computes x W^T + b with its own parameters."""
    layer, weight, added = layer_to_compute_with(student, x.shape[-1], n_out, bias=bias)
    assert_that(added is not None or not bias, tr("The bias is no parameter."))
    assert_close(layer(x), F.linear(x, weight, added if bias else None))
    if keeps_x:
        assert_inputs_unchanged(student)


def assert_linear_gradients(student, x, n_out):
    """Gradients reach the input and every parameter; where the outputs are right, so are they."""
    layer, weight, bias = layer_to_compute_with(student, x.shape[-1], n_out)
    assert_that(bias is not None, tr("The bias is no parameter."))
    leaves = {name: value.clone().requires_grad_() for name, value in {"x": x, "weight": weight, "bias": bias}.items()}
    right = F.linear(leaves["x"], leaves["weight"], leaves["bias"])
    (right**2).sum().backward()
    output = layer(x)
    assert_shape(output, right.shape)
    gradients = ask(student, student.define(gradients_through), layer, x)
    assert_returns(gradients, dict)
    for name, value in gradients.items():
        assert_that(value is not None, tr("`{name}` gets no gradient.", name=name), hint=NOT_REACHED)
    if set(gradients) == set(leaves) and torch.allclose(output, right, rtol=1e-4, atol=1e-5):
        for name, leaf in leaves.items():
            if gradients[name].shape == leaf.shape:
                assert_returned_gradient(student, "Linear", gradients[name], leaf.grad, name=f"{name}.grad")


def first_numbers(layer, other, n_in, n_out):
    """How two new layers begin, told so that it hardly depends on chance: sizes have one digit, shares are in 5 %."""
    import math

    def weight_of(module):
        found = [value.detach().double() for value in module.parameters() if value.ndim == 2]
        return next((value if value.shape == (n_out, n_in) else value.T for value in found), None)

    weight, biases = weight_of(layer), [value.detach() for value in layer.parameters() if value.ndim == 1]
    if weight is None or weight.shape != (n_out, n_in):
        return None
    used = weight[weight != 0]
    positive, spread, middle = int((used > 0).sum()), float(weight.std()), float(weight.mean())
    bias = float(biases[0].double().square().mean().sqrt()) if biases else 0.0
    # Six standard errors of the mean, and of a fair coin's: once in 500 million layers by chance.
    leans = (
        abs(middle) > 6 * spread / weight.numel() ** 0.5 or abs(2 * positive - used.numel()) > 6 * used.numel() ** 0.5
    )
    return {
        "units differ": float(weight.std(dim=0).mean()) > 1e-6,
        "inputs differ": float(weight.std(dim=1).mean()) > 1e-6,
        "layers differ": not torch.equal(weight, weight_of(other)),
        "fits": 0.05 < spread * n_in**0.5 < 4,
        "size": f"{spread:.1g}",
        "magnitude": round(math.log10(spread)) if spread else None,
        "leans": leans,
        "positive": f"{5 * round(20 * positive / max(used.numel(), 1))} %",
        "bias fits": bias * n_in**0.5 < 4,
        "bias": f"{10 ** round(math.log10(bias)):g}" if bias else "0",
    }


def observe_start(found):
    """Notes of two new layers what does not depend on chance."""
    if not isinstance(found, dict):
        return
    share = str(found["positive"])
    side = {"0 %": "none", "100 %": "all"}.get(share, "few" if int(share.split()[0]) < 50 else "most")
    observe(
        **{name: bool(found[name]) for name in ("units differ", "inputs differ", "layers differ", "fits", "bias fits")},
        size="" if found["fits"] else str(found["magnitude"])[:20],
        side=side if found["leans"] and found["units differ"] == found["inputs differ"] else "",
    )


def assert_linear_start(student, n_in, n_out):
    """The first weights are random around 0, differ from layer to layer, and have the right size.

    Between 0.05 and 4 times 1/sqrt(n_in), as with every usual way to begin; biases are no larger.
    """
    layers = [student.Linear(n_in, n_out) for _ in range(2)]
    assert_own(student, layers[0], n_in)
    with unobserved():
        found = ask(student, student.define(first_numbers), *layers, n_in, n_out)
    observe_start(found)
    assert_that(isinstance(found, dict), tr("No parameter has the shape of a weight."), expected=str((n_out, n_in)))
    usual = tr("about {size}, which is 1/sqrt({inputs})", size=f"{n_in**-0.5:.2g}", inputs=n_in)
    assert_that(
        found["units differ"],
        tr("Every unit starts with the same weights."),
        hint=tr("Units with the same weights get the same gradient and stay identical for ever."),
    )
    assert_that(
        found["inputs differ"],
        tr("Each unit starts with the same weight for every input."),
        hint=tr("A weight of shape (out, in) holds out × in numbers, each of its own."),
    )
    assert_that(
        found["layers differ"],
        tr("Two new layers have the same weights."),
        hint=tr("Each new layer begins with new random numbers."),
    )
    assert_that(
        found["fits"],
        tr("The first weights are of the wrong size."),
        expected=usual,
        actual=tr("about {size}", size=str(found["size"])[:20]),
    )
    assert_that(
        not found["leans"],
        tr("The first weights are not spread around 0."),
        expected=tr("about half of them positive"),
        actual=tr("about {share} of them positive", share=str(found["positive"])[:20]),
    )
    assert_that(
        found["bias fits"],
        tr("The first biases are too large."),
        expected=usual,
        actual=tr("about {size}", size=str(found["bias"])[:20]),
    )


def assert_linear_loads(student, x, n_out):
    """PyTorch's own layer takes its weights, and gives the same outputs."""
    layer, found = assert_linear_parameters(student, x.shape[-1], n_out)
    theirs = torch.nn.Linear(x.shape[-1], n_out)
    theirs.load_state_dict(found)
    assert_close(layer(x), theirs(x).detach())


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


def outputs_on(make, arguments, x, device):
    """The output of a new module on a device."""
    return make(*arguments).to(device)(x.to(device))


def assert_linear_moves(student, x, n_out):
    """After layer.to("cuda") everything that it computes with lies there; asked without a GPU."""
    there = student.define(pretending)(student.define(outputs_on))
    try:
        output = there(student.Linear, (x.shape[-1], n_out), x, device="cuda")
    except StudentError as error:
        if "same device" not in error.message:
            raise
        raise CheckFailure(
            tr("On a GPU your layer would fail: it mixes tensors on two devices."),
            expected=verbatim("cuda"),
            actual=verbatim("cuda + cpu"),
            hint=MOVES_WITH_TO,
        ) from error
    assert_shape(output, (*x.shape[:-1], n_out))
