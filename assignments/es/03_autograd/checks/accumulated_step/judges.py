"""What decides `accumulated_step`, and what it says."""

import inspect
from functools import cache

import torch

from grader.kit import (
    assert_close,
    assert_inputs_unchanged,
    assert_python_number,
    assert_that,
    reference,
    tr,
    trn,
    verbatim,
)
from grader.kit.gradients import explained_cuts

from ..common import assert_grad_mode


class Training:
    """A linear model that notes the sizes of its batches, an optimizer that counts its steps, and a loss.

    Made in the grader's process and beside the student's code alike.
    """

    class Model(torch.nn.Module):
        def __init__(self, weight, bias):
            super().__init__()
            self.weight = torch.nn.Parameter(weight.clone())
            self.bias = torch.nn.Parameter(bias.clone())
            self.batch_sizes = []
            self.modes = []

        def forward(self, x):
            self.batch_sizes.append(len(x))
            self.modes.append(self.training)
            return torch.nn.functional.linear(x, self.weight, self.bias)

    class Optimizer(torch.optim.SGD):
        steps = 0

        def step(self, closure=None):
            self.steps += 1
            return super().step(closure)

    def __init__(self, weight, bias, loss="mse", momentum=0.0, stale=False):
        self.model = self.Model(weight, bias)
        self.opt = self.Optimizer(self.model.parameters(), lr=0.1, momentum=momentum)
        self.loss_fn = torch.nn.MSELoss() if loss == "mse" else torch.nn.CrossEntropyLoss()
        if stale:
            for parameter in self.model.parameters():
                parameter.grad = torch.full_like(parameter, 5.0)

    def loss(self, batch):
        """The mean loss over a batch."""
        x, y = batch
        return self.loss_fn(self.model(x), y)

    @property
    def parameters(self):
        """The weight and the bias."""
        return self.model.weight.detach().clone(), self.model.bias.detach().clone()

    @property
    def record(self):
        """The sizes of the batches that the model saw, and the number of steps."""
        return self.model.batch_sizes, self.opt.steps


@reference
def big_batch(weight, bias, batches, calls=1, **options):
    """What accumulated steps must equal: the parameters after each, and the loss before it."""
    raise NotImplementedError  # its values lie in expected.json


@cache
def training_source():
    """The source of `Training`, read once: finding a class in a long file takes longer than a check."""
    return inspect.getsource(Training)


def made(student, weight, bias, **options):
    """A `Training` beside the student's code."""
    return student.define(training_source(), "Training")(weight, bias, **options)


def take_step(student, training, batches):
    """Calls `accumulated_step`; returns its loss."""
    model, opt, loss_fn = training.model, training.opt, training.loss_fn
    for remote, label in ((model, "model"), (opt, "opt"), (loss_fn, "loss_fn")):
        remote.label = label
    with explained_cuts(student, "accumulated_step", legitimate=("item", "float", "no_grad", "detach")):
        loss = student.accumulated_step(model, opt, loss_fn, batches)
    assert_inputs_unchanged(student)
    return loss


def assert_step(student, weight, bias, batches, *, calls=1, **options):
    """After each call of `accumulated_step` the model has the weights of one big batch's step."""
    training = made(student, weight, bias, **options)
    for number, (right, _) in enumerate(big_batch(weight, bias, batches, calls, **options), 1):
        take_step(student, training, batches)
        for which, got, wanted in zip(("weight", "bias"), training.parameters, right, strict=True):
            name = tr("The {which} of the model after step {number}", which=which, number=number)
            assert_close(got, wanted, atol=1e-7, name=name)


def assert_loss(student, weight, bias, batches, **options):
    """The loss that is returned is the mean over all samples, before the step; a tensor that holds it will do."""
    loss = take_step(student, made(student, weight, bias, **options), batches)
    _, right = big_batch(weight, bias, batches, **options)[0]
    assert_close(loss, right, name=tr("The loss that is returned"))


def assert_loss_is_plain(student, weight, bias, batches):
    """The loss that is returned is a Python float."""
    loss = take_step(student, made(student, weight, bias), batches)
    assert_python_number(loss, float, name=tr("The loss that is returned"))


def assert_modes(student, weight, bias, batches):
    """A model that comes in training mode works and stays in it, and so does one in evaluation mode."""
    for is_training in (True, False):
        training = made(student, weight, bias)
        model = training.model
        model.train(is_training)
        take_step(student, training, batches)
        assert_grad_mode(student)
        modes = [*model.modes, model.training] if isinstance(model.modes, list) else []
        assert_that(
            len(modes) > 1 and all(mode is is_training for mode in modes),
            tr("The model does not stay in the mode that it is in."),
            expected=verbatim(f"training={is_training}"),
            actual=verbatim(", ".join(f"training={mode}" for mode in dict.fromkeys(modes))),
        )


def assert_micro(student, weight, bias, batches, **options):
    """There is one step, and the model saw one micro-batch at a time, each once."""
    training = made(student, weight, bias, **options)
    take_step(student, training, batches)
    sizes, steps = training.record
    assert_that(
        steps == 1,
        tr("The optimizer does not take one step."),
        expected=trn("{n} call of opt.step()", "{n} calls of opt.step()", 1),
        actual=trn("{n} call of opt.step()", "{n} calls of opt.step()", steps) if type(steps) is int else None,
    )
    wanted = [len(x) for x, _ in batches]
    seen = sizes if isinstance(sizes, list) and all(type(size) is int for size in sizes) else []
    assert_that(
        sorted(seen) == sorted(wanted),
        tr("The model does not see each micro-batch by itself, and once."),
        expected=tr("batches of {sizes}", sizes=wanted),
        actual=tr("batches of {sizes}", sizes=seen),
    )


WEIGHT = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]], dtype=torch.float64)


BIAS = torch.tensor([0.1, -0.2], dtype=torch.float64)


def batches_of(sizes, labels=False):
    """Fixed micro-batches of these sizes."""
    n = sum(sizes)
    x = torch.sin(torch.arange(3 * n, dtype=torch.float64)).reshape(n, 3)
    y = torch.arange(n) % 2 if labels else torch.cos(3 * torch.arange(2 * n, dtype=torch.float64)).reshape(n, 2)
    return list(zip(x.split(sizes), y.split(sizes), strict=True))
