"""What decides `count_parameters`, and what it says."""

import torch

from grader.kit import assert_equal, assert_length, assert_python_number, assert_returns, assert_that, tr
from grader.kit.training.probes import ask

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
