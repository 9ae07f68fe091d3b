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

from ..common import apart, assert_parameters, assert_plain
from ..linear.judges import outputs_in_double

UNPACK = tr("nn.Sequential takes the layers one by one, and a list is no layer.")


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


def start_alike(module, other):
    """Whether two new modules of one shape have a weight in common."""
    pairs = zip(module.parameters(), other.parameters())  # noqa: B905 - sent to whatever Python the student has
    return any(one.ndim > 1 and one.shape == two.shape and torch.equal(one, two) for one, two in pairs)


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


LASTS = (lambda z: z, lambda z: z.softmax(1), lambda z: z.log_softmax(1), torch.sigmoid, torch.relu, torch.tanh)
"""What may follow the last layer where another check looks at it."""


def expected_shapes(sizes):
    """The shapes of weights and biases, layer by layer."""
    return [shape for n, m in pairwise(sizes) for shape in ((m, n), (m,))]


def new_network(student, maker, sizes, act=None, *, keeps_hidden=False):
    """A network made by `build_mlp` or `MLP`."""
    hidden = student.put(list(sizes[1:-1]))
    options = {} if act is None else {"act": student.define(act)}
    try:
        model = student[maker](sizes[0], hidden, sizes[-1], **options)
    except StudentError as error:
        if "list is not a Module subclass" in error.message:
            raise CheckFailure(tr("nn.Sequential got something that is no layer."), hint=UNPACK) from error
        raise
    assert_that(
        isinstance(model, Remote),
        tr("{call} should return a model.", call=f"{maker}(…)"),
        actual=verbatim(type(model).__name__),
    )
    model.label = "model"
    if keeps_hidden:
        assert_equal(hidden.fetch(), list(sizes[1:-1]), name="hidden")
    return model


@apart()
def assert_keeps_hidden(student, maker, sizes):
    """A network is made, and the list that it was made from is left alone."""
    new_network(student, maker, sizes, keeps_hidden=True)


def network(parameters, x, act):
    """The definition, from weights and biases in order."""
    values = x.flatten(1)
    for position in range(0, len(parameters), 2):
        values = F.linear(values, parameters[position].to(x.dtype), parameters[position + 1].to(x.dtype))
        if position + 2 < len(parameters):
            values = act(values)
    return values


def assert_network_shapes(shapes, sizes):
    """There are exactly the weights and biases of a network of these sizes, in any order."""
    right = expected_shapes(sizes)
    assert_that(
        sorted(map(str, shapes)) == sorted(map(str, right)),
        tr("The parameters do not have the shapes of this network."),
        expected=", ".join(map(str, right)),
        actual=", ".join(map(str, shapes))[:300],
    )


def parameters_by_shape(student, model, sizes, *, exactly=False):
    """The network's weights and biases by name, in its order, found by their shapes, which must differ.

    They have values of the check's own. With `exactly`, there are no others.
    """
    table = {}
    for name, value in assert_parameters(student, model).items():
        table.setdefault(tuple(value.shape), (name, value))
    right = expected_shapes(sizes)
    if exactly or not set(right) <= set(table):
        found = ask(student, student.define(parameters_in_order), model)
        assert_network_shapes([tuple(value.shape) for value in found], sizes)
    return dict(table[shape] for shape in right)


def assert_outputs(student, model, sizes, act, x, *, lasts=LASTS):
    """The outputs are those of the definition, for these parameters, whatever of `lasts` may follow the last layer."""
    function = ACTS[act][1]
    right = network(list(parameters_by_shape(student, model, sizes).values()), x, function)
    value = model(x)
    if isinstance(value, torch.Tensor) and value.shape == right.shape and origin(value).has_data:
        found = (last(right) for last in (*lasts, *((function,) if len(lasts) > 1 else ())))
        right = next(
            (after for after in found if torch.allclose(value.to(after.dtype), after, rtol=1e-4, atol=1e-5)), right
        )
    assert_close(value, right)


