"""What decides `training`, and what it says."""

import re
from contextlib import contextmanager, suppress
from functools import partial

import numpy as np
import torch

from grader.kit import (
    CheckFailure,
    StudentError,
    assert_length,
    assert_python_number,
    assert_returns,
    assert_that,
    tr,
    verbatim,
)
from grader.kit.defaults import assert_defaults_kept
from grader.kit.gradients import explained
from grader.kit.observations import observe, unobserved
from grader.kit.training.averages import assert_accuracies, assert_losses
from grader.kit.training.batch_sizes import at_their_size
from grader.kit.training.lab import Lab
from grader.kit.training.probes import (
    ask,
    assert_eval_mode,
    assert_no_grad,
    assert_trained,
    assert_trains_on_device,
    assert_validated,
    autograd_left_on,
)

from ..common import samples
from ..count_parameters.judges import flags_of

PAIR_TURNED = tr("The accuracy stands first, and then the loss.")
OVERWRITTEN = tr("backward needs the values of the forward pass, and one of them was overwritten before it came.")
ALWAYS_TRAIN_MODE = tr("A measurement before the epoch left eval mode on, and train_epoch did not switch it off.")
COUNTS_ON = tr("The model is in train mode while you measure, so batch normalisation goes on counting.")
FROZEN = tr("evaluate leaves requires_grad off, and the next epoch could not train.")
ONCE = tr(
    "In another pass dropout leaves out other values, and batch normalisation counts the batch once more: the logits"
    " that the loss was made from are there already."
)
ROWS_WRITTEN = tr("The number of examples in a batch is written into your code, and this batch has another one.")


at_a_known_size = at_their_size("train_epoch", "evaluate")


def smoothed_loss(smoothing):
    """A loss function that is not the plain cross entropy."""
    return torch.nn.CrossEntropyLoss(label_smoothing=smoothing)


def tenfold_loss():
    """Ten times the cross entropy."""
    cross_entropy = torch.nn.CrossEntropyLoss()
    return lambda logits, labels: 10 * cross_entropy(logits, labels)


def sgd_with_momentum(model, lr):
    """SGD of the model's parameters, whose steps are as long as the gradients, unlike Adam's."""
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)


def look_at(model, loader):
    """A measurement of the check's own, which leaves the model in eval mode."""
    model.eval()
    with torch.no_grad():
        for images, _ in loader:
            model(images)


@contextmanager
def explained_errors():
    """Says what PyTorch's messages mean in a training loop."""
    try:
        yield
    except StudentError as error:
        if re.search(r"shape '\[\d+, -1\]' is invalid for input of size", error.message):
            raise explained(error, ROWS_WRITTEN) from error
        if "modified by an inplace operation" in error.message:
            raise explained(error, OVERWRITTEN) from error
        raise


def train_once(student, lab, optimizer, loss_fn=None):
    """One call of `train_epoch` in the lab."""
    with autograd_left_on(student, is_judged=False), explained_errors():
        return student.train_epoch(lab.model, lab.train_loader, loss_fn or lab.loss_fn, optimizer)


def evaluate_once(student, lab, loss_fn=None):
    """One call of `evaluate` in the lab, on the validation samples."""
    with autograd_left_on(student, is_judged=False), explained_errors():
        return student.evaluate(lab.model, lab.val_loader, loss_fn or lab.loss_fn)


@at_a_known_size
def assert_types(student, lesson):
    """Both functions return a tuple of two Python floats."""
    lab = Lab(student, lesson)
    for once in (partial(train_once, student, lab, lab.adam()), partial(evaluate_once, student, lab)):
        result = once()
        assert_defaults_kept(student)
        assert_returns(result, tuple)
        assert_length(result, 2)
        for name, value in zip(("loss", "accuracy"), result, strict=True):
            assert_python_number(value, float, name=name)


def as_numbers(results):
    """What was returned, as plain numbers: which type is asked is looked at by another check."""
    assert_length(results, 2)
    return [value.tolist() if isinstance(value, torch.Tensor | np.ndarray | np.generic) else value for value in results]


def train_in_lab(student, lesson, epochs):
    """Epochs of training with the check's own measurement before and after each; returns the lab and the results."""
    lab = Lab(student, lesson)
    optimizer = lab.adam()
    results = []
    look = student.define(look_at)
    for _ in range(epochs):
        look(lab.model, lab.val_loader)
        results.append(train_once(student, lab, optimizer))
    look(lab.model, lab.val_loader)
    return lab, results


def assert_numbers(pairs, lab, role):
    """Losses and accuracies, in this order, are means over samples."""
    losses, accuracies = ([pair[position] for pair in pairs] for position in (0, 1))
    try:
        assert_losses(losses, lab, role, name="loss")
    except CheckFailure as failure:
        if not are_losses(accuracies, lab, role):
            raise
        raise CheckFailure(failure.diagnosis.problem, hint=PAIR_TURNED) from failure
    assert_accuracies(accuracies, lab, role, name="accuracy")


def are_losses(values, lab, role):
    """Whether they are the losses that were asked."""
    with suppress(CheckFailure):
        assert_losses(values, lab, role, name="loss")
        return True
    return False


def assert_training_numbers(student, lesson, epochs):
    """Losses and accuracies of training are means over samples, of the pass that made the steps."""
    lab, trained = train_in_lab(student, lesson, epochs)
    assert_numbers([as_numbers(result) for result in trained], lab, "train")


