"""The history that a training returns, and the weights that it keeps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import torch

from grader.kit.assertions import (
    assert_close,
    assert_keys,
    assert_length,
    assert_python_number,
    assert_returns,
    assert_that,
)
from grader.kit.failures import CheckFailure
from grader.kit.messages import Message, tr, verbatim
from grader.kit.training.hints import (
    LAST_KEPT,
    PARAMETERS_ONLY,
    TENSORS_KEPT,
)
from grader.kit.training.lab import Lab
from grader.kit.training.lessons import VAL, Lesson, load_flat
from grader.kit.training.probes import (
    assert_goes_on,
    assert_trained,
    assert_validated,
    assert_validated_last,
    passes_that_count,
)
from grader.wire.values import origin


def finite_floats(values: Any, count: int, name: str) -> torch.Tensor:
    """`values` as one tensor; fails unless they are a list of `count` finite Python floats."""
    assert_length(values, count, name=name)
    for position, value in enumerate(values):
        where = f"{name}[{position}]" if count > 1 else name
        hint = TENSORS_KEPT if isinstance(value, torch.Tensor) and origin(value).requires_grad else None
        assert_python_number(value, float, name=where, hint=hint)
    found = torch.tensor(list(values), dtype=torch.float64)
    assert_that(bool(torch.isfinite(found).all()), tr("{what} holds NaN or infinity.", what=verbatim(f"`{name}`")))
    return found


LISTS: Final = ("train_loss", "val_loss", "val_acc")


def assert_history(history: Any, epochs: int | None = None) -> dict[str, Any]:
    """Fails unless `history` has its keys, lists of finite Python floats of one length, and a whole best epoch.

    Args:
        history: what the student's trainer returned: a dict with ``train_loss``, ``val_loss``, ``val_acc`` and
            ``best_epoch``.
        epochs: how long the lists must be; by default as long as the first one.

    Returns:
        The history.
    """
    assert_keys(history, (*LISTS, "best_epoch"), name="history")
    assert_returns(history["train_loss"], list, name="history['train_loss']")
    count = len(history["train_loss"]) if epochs is None else epochs
    for key in LISTS:
        assert_returns(history[key], list, name=f"history['{key}']")
        finite_floats(history[key], count, f"history['{key}']")
    assert_python_number(history["best_epoch"], int, name="history['best_epoch']")
    found: dict[str, Any] = history
    return found


def best_epoch(lab: Lab) -> int:
    """The epoch with the lowest validation loss, by the weights that the trainer had."""
    assert_validated_last(lab)
    return int(torch.tensor(validation_losses(lab)).argmin())


def validation_losses(lab: Lab) -> list[float]:
    """The mean validation loss of each epoch, by the weights that the trainer had."""
    numbers = range(VAL, VAL + len(lab.lesson.val_labels))
    return [float(lab.lesson.measure(item.weights, numbers)[0].mean()) for item in assert_validated(lab)]


def assert_best_weights(weights: Any, lab: Lab, *, name: Message) -> None:
    """Fails unless `weights` (flat) are those of the epoch with the lowest validation loss.

    Args:
        weights: what the model is left with.
        lab: what was trained in.
        name: of the weights.
    """
    assert_trained(lab)
    passes = assert_validated(lab)
    best, last = passes[best_epoch(lab)].weights, passes[-1].weights
    assert_that(not torch.equal(passes[0].weights, last), tr("Training leaves the weights as they were."))
    for item, after in pairwise(passes_that_count(lab)):
        if (item.role, after.role) == ("val", "train") and len({tuple(f.weights.tolist()) for f in item.forwards}) == 1:
            assert_goes_on(item, after, [found.weights for found in passes])
    same = [epoch for epoch, item in enumerate(passes) if _is_same(weights, item.weights)]
    if same and not _is_same(weights, best):
        raise CheckFailure(
            tr("{what} has the weights of another epoch than the best one.", what=name),
            expected=tr("those of epoch {n}, of {epochs} that were run", n=best_epoch(lab), epochs=len(passes)),
            actual=tr("those of epoch {n}", n=same[-1]),
            hint=LAST_KEPT if same[-1] == len(passes) - 1 else None,
        )
    mistakes = [(_with_parameters(lab.lesson, last, best), PARAMETERS_ONLY)] if lab.lesson.norm else []
    assert_close(weights, best, rtol=0, atol=1e-6, name=name, mistakes=mistakes)


def _is_same(weights: Any, others: torch.Tensor) -> bool:
    return (
        isinstance(weights, torch.Tensor)
        and weights.shape == others.shape
        and torch.allclose(weights.double(), others.double(), rtol=0, atol=1e-6)
    )


def _with_parameters(lesson: Lesson, state: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """`state` with the parameters of `other`, and its own buffers."""
    bench = lesson.bench()
    load_flat(bench.model, state)
    donor = lesson.bench().model
    load_flat(donor, other)
    with torch.no_grad():
        for mine, theirs in zip(bench.model.parameters(), donor.parameters(), strict=True):
            mine.copy_(theirs)
    weights: torch.Tensor = bench.weights
    return weights
