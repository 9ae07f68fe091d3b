"""What decides `training`, and what it says."""

import re
from contextlib import contextmanager, suppress
from functools import partial

import numpy as np
import torch

from grader.kit import (
    CheckFailure,
    StudentError,
    assert_close,
    assert_length,
    assert_python_number,
    assert_returns,
    assert_that,
    tr,
    verbatim,
)
from grader.kit.gradients import explained
from grader.kit.training.accuracy import accuracy_of_logits, measurement, permuted_labels
from grader.kit.training.averages import assert_accuracies, assert_losses
from grader.kit.training.lab import BATCH_SIZE, LR, SAMPLES, Lab, replay
from grader.kit.training.probes import (
    ATOL,
    LAST_BATCH,
    NO_STEP,
    OTHER_START,
    VAL_TRAINS,
    ask,
    assert_eval_mode,
    assert_no_grad,
    assert_shuffled_anew,
    assert_trained,
    assert_trains_on_device,
    assert_validated,
    autograd_left_on,
)
from grader.notebook.datasets import digits, variations

from ..count_parameters.judges import flags_of

PAIR_ASKED = tr("Return the pair (loss, accuracy): two Python floats.")


PAIR_TURNED = tr("The accuracy stands first, and then the loss: return them in the other order.")


USE_LOSS_FN = tr("The loss is that of the loss_fn that was given, and not always the cross entropy.")


OWN_OPTIMIZER = tr(
    "Those are the steps of another optimizer, or of a new one: take them with the one that was given, which remembers"
    " what it did before."
)


ONE_STEP = tr("There is one step an epoch: step after every batch.")


ADDED_UP = tr(
    "The weights are those of a loop in which the gradients of the batches add up: backward adds to .grad, so"
    " optimizer.zero_grad() belongs in every batch."
)


NO_SOFTMAX = tr("The model gives logits, and cross entropy wants logits: no softmax in between.")


STEP_TOO_EARLY = tr(
    "backward needs the values of the forward pass, and one was overwritten before it came: optimizer.step() overwrites"
    " the weights, so it comes after backward."
)


FIRST_BATCH = tr("The first batch alone is trained on: does something leave the loop, such as a return inside it?")


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
    assert_that(
        seen == sorted([*range(SAMPLES)] * epochs),
        tr("An epoch does not train on every sample exactly once."),
        expected=tr("{n} samples", n=SAMPLES * epochs),
        actual=tr("{n} samples", n=len(seen)),
        hint=missing_samples(seen, epochs),
    )
    weights = lab.weights
    start = lab.lesson.bench().weights
    assert_that(not torch.equal(weights, start), tr("Training leaves the weights as they were."), hint=NO_STEP)
    assert_that(
        torch.equal(forwards[0].weights, start),
        tr("Training begins with other weights than those that the model came with."),
        hint=OTHER_START,
    )
    assert_close(
        weights,
        replay(lab.lesson, epochs, lr, optimizer=optimizer)[-1],
        rtol=0,
        atol=ATOL,
        name="model.state_dict()",
        mistakes=wrong_steps(lab.lesson, epochs, lr, optimizer),
        hint=tr(
            "The weights are not those of one step for each batch, made by the optimizer that was given, from the"
            " gradients of that batch's loss alone."
        ),
    )


def missing_samples(seen, epochs):
    """The hint for samples that were trained on too seldom."""
    full = SAMPLES - SAMPLES % BATCH_SIZE
    known = {full: LAST_BATCH, BATCH_SIZE: FIRST_BATCH}
    return next((hint for end, hint in known.items() if seen == sorted([*range(end)] * epochs)), None)


def wrong_steps(lesson, epochs, lr, optimizer):
    """The weights after training that goes wrong, each with its hint."""

    def wrong(**mistake):
        return replay(lesson, epochs, mistake.pop("lr", lr), **{"optimizer": optimizer, **mistake})[-1]

    yield wrong(clear=False), ADDED_UP
    for clear in (True, False):
        yield wrong(clear=clear, step_every_batch=False), ONE_STEP
    yield wrong(new_every_epoch=True), OWN_OPTIMIZER
    for other in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop):
        for rate in (lr, LR, 1e-2, 1e-3):
            yield wrong(optimizer=other, lr=rate), OWN_OPTIMIZER
    yield wrong(score=lambda logits: logits.softmax(1)), NO_SOFTMAX


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


EPOCHS = 6


LOW_ACCURACY = tr(
    "This check trains a network with your code on 1,437 digits. If another check of this exercise fails, begin with"
    " that one: this one cannot tell what is wrong."
)


def digit_bench(images, labels, seed):
    """A new MLP with its optimizer, and a loader of the images."""

    class Bench:
        def __init__(self):
            nn = torch.nn
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                self.model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
            self.loss_fn = nn.CrossEntropyLoss()
            self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-2)
            generator = torch.Generator().manual_seed(seed)
            samples = torch.utils.data.TensorDataset(images, labels)
            self.loader = torch.utils.data.DataLoader(samples, batch_size=64, shuffle=True, generator=generator)

        def logits(self, images):
            with torch.no_grad():
                return self.model.eval()(images)

    return Bench()


def scaled(data):
    """Bytes of shape (N, 28, 28) as floats in [0, 1], (N, 1, 28, 28)."""
    return data[:, None].float() / 255


@measurement("digits_mlp")
def digits_accuracy(student, rng):
    """The accuracy of a 784-64-10 network after 6 epochs on the digits, with the classes renamed at random.

    It is measured on held-out digits, each turned and shifted a little; the student's side sees their images alone.
    """
    train, test = digits(), digits(train=False)
    labels = permuted_labels(torch.cat([train.targets, test.targets]), rng, 10)
    bench = student.define(digit_bench)(scaled(train.data), labels[: len(train)], rng.integer(0, 2**31))
    for _ in range(EPOCHS):
        with explained_errors():
            student.train_epoch(bench.model, bench.loader, bench.loss_fn, bench.optimizer)
    logits = bench.logits(variations(scaled(test.data), rng.generator, degrees=5, pixels=0.5))
    return accuracy_of_logits(logits, labels[len(train) :], 10, name="logits")
