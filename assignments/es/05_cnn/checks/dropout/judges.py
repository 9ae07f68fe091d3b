"""What decides `dropout`, and what it says."""

import math

import torch

from grader.kit import (
    Remote,
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_inputs_unchanged,
    assert_shape,
    assert_that,
    assert_without_operations,
    tr,
    verbatim,
)
from grader.kit.operations import DROPOUTS

OWN_FLAG = tr(
    "eval() has no effect on your layer: it sets self.training, which every nn.Module has, and that alone says whether"
    " to drop."
)


EACH_BY_ITSELF = tr("Each value has its own chance: compare one random number for each value with p.")


MASK_DEVICE = tr("The mask must lie where x lies: torch.rand_like(x), or torch.rand(x.shape, device=x.device).")


NOTHING_DROPPED = tr("Your layer changes nothing in train mode: is it self.training that it asks?")


NOT_SCALED = tr("What survives must grow by 1 / (1 - p), so that the mean stays the same.")


SCALED_IN_EVAL = tr("In eval mode your layer scales its input: what is returned then is x itself.")


SCALED_BY_P = tr("What survives grows by 1 / (1 - p): p is the share that is dropped, not the share that stays.")


KEPT_P = tr("p is the share that is dropped; you keep that share and drop the rest.")


ZERO_OVER_ZERO = tr("With p = 1 everything is dropped: 0 times 1/0 is NaN, so that case needs a thought of its own.")


DROPS_CHANNELS = tr("Every single value is kept or dropped by itself, not whole rows or columns.")


SAME_MASK = tr("The mask is drawn anew at every call: draw it in forward, not in __init__.")


OWN_DROPOUT = tr("The exercise is to write it yourself: the mask, too, is to be drawn by your own code.")


RUN_LAYER = """
def run_layer(layer, training, *inputs):
    if not isinstance(layer, torch.nn.Module):
        return None
    torch.nn.Sequential(layer).train(training)
    return layer(*inputs)
"""


def make_dropout(student, *args):
    """The student's layer and a function that runs it in a mode."""
    layer = student.Dropout(*args)
    run = student.define(RUN_LAYER, "run_layer")
    run.label = "layer"
    assert_that(isinstance(layer, Remote), tr("Dropout(…) makes no object: is it a class derived from nn.Module?"))
    return layer, run


def assert_eval_identity(student, x, p):
    """Nothing in eval mode, by a layer that drops something in train mode."""
    layer, run = make_dropout(student, p)
    got = assert_without_operations(student, run, layer, False, x, forbidden=DROPOUTS, hint=OWN_DROPOUT)
    drops = isinstance(got, torch.Tensor) and got.shape == x.shape and bool((got == 0).any())
    scaled = [(x * factor, SCALED_IN_EVAL) for factor in (1 - p, 1 / (1 - p), p)] if p < 1 else []
    assert_close(got, x, rtol=0, atol=0, mistakes=scaled, hint=OWN_FLAG if drops and p < 1 else None)
    assert_inputs_unchanged(student)
    dropped = run(layer, True, x)
    assert_shape(dropped, x.shape)
    assert_that(not torch.equal(dropped, x), tr("In train mode nothing is dropped."), hint=NOTHING_DROPPED)


def assert_dropout(student, x, p):
    """In train mode: zeros at the right rate, what survives scaled, another mask at each call; `x` is free of zeros."""
    layer, run = make_dropout(student, p)
    got = assert_without_operations(student, run, layer, True, x, forbidden=DROPOUTS, hint=OWN_DROPOUT)
    assert_shape(got, x.shape)
    assert_dtype(got, x.dtype)
    assert_inputs_unchanged(student)
    assert_that(
        bool(torch.isfinite(got).all()),
        tr("The result holds NaN or infinity."),
        hint=ZERO_OVER_ZERO if p == 1 else None,
    )
    kept = got != 0
    if 0 < p < 1:
        assert_that(
            bool(kept.any()) and not bool(kept.all()),
            tr("In train mode some values are dropped and some survive; here all share one fate."),
            hint=NOTHING_DROPPED if torch.equal(got, x) else None,
        )
        share, error = float((~kept).double().mean()), math.sqrt(p * (1 - p) / x.numel())
        is_off = abs(share - p) > 5 * error
        if is_off:
            assert_each_by_itself(
                kept
            )  # whole lines that share one fate make fewer draws, and a share that varies more
        assert_that(
            not is_off,
            tr("The share of dropped values is not p."),
            expected=verbatim(f"{p:.2f} ± {5 * error:.2f}"),
            actual=verbatim(f"{share:.2f}"),
            hint=KEPT_P if abs(share - (1 - p)) < 5 * error else None,
        )
    assert_close(
        got,
        torch.where(kept, x / (1 - p), 0.0) if p < 1 else torch.zeros_like(x),
        mistakes=[
            (torch.where(kept, x, 0.0), NOT_SCALED),
            *([(torch.where(kept, x / p, 0.0), SCALED_BY_P)] if p > 0 else []),
            (torch.where(kept, x * (1 - p), 0.0), NOT_SCALED),
        ],
    )
    if 0 < p < 1:
        assert_each_by_itself(kept)
        again = run(layer, True, x)
        assert_shape(again, x.shape)
        assert_that(not torch.equal(again != 0, kept), tr("Two calls drop the same values."), hint=SAME_MASK)
        few = x.flatten()[:54].reshape(6, 9)
        counts = {int((run(layer, True, few) == 0).sum()) for _ in range(12)}
        assert_that(len(counts) > 1, tr("Every call drops the same number of values."), hint=EACH_BY_ITSELF)


def assert_each_by_itself(kept):
    """Fails if a line of values, along any dimension, shares one fate more often than chance makes it.

    Of the lines that are checked fewer than one in four has one fate by chance: they are long enough.
    """
    for dim in range(kept.ndim):
        share = kept.double().mean(dim)
        is_mixed = (share > 0) & (share < 1)
        assert_that(
            bool(is_mixed.double().mean() > 0.5),
            tr("Whole rows or columns share one fate."),
            expected=tr("each value has a fate of its own"),
            actual=tr("along dimension {dim} of {shape} they share one", dim=dim, shape=str(tuple(kept.shape))),
            hint=DROPS_CHANNELS,
        )


def assert_dropout_of_any_shape(student, rng):
    """Vectors, sequences and feature maps: each value has a fate of its own."""
    for shape in ((400,), (9, 8, 11), (8, 6, 9, 7)):
        assert_dropout(student, 1 + rng.uniform(*shape), 0.5)


def assert_dropout_on_a_gpu(student, x):
    assert_dropout(student, x, 0.5)
    layer, run = make_dropout(student, 0.5)
    run(layer, True, x)
    assert_device_agnostic(student, layer, x, hint=MASK_DEVICE)


def assert_dropout_gradient(student, x, p):
    layer, run = make_dropout(student, p)
    leaf = x.clone().requires_grad_()
    assert_without_operations(student, run, layer, True, x, forbidden=DROPOUTS, hint=OWN_DROPOUT)
    call = student.call(run, layer, True, leaf, _cotangents=[torch.ones_like(x)])
    assert_shape(call.value, x.shape)
    assert_that(bool((call.value != 0).any()), tr("Everything was dropped."))
    gradient = call.gradients[0] if call.gradients else None
    assert_that(
        gradient is not None,
        tr("No gradient reaches the input."),
        hint=tr("Multiply x by the mask: an operation on x.data or on a detached copy cuts the graph."),
    )
    assert_close(gradient, torch.where(call.value != 0, 1 / (1 - p), 0.0).to(x.dtype), name=tr("The gradient"))
