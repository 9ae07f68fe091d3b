"""What decides `training`, and what it says."""

import re
from contextlib import contextmanager, suppress

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
from grader.kit.gradients import explained
from grader.kit.training.averages import assert_accuracies, assert_losses
from grader.kit.training.hints import NO_STEP, VAL_TRAINS
from grader.kit.training.lab import Lab
from grader.kit.training.probes import (
    ask,
    assert_eval_mode,
    assert_no_grad,
    assert_shuffled_anew,
    assert_trained,
    assert_trains_on_device,
    assert_validated,
    autograd_left_on,
)

from ..count_parameters.judges import flags_of

PAIR_ASKED = tr("Return the pair (loss, accuracy): two Python floats.")
PAIR_TURNED = tr("The accuracy stands first, and then the loss: return them in the other order.")
USE_LOSS_FN = tr("The loss is that of the loss_fn that was given, and not always the cross entropy.")
STEP_TOO_EARLY = tr(
    "backward needs the values of the forward pass, and one was overwritten before it came: optimizer.step() overwrites"
    " the weights, so it comes after backward."
)
ALWAYS_TRAIN_MODE = tr("Call model.train() at the start of every epoch: a measurement before it left eval mode on.")
COUNTS_ON = tr(
    "The model is in train mode while you measure, so batch normalisation goes on counting: call model.eval() before."
)
FROZEN = tr(
    "Your code switches requires_grad off and leaves it so: the next epoch could not train. Use torch.no_grad()."
)
ONCE = tr(
    "Count the right predictions with the logits that the loss was made from: in another pass dropout leaves out other"
    " values, and batch normalisation counts the batch once more."
)
OWN_SEED = tr("A seed that is set in train_epoch gives every epoch the same random numbers: set none.")
ROWS_WRITTEN = tr(
    "The number of examples in a batch is written into your code, and this batch has another: x.flatten(1), or len(x)."
)


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
            raise explained(error, STEP_TOO_EARLY) from error
        raise


def train_once(student, lab, optimizer, loss_fn=None):
    """One call of `train_epoch` in the lab."""
    with autograd_left_on(student, is_judged=False), explained_errors():
        return student.train_epoch(lab.model, lab.train_loader, loss_fn or lab.loss_fn, optimizer)


def evaluate_once(student, lab, loss_fn=None):
    """One call of `evaluate` in the lab, on the validation samples."""
    with autograd_left_on(student, is_judged=False), explained_errors():
        return student.evaluate(lab.model, lab.val_loader, loss_fn or lab.loss_fn)


def assert_pair(result):
    """A loss and an accuracy: two Python floats."""
    assert_returns(result, tuple, hint=None if result is None else PAIR_ASKED)
    assert_length(result, 2, hint=PAIR_ASKED)
    for name, value in zip(("loss", "accuracy"), result, strict=True):
        assert_python_number(value, float, name=name)
    return result


def as_numbers(results):
    """What was returned, as plain numbers: which type is asked is looked at by other checks."""
    assert_length(results, 2, hint=PAIR_ASKED)
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
    assert_numbers([assert_pair(result) for result in trained], lab, "train")


def assert_evaluation_numbers(student, lesson):
    """The loss and the accuracy of an evaluation are means over samples."""
    lab = Lab(student, lesson)
    assert_numbers([assert_pair(evaluate_once(student, lab))], lab, "val")


def assert_train_modes(student, lesson):
    """Train mode in every training, whatever came before; and a new order, where the loader shuffles."""
    lab, _ = train_in_lab(student, lesson, 3 if lesson.shuffle else 2)
    for item in assert_trained(lab):
        assert_that(
            all(forward.training for forward in item.forwards),
            tr("The model trains in eval mode."),
            hint=ALWAYS_TRAIN_MODE,
        )
    if lesson.shuffle:
        assert_shuffled_anew(lab, hint=OWN_SEED)


def assert_eval_modes(student, lesson):
    """Eval mode in every evaluation, whatever came before."""
    lab = Lab(student, lesson)
    for _ in range(2):
        evaluate_once(student, lab)
        student.define("def learn(model):\n    model.train()\n", "learn")(lab.model)
    assert_eval_mode(lab)


def assert_one_pass(student, lesson):
    """Each training batch goes through the model once."""
    lab = Lab(student, lesson)
    train_once(student, lab, lab.adam())
    assert_trained(lab)
    seen = [number for item in lab.passes() for forward in item.forwards for number in forward.samples]
    most = max(seen.count(number) for number in set(seen))
    assert_that(
        most == 1,
        tr("A batch goes through the model more than once in an epoch."),
        expected=verbatim("1"),
        actual=verbatim(str(most)),
        hint=ONCE,
    )


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
        hint=COUNTS_ON if counts else VAL_TRAINS,
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
    assert_that(plain != smoothed, tr("evaluate gives the same loss with another loss_fn."), hint=USE_LOSS_FN)
    is_trained = not torch.equal(plainly, lesson.bench().weights)
    assert_that(is_trained, tr("Training leaves the weights as they were."), hint=NO_STEP)
    assert_that(
        not torch.allclose(plainly, smoothly, rtol=0, atol=1e-4),
        tr("train_epoch gives the same weights with another loss_fn."),
        hint=USE_LOSS_FN,
    )


def assert_devices(student, lesson):
    """Model and batches move to the device that is given, in training and in evaluation."""
    for name in ("train_epoch", "evaluate"):
        lab = Lab(student, lesson)
        given = (lab.adam(),) if name == "train_epoch" else ()
        with autograd_left_on(student, is_judged=False), explained_errors():
            assert_trains_on_device(student, student[name], lab.model, lab.train_loader, lab.loss_fn, *given, lab=lab)
