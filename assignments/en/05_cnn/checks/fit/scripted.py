"""Runs `fit` in the laboratory, on lessons whose losses are known in advance."""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, wraps
from itertools import pairwise

import torch
import torch.nn.functional as F

from grader.kit import Rng, assert_keys, assert_returns, tr, verbatim
from grader.kit.bindings import all_bindings, names_reached
from grader.kit.earlier import answers_in_place, stood_in
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.observations import unobserved
from grader.kit.training.batch_sizes import written_sizes
from grader.kit.training.histories import LISTS
from grader.kit.training.lab import Lab
from grader.kit.training.lessons import LR, Lesson, load_flat, replay, scripted_lesson
from grader.kit.training.probes import assert_every_sample, assert_trained, assert_validated, autograd_left_on

FIXED_BATCH = tr(
    "With batches of that size alone your code runs. Ask the batch itself, len(images), or leave its first dimension"
    " alone: images.flatten(1)."
)
SCRIPT = "bwbwwww"
"""The best epoch is number 3 (counted from 0), after one that is worse: with a patience of 2, number 5 is the last."""

SCRIPT_LR = 0.5
"""Of the scripted lessons. With large steps the losses after the best one go up and down."""

UNSAID, SIGNATURE_LR = object(), 1e-3
"""In place of a learning rate: none is passed, and `fit` takes its own."""

PATIENCE = 2
SCRIPTED = 8
"""Seed of the visible scripted lessons: it soon draws one that follows the script; others take up to a second."""


@dataclass(frozen=True)
class Lessons:
    """Draws what is trained on: batches of 4, 4 and 2 samples, or full ones of a size that the student's code needs."""

    rng: Rng
    size: int | None = None

    def draw(self, **options):
        """A lesson; `options` are those of `Lesson.draw`."""
        lesson = Lesson.draw(self.rng, **options)
        return lesson if self.size is None else lesson.stretched(self.size)

    def scripted(self, *, norm=False):
        """A lesson that follows `SCRIPT`; an epoch after the best beats the one before it, and the last does not."""
        return _scripted(self.rng.integer(0, 2**31), norm, self.size)


@lru_cache(maxsize=16)
def _scripted(seed, norm, size):
    rng = Rng(seed)
    while True:
        lesson = scripted_lesson(rng, SCRIPT, lr=SCRIPT_LR, norm=norm, batch_size=size)
        model, losses = lesson.bench().model.eval(), []
        for weights in replay(lesson, len(SCRIPT) + 1, SCRIPT_LR):
            load_flat(model, weights)
            with torch.no_grad():
                losses.append(float(F.cross_entropy(model(lesson.val_images), lesson.val_labels)))
        after_the_best = losses[SCRIPT.rindex("b") + 2 :]
        *falls, last_falls = [later < loss - 0.01 for loss, later in pairwise(after_the_best)]
        if any(falls) and not last_falls:
            return lesson


def with_fewer_to_validate(lesson):
    """The lesson with 7 validation samples, in batches of 4 and 3: another number than that of training."""
    return replace(lesson, val_images=lesson.val_images[:7], val_labels=lesson.val_labels[:7])


def fitted(student, lesson, *, needs_end=True, judges_autograd=False, saves=False, reads=False, **options):
    """A lab after the student's `fit`, and what it returned.

    Args:
        student: the notebook.
        lesson: what to train on.
        needs_end: whether `fit` must return. Where the notes of its epochs are all that counts, a fault that ends it
            after the last of them (weights read back from a file that was never written) is left to the other checks.
        judges_autograd: whether autograd must be on afterwards.
        saves: whether to pass a `checkpoint_path`.
        reads: whether the history is looked at: then it must be one, and losses that are tensors are read as numbers.
        options: of `fit`; one that is `UNSAID` is left to its default.
    """
    lab = Lab(student, lesson)
    options = {name: value for name, value in {"lr": LR, **options}.items() if value is not UNSAID}
    if saves:
        options["checkpoint_path"] = lab.path
    history = None
    try:
        with autograd_left_on(student, is_judged=judges_autograd):
            history = student.fit(lab.model, lab.train_loader, lab.val_loader, **options)
    except StudentError as error:
        has_run = error.type_name == "FileNotFoundError" and len(lab.passes("train")) >= options["epochs"]
        if needs_end or not has_run:
            explain(error, saves)
            raise
    if reads:
        history = numbers_of(history)
    assert_trained(lab)
    assert_validated(lab)
    return lab, history


