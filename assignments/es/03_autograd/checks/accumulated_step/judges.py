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
    verbatim,
)
from grader.kit.gradients import explained_cuts

from ..common import assert_grad_mode, switch_autograd_on

ZERO_INSIDE = tr("Only the last micro-batch counts: zero_grad inside the loop throws the earlier gradients away.")


MEAN_OF_MEANS = tr("A mean of means weighs every micro-batch alike: weigh each by its number of samples.")


SUM_OF_MEANS = tr("The losses are added without weights: each counts as n_i / n, its share of the samples.")


STEP_EACH = tr("opt.step() belongs after the loop: the gradients of all micro-batches add up, and then comes one step.")


STALE = tr("Gradients from before are still in .grad and are counted: opt.zero_grad() once, before the loop.")


ONE_BY_ONE = tr("Call the model on each micro-batch by itself: the big batch is the one that does not fit in memory.")


ONCE = tr("The model is called again for the same samples: the first pass has the loss already.")


MODE = tr("Your code switches the mode: train() and eval() are for whoever lent the model.")


LAST_LOSS = tr("That is the loss of the last micro-batch: add them up, each with its share of the samples.")


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
def one_big_batch(weight, bias, batches, **options):
    """What the accumulated step must equal: the parameters after it, and the loss."""
    raise NotImplementedError  # its values lie in expected.json


@reference
def means_of_batches(weight, bias, batches, **options):
    """The mean loss of each micro-batch, before any step."""
    raise NotImplementedError  # its values lie in expected.json


@reference
def _gradient(training, batches, factor=1.0, *, zeroed=True):
    """Leaves the gradient of the batches' mean loss, times a factor, in .grad; returns the loss."""
    raise NotImplementedError  # its values lie in expected.json


WRONG_STEPS = (
    ("stale", STALE),
    *((f"zeroed inside, weighted by {share}", ZERO_INSIDE) for share in ("nothing", "samples", "batches")),
    *((f"stepping, weighted by {share}", STEP_EACH) for share in ("nothing", "samples")),
    *((f"fresh, weighted by {share}", STEP_EACH) for share in ("nothing", "samples")),
    ("sum, weighted by batches", MEAN_OF_MEANS),
    ("sum, weighted by nothing", SUM_OF_MEANS),
)
"""Known mistakes, as `wrong_step` makes them."""


@reference
def wrong_step(mistake, weight, bias, batches, **options):
    """The parameters that a known mistake ends at."""
    raise NotImplementedError  # its values lie in expected.json


@cache
def training_source():
    """The source of `Training`, read once: finding a class in a long file takes longer than a check."""
    return inspect.getsource(Training)


def assert_step(student, weight, bias, batches, **options):
    """`accumulated_step` leaves the weights of one big batch's step, and returns its loss.

    Returns:
        What the model and the optimizer recorded.
    """
    switch_autograd_on(student)
    right, right_loss = one_big_batch(weight, bias, batches, **options)
    training = student.define(training_source(), "Training")(weight, bias, **options)
    model, opt, loss_fn = training.model, training.opt, training.loss_fn
    for remote, label in ((model, "model"), (opt, "opt"), (loss_fn, "loss_fn")):
        remote.label = label
    with explained_cuts(student, "accumulated_step", legitimate=("item", "float", "no_grad", "detach")):
        loss = student.accumulated_step(model, opt, loss_fn, batches)
    assert_python_number(loss, float)
    got = training.parameters
    for position, name in enumerate(("weight", "bias")):
        assert_close(
            got[position],
            right[position],
            atol=1e-7,
            name=tr("The {which} of the model after the step", which=name),
            mistakes=(
                (wrong_step(mistake, weight, bias, batches, **options)[position], hint) for mistake, hint in WRONG_STEPS
            ),
        )
    means = means_of_batches(weight, bias, batches, **options)
    assert_close(
        loss,
        right_loss,
        name=tr("The loss that is returned"),
        mistakes=[
            (torch.tensor(means[-1]), LAST_LOSS),
            (torch.tensor(sum(means)), SUM_OF_MEANS),
            (torch.tensor(sum(means) / len(means)), MEAN_OF_MEANS),
        ],
        hint=tr("The mean loss over all samples was asked, with the weights from before the step."),
    )
    assert_inputs_unchanged(student)
    return training.record


def assert_modes(student, weight, bias, batches):
    """A model that comes in training mode works and stays in it, and so does one in evaluation mode."""
    for training in (True, False):
        switch_autograd_on(student)
        made = student.define(training_source(), "Training")(weight, bias)
        model, opt, loss_fn = made.model, made.opt, made.loss_fn
        for remote, label in ((model, "model"), (opt, "opt"), (loss_fn, "loss_fn")):
            remote.label = label
        model.train(training)
        student.accumulated_step(model, opt, loss_fn, batches)
        assert_grad_mode(student)
        modes = [*model.modes, model.training] if isinstance(model.modes, list) else []
        assert_that(
            len(modes) > 1 and all(mode is training for mode in modes),
            tr("The model does not stay in the mode that it is in."),
            expected=verbatim(f"training={training}"),
            actual=verbatim(", ".join(f"training={mode}" for mode in dict.fromkeys(modes))),
            hint=MODE,
        )


def assert_micro(student, weight, bias, batches, **options):
    """The step is right, it is one, and the model saw one micro-batch at a time."""
    sizes, steps = assert_step(student, weight, bias, batches, **options)
    assert_that(
        steps == 1,
        tr("The optimizer steps more than once."),
        expected=verbatim("1"),
        actual=verbatim(str(steps)),
        hint=STEP_EACH,
    )
    wanted = [len(x) for x, _ in batches]
    seen = sizes if isinstance(sizes, list) and all(type(size) is int for size in sizes) else []
    assert_that(
        sorted(seen) == sorted(wanted),
        tr("The model does not see each micro-batch by itself, and once."),
        expected=tr("batches of {sizes}", sizes=wanted),
        actual=tr("batches of {sizes}", sizes=seen),
        hint=ONCE if set(seen) == set(wanted) else ONE_BY_ONE,
    )


WEIGHT = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]], dtype=torch.float64)


BIAS = torch.tensor([0.1, -0.2], dtype=torch.float64)


def batches_of(sizes, labels=False):
    """Fixed micro-batches of these sizes."""
    n = sum(sizes)
    x = torch.sin(torch.arange(3 * n, dtype=torch.float64)).reshape(n, 3)
    y = torch.arange(n) % 2 if labels else torch.cos(3 * torch.arange(2 * n, dtype=torch.float64)).reshape(n, 2)
    return list(zip(x.split(sizes), y.split(sizes), strict=True))
