"""What several exercises of 04_mlp are judged with."""

import torch

from grader.kit import assert_dtype, assert_returns, assert_that, origin, tr
from grader.kit.training.probes import ask

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