def earlier_answers():
    """What `fit` needs of an earlier exercise, and no answer to it: PyTorch's scheduler counts; sent by its source."""

    class EarlyStopping:
        def __init__(self, patience):
            idle = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
            self.plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(idle, patience=patience - 1, threshold=0.0)

        @property
        def best(self):
            return self.plateau.best

        def step(self, val_loss):
            self.plateau.step(val_loss)
            return [] if self.plateau.optimizer.param_groups[0]["lr"] == 1 else [True]  # true or false, and no bool

    return {"EarlyStopping": EarlyStopping}


def apart_from_stopping(judge):
    """`judge(student, rng, …)`, in which an error in the student's `EarlyStopping`, on which `fit` may build, is none.

    What fails is asked the very same again with a right `EarlyStopping` in place of the student's own.
    """

    @wraps(judge)
    def judged(student, rng, *args):
        drawn = rng.generator.get_state()
        try:
            judge(student, rng, *args)
        except (StudentError, CheckFailure):
            if not uses_stopping(student):
                raise
            rng.generator.set_state(drawn)
            with unobserved(), suppress(StudentError, CheckFailure), answers_in_place(student, "fit", earlier_answers):
                judge(student, rng, *args)
                stood_in("EarlyStopping")
                return
            raise

    return judged


def uses_stopping(student):
    """Whether the source of `fit`, or of what it calls, names `EarlyStopping`."""
    bindings = all_bindings(student.cells, {})
    return any(
        "EarlyStopping" in bindings[name].code for name in names_reached("fit", bindings, {}) - {"EarlyStopping"}
    )


def at_their_size(judge):
    """`judge`, which draws from `Lessons`, asked again with full batches of the size that is written into the code.

    Code that works with no other size fails a check of its own; all others judge what it does with that one. Nor does
    an error in an earlier exercise count, on which the code may build.
    """

    @apart_from_stopping
    @wraps(judge)
    def judged(student, rng, *args):
        try:
            judge(student, Lessons(rng), *args)
        except StudentError as error:
            for size in written_sizes(student, error, "fit"):
                with suppress(StudentError):
                    judge(student, Lessons(rng, size), *args)
                    return
            raise

    return judged


@apart_from_stopping
def assert_any_batch_size(student, rng, sizes):
    """Fails unless every sample is trained on, and validated with, whatever the size of a batch and of the last one."""
    for size in sizes:
        lesson = replace(Lesson.draw(rng), batch_size=size)
        try:
            lab, _ = fitted(student, lesson, needs_end=False, epochs=2)
        except StudentError as error:
            explain_size(student, rng, error)
            raise
        assert_every_sample(lab)


def explain_size(student, rng, error):
    """Raises what is to be said of an error that full batches of one size do not raise."""
    for written in written_sizes(student, error, "fit"):
        with suppress(StudentError):
            fitted(student, Lessons(rng, written).draw(), needs_end=False, epochs=2)
            raise CheckFailure(
                tr("Your code fails for a batch of another size than the one that is written into it."),
                expected=tr("any size"),
                actual=verbatim(str(written)),
                hint=FIXED_BATCH,
            ) from error


NO_FOLDER = ("does not exist", "No such file")


def explain(error, saves):
    """Raises what can be said of an exception in `fit`: a folder or a file that is not there."""
    if any(text in error.message for text in NO_FOLDER):
        reads = any("load" in frame.text or "open(" in frame.text for frame in error.frames)
        if saves and not reads:
            raise CheckFailure(tr("The folder of checkpoint_path does not exist.")) from error
        if reads:
            raise CheckFailure(tr("Your code reads weights from a file that it never wrote.")) from error


def numbers_of(history):
    """A history with its lists, in which a tensor of one number is that number: its type has a check of its own."""
    assert_returns(history, dict, name="history")
    if not history.keys() >= {*LISTS}:
        assert_keys(history, (*LISTS, "best_epoch"), name="history")
    for key in LISTS:
        assert_returns(history[key], list, name=f"history['{key}']")
    lists = {key: [as_number(value) for value in history[key]] for key in LISTS}
    return {**history, **lists, "best_epoch": as_number(history.get("best_epoch"))}


def as_number(value):
    return value.item() if isinstance(value, torch.Tensor) and value.numel() == 1 else value
