"""What decides `mlp`, and what it says."""

import torch

from grader.kit import (
    CheckFailure,
    Remote,
    StudentError,
    assert_close,
    assert_inputs_unchanged,
    assert_length,
    assert_returns,
    assert_shape,
    assert_that,
    tr,
    verbatim,
)
from grader.kit.comparison import as_tensor
from grader.kit.training.probes import ask

from ..build_mlp.judges import LASTS, assert_outputs, new_network, parameters_by_shape
from ..common import apart, assert_plain, gradients_through


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


@apart("MLP")
def assert_mlp_parameters(student, sizes):
    """`MLP` is a module with the parameters of its Linear layers and no others."""
    parameters_by_shape(student, new_mlp(student, sizes), sizes, exactly=True)


@apart("MLP")
def assert_mlp(student, sizes, act, x, *, lasts=LASTS):
    """`MLP` is a module with the right outputs, whatever of `lasts` may follow the last layer."""
    assert_outputs(student, new_mlp(student, sizes, act), sizes, act, x, lasts=lasts)
    assert_inputs_unchanged(student)


@apart("MLP")
def assert_mlp_learns(student, sizes, x):
    """Gradients reach every weight and bias of the network."""
    model = new_mlp(student, sizes)
    names = parameters_by_shape(student, model, sizes)
    assert_shape(model(x), (len(x), sizes[-1]))
    gradients = ask(student, student.define(gradients_through), model, x)
    assert_returns(gradients, dict)
    for name in names:
        assert_that(
            isinstance(gradients.get(name), torch.Tensor),
            tr("No gradient reaches `{name}`.", name=name),
            hint=tr("To autograd, what forward returns does not depend on it."),
        )


def with_weights_of(model, other, x):
    """The outputs of both, the first with the weights of the second."""
    model.load_state_dict(other.state_dict())
    return model(x), other(x)


@apart("MLP")
def assert_subclass(student, sizes, x):
    """A class that inherits from MLP works as MLP does."""
    parent = new_mlp(student, sizes)
    parameters_by_shape(student, parent, sizes)
    child = student.define(subclass_of)(student.MLP)
    try:
        model = child(sizes[0], list(sizes[1:-1]), sizes[-1])
    except StudentError as error:
        raise CheckFailure(
            tr("A class that inherits from MLP cannot be created: {kind}", kind=error.type_name),
            actual=verbatim(error.message[:200]),
        ) from error
    assert_that(isinstance(model, Remote), tr("{call} should return a model.", call="Child(…)"))
    model.label = "child"
    outputs = student.define(with_weights_of)(model, parent, x)
    assert_length(outputs, 2)
    assert_shape(outputs[1], (len(x), sizes[-1]))
    assert_close(outputs[0], as_tensor(outputs[1]).detach())


@apart("MLP")
def assert_not_affine(student, sizes, a, b):
    """f(a) + f(b) - f(0) differs from f(a + b): the network bends."""
    model = new_mlp(student, sizes)
    parameters_by_shape(student, model, sizes)
    outputs = [model(value) for value in (a, b, torch.zeros_like(a), a + b)]
    for value in outputs:
        assert_shape(value, (len(a), sizes[-1]))
        assert_plain(value, torch.float32)
    bend = (outputs[0] + outputs[1] - outputs[2] - outputs[3]).abs().max()
    assert_that(
        float(bend) > 1e-4,
        tr("The network is one straight (affine) map."),
        hint=tr("For two inputs a and b, f(a) + f(b) - f(0) is f(a + b): a single Linear would do the same."),
    )
