"""What decides `build_mlp`, and what it says."""

from itertools import pairwise

import torch
import torch.nn.functional as F

from grader.kit import (
    CheckFailure,
    Remote,
    StudentError,
    assert_close,
    assert_equal,
    assert_inputs_unchanged,
    assert_returns,
    assert_shape,
    assert_that,
    origin,
    tr,
    verbatim,
)
from grader.kit.training.probes import ask

from ..common import assert_plain
from ..linear.judges import outputs_in_double

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
