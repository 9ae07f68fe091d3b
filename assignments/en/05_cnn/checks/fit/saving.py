"""Decides what `fit` writes to its checkpoint, and when."""

import math

import torch

from grader.kit import assert_returns, assert_shape, assert_that, tr, verbatim
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.training.histories import best_epoch
from grader.kit.training.lessons import VAL
from grader.kit.training.probes import ask, assert_validated

from .scripted import SCRIPT, SCRIPT_LR, at_their_size, fitted


@at_their_size
def assert_fit_checkpoint(student, lessons):
    lab, _ = fitted(student, lessons.scripted(norm=True), saves=True, epochs=len(SCRIPT) + 1, lr=SCRIPT_LR)
    try:
        state = lab.checkpoint
    except StudentError as error:
        raise CheckFailure(
            tr("There is no file at checkpoint_path.")
            if error.type_name == "FileNotFoundError"
            else tr("torch.load(checkpoint_path, weights_only=True) fails."),
            actual=tr("{kind}: {message}", kind=error.type_name, message=error.message[:120]),
        ) from error
    assert_returns(state, dict, name=tr("What the checkpoint holds"))
    names = list(lab.lesson.bench().model.state_dict())
    assert_that(
        list(state) == names and all(isinstance(tensor, torch.Tensor) for tensor in state.values()),
        tr("The checkpoint is not the model's state_dict()."),
        expected=verbatim(", ".join(names)[:200]),
        actual=verbatim(", ".join(str(name) for name in state)[:200]),
    )
    flat = torch.cat([tensor.double().flatten() for tensor in state.values()])
    best = assert_validated(lab)[best_epoch(lab)].weights
    assert_shape(flat, best.shape, name=tr("What the checkpoint holds"))
    found = [epoch for epoch, item in enumerate(assert_validated(lab)) if torch.allclose(flat, item.weights, atol=1e-6)]
    assert_that(
        torch.allclose(flat, best, rtol=0, atol=1e-6),
        tr("The checkpoint holds other weights than those of the best epoch."),
        expected=tr("epoch {n}", n=best_epoch(lab)),
        actual=tr("epoch {n}", n=found[-1]) if found else None,
    )


@at_their_size
def assert_fit_saves_each_best(student, lessons):
    """Fails unless the file holds the best weights so far whenever an epoch begins."""
    lab, _ = fitted(student, lessons.scripted(), saves=True, epochs=len(SCRIPT) + 1, lr=SCRIPT_LR)
    try:
        saves = lab.saves
    except StudentError as error:
        raise CheckFailure(tr("The checkpoint is not the model's state_dict().")) from error
    numbers = range(VAL, VAL + len(lab.lesson.val_labels))
    best, lowest, position, epoch = None, math.inf, 0, 0
    for item in lab.passes():
        begins = next((place for place, forward in enumerate(item.forwards) if forward.grad), None)
        if item.role == "train" and begins is not None:
            epoch += 1
            held = [weights for number, weights in saves if number <= position + begins]
            is_held = bool(held) and held[-1].shape == best.shape if best is not None else True
            assert_that(
                best is None or bool(held),
                tr("When epoch {n} begins, nothing has been saved yet.", n=epoch),
            )
            assert_that(
                best is None or (is_held and torch.allclose(held[-1], best, atol=1e-6)),
                tr("When epoch {n} begins, the file does not hold the best weights so far.", n=epoch),
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


@at_their_size
def assert_fit_saves_nothing(student, lessons):
    """Fails if `fit` leaves a file in the notebook's folder, where no checkpoint was asked."""
    files_here = student.define(FILES_HERE, "files_here")
    before = ask(student, files_here)
    fitted(student, lessons.draw(), epochs=2)
    new = [name for name in ask(student, files_here) if name not in before]
    assert_that(
        not new,
        tr("Without checkpoint_path a file is written all the same."),
        actual=verbatim(", ".join(str(name)[:40] for name in new[:3])),
    )
