"""Decides what `fit` writes to its checkpoint, and when."""

import math

import torch

from grader.kit import assert_close, assert_returns, assert_shape, assert_that, tr, verbatim
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.training.histories import best_epoch
from grader.kit.training.lessons import VAL, Lesson
from grader.kit.training.probes import ask, assert_validated

from .scripted import NO_CHECKPOINT, SCRIPT, SCRIPT_LR, WHOLE_MODEL, fitted, scripted

SAVES_EACH_BEST = tr(
    "A training may be cut short at any time: write the file inside the loop, whenever the validation loss is a new"
    " lowest one."
)
SAVED_LAST = tr(
    "The file holds the weights of another epoch than the best: save whenever the validation loss improves."
)


def assert_fit_checkpoint(student, rng):
    lab, _ = fitted(student, scripted(rng, norm=True), saves=True, epochs=len(SCRIPT) + 1, lr=SCRIPT_LR)
    try:
        state = lab.checkpoint
    except StudentError as error:
        is_absent = error.type_name == "FileNotFoundError"
        raise CheckFailure(
            tr("torch.load(checkpoint_path, weights_only=True) fails."),
            actual=tr("{kind}: {message}", kind=error.type_name, message=error.message[:120]),
            hint=NO_CHECKPOINT if is_absent else WHOLE_MODEL,
        ) from error
    assert_returns(state, dict, name=tr("What the checkpoint holds"), hint=WHOLE_MODEL)
    names = list(lab.lesson.bench().model.state_dict())
    assert_that(
        list(state) == names and all(isinstance(tensor, torch.Tensor) for tensor in state.values()),
        tr("The checkpoint is not the model's state_dict()."),
        hint=WHOLE_MODEL,
    )
    flat = torch.cat([tensor.double().flatten() for tensor in state.values()])
    last = assert_validated(lab)[-1].weights
    best = assert_validated(lab)[best_epoch(lab)].weights
    assert_shape(flat, best.shape, name=tr("What the checkpoint holds"))
    assert_close(
        flat,
        best,
        rtol=0,
        atol=1e-6,
        name=tr("What the checkpoint holds"),
        mistakes=[(last, SAVED_LAST)],
        hint=SAVED_LAST,
    )


def assert_fit_saves_each_best(student, rng):
    """Fails unless the file holds the best weights so far whenever an epoch begins."""
    lab, _ = fitted(student, scripted(rng), saves=True, epochs=len(SCRIPT) + 1, lr=SCRIPT_LR)
    try:
        saves = lab.saves
    except StudentError as error:
        raise CheckFailure(tr("The checkpoint is not the model's state_dict()."), hint=WHOLE_MODEL) from error
    numbers = range(VAL, VAL + len(lab.lesson.val_labels))
    best, lowest, position, epoch = None, math.inf, 0, 0
    for item in lab.passes():
        begins = next((place for place, forward in enumerate(item.forwards) if forward.grad), None)
        if item.role == "train" and begins is not None:
            epoch += 1
            held = [weights for number, weights in saves if number <= position + begins]
            is_held = bool(held) and held[-1].shape == best.shape if best is not None else True
            assert_that(
                best is None or (is_held and torch.allclose(held[-1], best, atol=1e-6)),
                tr("When epoch {n} begins, the file does not hold the best weights so far.", n=epoch),
                hint=SAVED_LAST if held else SAVES_EACH_BEST,
            )
        if item.role == "val":
            loss = float(lab.lesson.measure(item.weights, numbers)[0].mean())
            best, lowest = (item.weights, loss) if loss < lowest else (best, lowest)
        position += len(item.forwards)


FILES_HERE = """
def files_here():
    import os

    return sorted(os.listdir("."))
"""


def assert_fit_saves_nothing(student, rng):
    """Fails if `fit` leaves a file in the notebook's folder, where no checkpoint was asked."""
    files_here = student.define(FILES_HERE, "files_here")
    before = ask(student, files_here)
    fitted(student, Lesson.draw(rng), epochs=2)
    new = [name for name in ask(student, files_here) if name not in before]
    assert_that(
        not new,
        tr("Without checkpoint_path a file is written all the same."),
        actual=verbatim(", ".join(str(name)[:40] for name in new[:3])),
        hint=tr("With checkpoint_path=None nothing is saved: keep the best weights in memory."),
    )
