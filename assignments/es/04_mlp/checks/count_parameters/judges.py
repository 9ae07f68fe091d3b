"""What decides `count_parameters`, and what it says."""

import numpy as np
import torch

from grader.kit import (
    assert_equal,
    assert_length,
    assert_python_number,
    assert_returns,
    assert_that,
    origin,
    tr,
    verbatim,
)
from grader.kit.training.probes import ask


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


def used(model):
    """The model in eval mode, as after a measurement, with a gradient of ones in each parameter that has one."""
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter) if parameter.requires_grad else None
    return model.eval()


def condition_of(model):
    """Whether the model is as `used` left it: each module's mode, and each parameter's gradient."""
    grads = [(parameter.requires_grad, parameter.grad) for parameter in model.parameters()]
    return {
        "eval mode": not any(module.training for module in model.modules()),
        ".grad": all(grad is not None and bool((grad == 1).all()) for wanted, grad in grads if wanted),
    }


def assert_as_used(student, model):
    """A model that was `used` before the student's latest call is as it was, beside its values."""
    kept = ask(student, student.define(condition_of), model)
    for name in ("eval mode", ".grad"):
        assert_that(
            isinstance(kept, dict) and kept.get(name) is True,
            tr("Your function changes the model that it is given."),
            expected=tr("{what} as it was", what=verbatim(name)),
            actual=tr("{what} changed", what=verbatim(name)),
        )


def counted(model, trainable_only):
    """The right answer, by name."""
    return {
        name: value.numel() for name, value in model.named_parameters() if value.requires_grad or not trainable_only
    }


def as_number(value):
    """A count as it is, or the number in a tensor or of NumPy's: its type is another check's."""
    is_tensor = isinstance(value, torch.Tensor) and value.ndim == 0 and origin(value).has_data
    return value.item() if is_tensor or isinstance(value, np.generic) else value


def counts_of(student, build, arguments, trainable_only):
    """What `count_parameters` returns for a model, and the model on this side."""
    model = build(*arguments)
    remote = student.define(build)(*arguments)
    remote.label = "model"
    options = {} if trainable_only else {"trainable_only": False}
    result = student.count_parameters(remote, **options)
    flags = ask(student, student.define(flags_of), remote)
    assert_equal(flags, flags_of(model), name="requires_grad")
    return result, model


def assert_total(student, build, *arguments, trainable_only=True):
    """The total is right; it may stand alone, which is another check's matter."""
    result, model = counts_of(student, build, arguments, trainable_only)
    total = as_number(result[0] if isinstance(result, tuple | list) and result else result)
    assert_returns(total, (int, float), name="total")
    right = sum(counted(model, trainable_only).values())
    assert_that(total == right, tr("The total is wrong."), expected=str(right), actual=str(total)[:40])


def assert_names(student, build, *arguments, trainable_only=True):
    """The number for each name is right."""
    result, model = counts_of(student, build, arguments, trainable_only)
    assert_length(result, 2)
    assert_returns(result[1], dict, name="per_name")
    found = {name: as_number(value) for name, value in result[1].items()}
    assert_equal(found, counted(model, trainable_only), name="per_name", hint=PER_NAME)


def assert_types(student, build, *arguments):
    """A tuple of a Python int and a dict of Python ints."""
    result, _ = counts_of(student, build, arguments, True)
    assert_returns(result, tuple)
    assert_length(result, 2)
    assert_python_number(result[0], int, name="total")
    assert_returns(result[1], dict, name="per_name")
    for value in result[1].values():
        assert_python_number(value, int, name="per_name")


def assert_leaves_model(student, build, *arguments):
    """The model that is counted stays in its mode, and its gradients stay."""
    remote = ask(student, student.define(used), student.define(build)(*arguments))
    remote.label = "model"
    result = student.count_parameters(remote)
    assert_length(result, 2)
    assert_returns(as_number(result[0]), (int, float), name="total")
    assert_returns(result[1], dict, name="per_name")
    assert_as_used(student, remote)


PER_NAME = tr("per_name has one entry for each name of model.named_parameters() that is counted.")