def assert_evaluation_numbers(student, lesson):
    """The loss and the accuracy of an evaluation are means over samples."""
    lab = Lab(student, lesson)
    result = as_numbers(evaluate_once(student, lab))
    seen = {number for item in assert_validated(lab) for forward in item.forwards for number in forward.samples}
    assert_that(
        len(seen) == len(lesson.val_labels),
        tr("An evaluation does not look at every sample."),
        expected=samples(len(lesson.val_labels)),
        actual=samples(len(seen)),
    )
    assert_numbers([result], lab, "val")


@at_a_known_size
def assert_train_modes(student, lesson):
    """Train mode in every training, whatever came before; and a new order, where the loader shuffles."""
    with unobserved():  # dropout and the loader's order are chance
        lab, _ = train_in_lab(student, lesson, 3 if lesson.shuffle else 2)
        passes = assert_trained(lab)
    modes = [all(forward.training for forward in item.forwards) for item in passes]
    orders = {tuple(number for forward in item.forwards for number in forward.samples) for item in passes}
    observe(modes=modes, orders=len(orders))
    assert_that(all(modes), tr("The model trains in eval mode."), hint=ALWAYS_TRAIN_MODE)
    assert_that(
        len(orders) > 1 or not lesson.shuffle,
        tr("The loader shuffles, and yet the order of the samples is the same in every epoch."),
    )


@at_a_known_size
def assert_eval_modes(student, lesson):
    """Eval mode in every evaluation, whatever came before."""
    with unobserved():
        lab = Lab(student, lesson)
        for _ in range(2):
            evaluate_once(student, lab)
            student.define("def learn(model):\n    model.train()\n", "learn")(lab.model)
        passes = assert_validated(lab)
    observe(modes=[any(forward.training for forward in item.forwards) for item in passes])
    assert_eval_mode(lab)


@at_a_known_size
def assert_one_pass(student, lesson):
    """Each training batch goes through the model once."""
    with unobserved():
        lab = Lab(student, lesson)
        train_once(student, lab, lab.adam())
        assert_trained(lab)
        passes = lab.passes()
    forwards = [forward for item in passes for forward in item.forwards]
    seen = [number for forward in forwards for number in forward.samples]
    most = max(seen.count(number) for number in set(seen))
    observe(most=most, modes=[[forward.training, forward.grad] for forward in forwards])
    assert_that(
        most == 1,
        tr("A batch goes through the model more than once in an epoch."),
        expected=verbatim("1"),
        actual=verbatim(str(most)),
        hint=ONCE,
    )


@at_a_known_size
def assert_evaluation_only_looks(student, lesson):
    """Evaluation builds no graph and changes nothing, nor leaves autograd off."""
    lab = Lab(student, lesson)
    before = lab.weights
    with autograd_left_on(student), explained_errors():
        student.evaluate(lab.model, lab.val_loader, lab.loss_fn)
    passes = assert_validated(lab)
    changed = changed_tensors(lesson, before, lab.weights)
    parameters = dict(lesson.bench().model.named_parameters())
    counts = any(forward.training for item in passes for forward in item.forwards) and not changed & set(parameters)
    assert_that(
        not changed,
        tr("The model's weights or buffers change while you evaluate."),
        actual=verbatim(", ".join(sorted(changed))),
        hint=COUNTS_ON if counts else None,
    )
    assert_no_grad(lab)
    flags = ask(student, student.define(flags_of), lab.model)
    assert_that(flags == flags_of(lesson.bench().model), tr("Parameters are frozen after evaluate."), hint=FROZEN)


def changed_tensors(lesson, before, after):
    """The names of the tensors of the model's state that differ."""
    changed, start = set(), 0
    for name, tensor in lesson.bench().model.state_dict().items():
        part = slice(start, start + tensor.numel())
        if not torch.equal(before[part], after[part]):
            changed.add(name)
        start = part.stop
    return changed


@at_a_known_size
def assert_loss_fn_is_used(student, lesson, smoothing):
    """The loss is the one that was given, in training and in evaluation: with another one, the results are others."""
    found = []
    for share in (0.0, smoothing):
        lab = Lab(student, lesson)
        loss_fn = student.define(smoothed_loss)(share)
        loss_fn.label = "loss_fn"
        loss = as_numbers(evaluate_once(student, lab, loss_fn))
        train_once(student, lab, lab.adam(), loss_fn)
        found.append((loss, lab.weights))
    (plain, plainly), (smoothed, smoothly) = found
    assert_that(plain != smoothed, tr("evaluate gives the same loss with another loss_fn."))
    is_trained = not torch.equal(plainly, lesson.bench().weights)
    assert_that(is_trained, tr("Training leaves the weights as they were."))
    assert_that(
        not torch.allclose(plainly, smoothly, rtol=0, atol=1e-4),
        tr("train_epoch gives the same weights with another loss_fn."),
    )


@at_a_known_size
def assert_devices(student, lesson):
    """Model and batches move to the device that is given, in training and in evaluation."""
    for name in ("train_epoch", "evaluate"):
        lab = Lab(student, lesson)
        given = (lab.adam(),) if name == "train_epoch" else ()
        with autograd_left_on(student, is_judged=False), explained_errors():
            assert_trains_on_device(student, student[name], lab.model, lab.train_loader, lab.loss_fn, *given, lab=lab)
