"""What decides `schedule`, and what it says."""

import torch
import torch.nn.functional as F

from grader.kit import assert_close, assert_length, assert_returns, assert_that, tr, verbatim
from grader.kit.defaults import assert_defaults_kept
from grader.kit.training.lab import Lab
from grader.kit.training.lessons import Lesson
from grader.kit.training.probes import ask, assert_train_mode

START = 0.5
"""The first learning rate: large enough to tell one epoch's steps from another's."""

SCHEDULES = {
    "StepLR": {"step_size": 2, "gamma": 0.4},
    "MultiStepLR": {"milestones": [1, 3], "gamma": 0.3},
    "ExponentialLR": {"gamma": 0.7},
    "CosineAnnealingLR": {"T_max": 6},
}
"""Of torch.optim.lr_scheduler, by name."""


def planned(model, start, name, options):
    """An SGD of the model's parameters and a scheduler of it; sent by its source."""
    import torch

    class Plan:
        def __init__(self):
            self.optimizer = torch.optim.SGD(model.parameters(), lr=start)
            self.scheduler = getattr(torch.optim.lr_scheduler, name)(self.optimizer, **options)

        def come_in_eval_mode(self):
            model.eval()

    return Plan()


@torch.enable_grad()
def definition(lesson, epochs, name):
    """The weights after training by the definition, and the learning rate of each epoch."""
    bench = lesson.bench()
    model, rates = bench.model.train(), []
    plan = planned(model, START, name, SCHEDULES[name])
    for _ in range(epochs):
        rates.append(plan.optimizer.param_groups[0]["lr"])
        for images, labels in bench.train_loader:
            plan.optimizer.zero_grad()
            F.cross_entropy(model(images), labels).backward()
            plan.optimizer.step()
        plan.scheduler.step()
    return bench.weights, rates


def trained(student, lesson, epochs, name, *, in_eval_mode=False):
    """A lab after the student's training, and what it returned."""
    lab = Lab(student, lesson)
    plan = student.define(planned)(lab.model, START, name, SCHEDULES[name])
    if in_eval_mode:
        ask(student, plan.come_in_eval_mode)
    optimizer, scheduler = plan.optimizer, plan.scheduler
    optimizer.label, scheduler.label = "optimizer", "scheduler"
    rates = student.train_scheduled(lab.model, lab.train_loader, optimizer, scheduler, epochs)
    return lab, rates


def assert_scheduled(student, rng, epochs, name):
    """The weights are those of a loop in which the scheduler steps after each epoch."""
    lesson = Lesson.draw(rng)
    lab, _ = trained(student, lesson, epochs, name)
    weights = lab.weights
    assert_that(not torch.equal(weights, lesson.bench().weights), tr("Training leaves the weights as they were."))
    right, _ = definition(lesson, epochs, name)
    named = tr("The model's weights after {n} epochs with {schedule}", n=epochs, schedule=name)
    assert_close(weights, right, rtol=1e-4, atol=1e-5, name=named)


def assert_rates(student, rng, epochs, name):
    """The result holds the learning rate that each epoch's steps were made with."""
    lesson = Lesson.draw(rng)
    _, rates = trained(student, lesson, epochs, name)
    assert_returns(rates, list)
    assert_length(rates, epochs)
    found = [as_number(rate) for rate in rates]
    _, right = definition(lesson, epochs, name)
    for position, (rate, wanted) in enumerate(zip(found, right, strict=True), 1):
        label = tr("The learning rate of epoch {n}", n=position)
        assert_returns(rate, (float, int), name=label)
        assert_that(
            abs(rate - wanted) <= 1e-6 * wanted + 1e-9,
            tr("The learning rate of epoch {n} is wrong.", n=position),
            expected=verbatim(f"{wanted:.4g}"),
            actual=verbatim(f"{rate:.4g}"),
        )


def as_number(rate):
    """The number in a tensor or a list of one: the type has a check of its own."""
    if isinstance(rate, list | tuple) and len(rate) == 1:
        rate = rate[0]
    return rate.item() if isinstance(rate, torch.Tensor) and rate.numel() == 1 else rate


def assert_rates_are_floats(student, rng):
    """The learning rates are Python floats."""
    _, rates = trained(student, Lesson.draw(rng), 2, "StepLR")
    assert_defaults_kept(student)
    assert_returns(rates, list)
    assert_length(rates, 2)
    for position, rate in enumerate(rates, 1):
        assert_returns(rate, float, name=tr("The learning rate of epoch {n}", n=position))


def assert_modes(student, rng, epochs):
    """The model trains in train mode, in whatever mode it came."""
    lab, _ = trained(student, Lesson.draw(rng), epochs, "StepLR", in_eval_mode=True)
    assert_train_mode(lab)


def assert_step_lr(student, lr, step_size, gamma, epochs, *, is_shown=False):
    """step_lr gives StepLR's learning rate of each epoch."""
    for epoch in epochs:
        rate = student.step_lr(lr, epoch, step_size, gamma)
        assert_returns(rate, float)
        wanted = lr
        for _ in range(epoch // step_size):
            wanted *= gamma
        assert_that(
            abs(rate - wanted) <= 1e-9 * wanted,
            tr("step_lr gives another learning rate."),
            expected=verbatim(f"{wanted:.6g}") if is_shown else None,
            actual=verbatim(f"{rate:.6g}") if is_shown else None,
        )
