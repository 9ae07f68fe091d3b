"""Decides what each step is made from, and whether the weights go where the right steps lead."""

from functools import partial

import torch
import torch.nn.functional as F

from grader.kit import assert_close, assert_returns, assert_that, tr, trn, verbatim
from grader.kit.training.lab import Lab
from grader.kit.training.lessons import LR, load_flat, replay
from grader.kit.training.probes import ATOL, ask, assert_trained

from ..common import samples
from .judges import at_a_known_size, sgd_with_momentum, tenfold_loss, train_once

SAME_DIRECTION = 0.999
"""The least cosine of two gradients that are one but for their length."""


def watching(model, lr):
    """An SGD and the cross entropy, which note in which order what happens, and the gradients at each step."""
    events, noted = [], []
    cross_entropy = torch.nn.CrossEntropyLoss()

    class WatchingSGD(torch.optim.SGD):
        def step(self, closure=None):
            loss = None
            if closure is not None:
                with torch.enable_grad():
                    loss = closure()
            found = [parameter.grad for group in self.param_groups for parameter in group["params"]]
            flat = [gradient.detach().double().flatten() for gradient in found if gradient is not None]
            noted.append((events.count("forward"), torch.cat(flat) if len(flat) == len(found) else None))
            events.append("step")
            super().step()
            return loss

    def watching_loss(logits, labels):
        loss = cross_entropy(logits, labels)
        if loss.requires_grad:
            loss.register_hook(lambda _: events.append("backward"))
        return loss

    class Watch:
        optimizer = WatchingSGD(model.parameters(), lr=lr)
        loss_fn = staticmethod(watching_loss)

        @property
        def events(self):
            return list(events)

        @property
        def noted(self):
            return list(noted)

    model.register_forward_hook(lambda *_: events.append("forward"))
    next(model.parameters()).register_hook(lambda _: events.append("gradient"))
    return Watch()


@at_a_known_size
def assert_steps_of_batches(student, lesson):
    """Each batch makes one step, from the gradient of its own loss alone, whatever its length."""
    lab = Lab(student, lesson)
    watch = student.define(watching)(lab.model, LR)
    optimizer, loss_fn = watch.optimizer, watch.loss_fn
    optimizer.label, loss_fn.label = "optimizer", "loss_fn"
    train_once(student, lab, optimizer, loss_fn)
    noted, events = ask(student, lambda: (watch.noted, watch.events))
    assert_returns(noted, list)
    assert_returns(events, list)
    forwards = [forward for item in lab.passes() for forward in item.forwards]
    batches = list(dict.fromkeys(forward.samples for item in assert_trained(lab) for forward in item.forwards))
    seen, count = sum(map(len, batches)), len(lesson.samples)
    assert_that(
        seen >= count - count % lesson.batch_size,
        tr("An epoch does not train on every batch."),
        expected=samples(count),
        actual=samples(seen),
    )
    assert_that(
        len(noted) == len(batches),
        tr("The optimizer that was given does not make one step for each batch."),
        expected=trn("{n} step", "{n} steps", len(batches)),
        actual=trn("{n} step", "{n} steps", len(noted)),
    )
    right = []
    for number, (count, gradient) in enumerate(noted, 1):
        assert_that(
            isinstance(gradient, torch.Tensor),
            tr("At step {n} the optimizer finds no gradient.", n=number),
            expected=tr("the gradient of batch {n}", n=number),
            actual=verbatim("None"),
        )
        forward = forwards[min(int(count), len(forwards)) - 1]
        right.append(gradient_of(lesson, forward))
        assert_that(
            is_along(gradient, right[-1]),
            tr("At step {n} the gradient is not that of the batch's loss.", n=number),
            expected=tr("the gradient of batch {n}", n=number),
            actual=what_it_is(gradient, right),
        )


def gradient_of(lesson, forward):
    """The gradient of a batch's loss, at the weights that the model had then; flat."""
    model = lesson.bench().model.train()
    load_flat(model, forward.weights)
    chosen = torch.tensor(forward.samples)
    with torch.enable_grad():
        F.cross_entropy(model(lesson.train_images[chosen]), lesson.train_labels[chosen]).backward()
    return torch.cat([parameter.grad.double().flatten() for parameter in model.parameters()])


def is_along(one, other):
    """Whether two gradients have one direction."""
    return one.shape == other.shape and float(F.cosine_similarity(one, other, dim=0)) > SAME_DIRECTION


def what_it_is(gradient, right):
    """Whether it is the sum of the gradients of the batches until now, or the gradient of the batch before."""
    if len(right) > 1 and torch.allclose(gradient, torch.stack(right).sum(0), rtol=1e-3, atol=1e-5):
        return tr("the sum of the gradients of the batches 1 to {n}", n=len(right))
    if len(right) > 1 and is_along(gradient, right[-2]):
        return tr("the gradient of batch {n}", n=len(right) - 1)
    return tr("another direction")


@at_a_known_size
def assert_training_updates(student, lesson, epochs):
    """The weights after training are those of the definition, for Adam and for SGD with momentum."""
    for count in (1, epochs):
        lab = Lab(student, lesson)
        optimizer = lab.adam()
        for _ in range(count):
            train_once(student, lab, optimizer)
        assert_steps(lab, count, LR, torch.optim.Adam)
    lab = Lab(student, lesson)
    optimizer, loss_fn = student.define(sgd_with_momentum)(lab.model, 0.03), student.define(tenfold_loss)()
    optimizer.label, loss_fn.label = "optimizer", "loss_fn"
    train_once(student, lab, optimizer, loss_fn)
    assert_steps(lab, 1, 0.3, partial(torch.optim.SGD, momentum=0.9))  # ten times the loss is ten times the step


def assert_steps(lab, epochs, lr, optimizer):
    """Every sample was trained on in every epoch, and the weights are those of one step a batch."""
    forwards = [forward for item in assert_trained(lab) for forward in item.forwards]
    seen = sorted(number for forward in forwards for number in forward.samples)
    count = len(lab.lesson.samples)
    full = count - count % lab.lesson.batch_size
    assert_that(
        seen == sorted([*range(count)] * epochs),
        tr("An epoch does not train on every sample exactly once."),
        expected=samples(count * epochs),
        actual=samples(len(seen)),
        hint=tr("The last batch, which is not full, is left out.") if seen == sorted([*range(full)] * epochs) else None,
    )
    weights = lab.weights
    start = lab.lesson.bench().weights
    assert_that(not torch.equal(weights, start), tr("Training leaves the weights as they were."))
    assert_that(
        torch.equal(forwards[0].weights, start),
        tr("Training begins with other weights than those that the model came with."),
    )
    assert_close(
        weights,
        replay(lab.lesson, epochs, lr, optimizer=optimizer)[-1],
        rtol=0,
        atol=ATOL,
        name="model.state_dict()",
        hint=tr(
            "The weights are not those of one step for each batch, made by the optimizer that was given, from the"
            " gradients of that batch's loss alone."
        ),
    )