@apart("build_mlp")
def assert_build_outputs(student, sizes, x):
    """The outputs of a network made by `build_mlp` are those of the definition."""
    assert_outputs(student, new_network(student, "build_mlp", sizes), sizes, None, x)


def layers_in(student, model):
    """The kinds and the shapes of the layers of an nn.Sequential."""
    found = ask(student, student.define(layers_of), model)
    assert_returns(found, dict)
    assert_that(
        found["is_sequential"] is True, tr("The result should be an nn.Sequential."), actual=verbatim(model.type_name)
    )
    return found["kinds"], found["shapes"]


@apart("build_mlp")
def assert_sizes(student, sizes):
    """`build_mlp` gives a Sequential whose Linear layers follow one another from size to size."""
    _, shapes = layers_in(student, new_network(student, "build_mlp", sizes))
    assert_equal(shapes, expected_shapes(sizes), name=tr("The list of the parameters' shapes"))


@apart("build_mlp")
def assert_between(student, sizes, act):
    """Between two Linear layers stands the activation that is given, and nothing else."""
    kinds, _ = layers_in(student, new_network(student, "build_mlp", sizes, act))
    linear = [position for position, kind in enumerate(kinds) if kind == "Linear"]
    between = [kinds[start + 1 : end] for start, end in pairwise(linear)]
    right = [[ACTS[act][0]]] * (len(sizes) - 2)
    assert_equal(between, right, name=tr("The list of what stands between the Linear layers"))


@apart("build_mlp")
def assert_ends(student, sizes):
    """The last layer is a Linear."""
    kinds, _ = layers_in(student, new_network(student, "build_mlp", sizes))
    last = max((position for position, kind in enumerate(kinds) if kind == "Linear"), default=-1)
    assert_that(
        last == len(kinds) - 1 >= 0,
        tr("The last layer is no Linear."),
        expected=verbatim("…, Linear"),
        actual=verbatim("…, " + ", ".join(kind[:40] for kind in kinds[max(last, 0) :][:4])),
        hint=tr("What the last Linear gives are the logits, which may be any numbers."),
    )


@apart("build_mlp")
def assert_begins(student, sizes):
    """The first layer is a Flatten, and a Linear follows it."""
    kinds, _ = layers_in(student, new_network(student, "build_mlp", sizes))
    assert_equal(kinds[:2], ["Flatten", "Linear"], name=tr("The list of the first two layers"))


@apart("build_mlp")
def assert_single(student, sizes):
    """Without hidden layers there is one Linear, and nothing but a Flatten before it."""
    kinds, _ = layers_in(student, new_network(student, "build_mlp", sizes))
    last = max((position for position, kind in enumerate(kinds) if kind == "Linear"), default=-1)
    found = [kind for kind in kinds[: last + 1] if kind != "Flatten"]
    assert_equal(found, ["Linear"], name=tr("The list of the layers after Flatten, up to the last Linear"))


@apart()
def assert_takes_images(student, maker, sizes, images):
    """The network gives one row for each image: the same as for its pixels in a row."""
    model = new_network(student, maker, sizes)
    parameters_by_shape(student, model, sizes)
    value = model(images)
    assert_shape(value, (len(images), sizes[-1]))
    assert_inputs_unchanged(student)
    assert_close(value, model(images.flatten(1)))


@apart()
def assert_double(student, maker, sizes, x):
    """model.double() computes in float64, and two models have nothing in common."""
    model, other = (new_network(student, maker, sizes) for _ in range(2))
    alike = ask(student, student.define(start_alike), model, other)
    assert_that(alike is False, tr("Two new models have the same weights."))
    parameters_by_shape(student, model, sizes)
    value = ask(student, student.define(outputs_in_double), model, x.double())
    assert_plain(value, torch.float64)
    assert_shape(value, (len(x), sizes[-1]))
