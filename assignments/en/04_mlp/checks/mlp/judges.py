"""What decides `mlp`, and what it says."""

import re

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
from grader.kit.training.probes import ask

from ..build_mlp.judges import NO_ACTIVATION, assert_logits, new_network, parameters_by_shape
from ..common import assert_plain, gradients_through

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
