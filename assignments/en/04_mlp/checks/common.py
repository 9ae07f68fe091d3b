"""What several exercises of 04_mlp are judged with."""

from functools import partial, wraps

import torch

from grader.kit import CheckFailure, assert_dtype, assert_returns, assert_that, origin, tr, trn, verbatim
from grader.kit.earlier import with_either
from grader.kit.training.probes import ask


def earlier_answers():
    """Right answers to exercises that a network may be built of; sent by its source."""
    functions = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
    return {"Linear": torch.nn.Linear, "activation": functions.get}


def earlier_networks():
    """The same for a class, which may use `build_mlp` as well: torchvision's network, with idle layers in it."""
    from torchvision.ops import MLP as Library

    class Flat(torch.nn.Module):
        def __init__(self, network):
            super().__init__()
            self.network = network

        def forward(self, x):
            return self.network(x.flatten(1))

    def build_mlp(in_dim, hidden, out_dim, act=torch.nn.ReLU):
        return Flat(Library(in_dim, [*hidden, out_dim], activation_layer=act))  # no nn.Sequential: no answer to it

    functions = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
    return {"Linear": torch.nn.Linear, "activation": functions.get, "build_mlp": build_mlp}


def apart(later=None):
    """Makes a judge leave out errors in earlier exercises, on which `later` may build.

    Args:
        later: its name; without one, it is the judge's second argument.
    """

    def decorate(judge):
        @wraps(judge)
        def judged(student, *args, **kwargs):
            name = later or args[0]
            answers = earlier_networks if name == "MLP" else earlier_answers
            with_either(student, name, answers, partial(judge, **kwargs), *args)

        return judged

    return decorate


def samples(n):
    """How many samples, in words."""
    return trn("{n} sample", "{n} samples", n)


def ramp(*shape):
    """Fixed inputs of this shape, between -1 and 1."""
    return torch.linspace(-1, 1, torch.Size(shape).numel()).reshape(shape)


def filled(module):
    """Gives each parameter fixed values, so that nothing depends on chance; returns them by name, sent by source."""
    found = {}
    for position, (name, parameter) in enumerate(module.named_parameters(), 1):
        numbers = torch.sin(3.0 * position + 1.7 * torch.arange(float(parameter.numel())))
        inputs = parameter.shape[-1] if parameter.ndim > 1 else 1
        with torch.no_grad():
            parameter.copy_(numbers.reshape(parameter.shape) / inputs**0.5)
        found[name] = parameter
    return found


def tensors_held(module):
    """The names of what a module without parameters holds: its buffers, and plain tensors."""
    plain = [name for name, value in vars(module).items() if isinstance(value, torch.Tensor)]
    return {"buffers": [name for name, _ in module.named_buffers()], "plain": plain}


def gradients_through(module, x):
    """The gradients of the sum of the squared outputs; the module gets no leaf, which must not be written into."""
    x = x.clone().requires_grad_()
    (module(x + 0) ** 2).sum().backward()
    return {"x": x.grad, **{name: parameter.grad for name, parameter in module.named_parameters()}}


def assert_parameters(student, module):
    """Fails unless the module has parameters; gives them fixed values and returns them by name."""
    found = ask(student, student.define(filled), module)
    assert_returns(found, dict)
    if not found:
        _no_parameters(ask(student, student.define(tensors_held), module))
    for name, value in found.items():
        assert_returns(name, str)
        assert_plain(value, torch.float32, name=name)
    return found


def _no_parameters(held):
    """Says what the module has in their place."""
    assert_returns(held, dict)
    buffers, plain = (", ".join(str(name)[:40] for name in held.get(kind, [])[:5]) for kind in ("buffers", "plain"))
    actual = tr("plain tensors: {names}", names=plain) if plain else None
    raise CheckFailure(
        tr("The module has no parameters."),
        expected=verbatim("nn.Parameter"),
        actual=tr("buffers: {names}", names=buffers) if buffers else actual,
        hint=tr("An optimizer is given parameters() and changes nothing else."),
    )


def assert_plain(value, dtype, *, name=None):
    """Fails unless it is a tensor of that dtype that holds values."""
    assert_dtype(value, dtype, name=name)
    assert_that(origin(value).has_data, tr("The result is a tensor without data."))
