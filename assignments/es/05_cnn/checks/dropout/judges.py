"""What decides `dropout`, and what it says."""

import math

import torch

from grader.kit import (
    Remote,
    assert_close,
    assert_device_agnostic,
    assert_dtype,
    assert_inputs_unchanged,
    assert_returns,
    assert_shape,
    assert_that,
    assert_without_operations,
    tr,
    trn,
    verbatim,
)
from grader.kit.failures import CheckFailure
from grader.kit.observations import unobserved
from grader.kit.operations import DROPOUTS

OWN_DROPOUT = tr("The exercise is to write it yourself: the mask, too, is to be drawn by your own code.")


RUN_LAYER = """
def run_layer(layer, training, *inputs):
    if not isinstance(layer, torch.nn.Module):
        return None
    torch.nn.Sequential(layer).train(training)
    return layer(*inputs)
"""


def make_dropout(student, *args):
    """The student's layer and a function that runs it in a mode; what it draws is nobody's to compare."""
    layer = student.Dropout(*args)
    assert_that(isinstance(layer, Remote), tr("Dropout(…) makes no object: is it a class derived from nn.Module?"))
    define = student.define(RUN_LAYER, "run_layer")
    define.label = "layer"

    def run(training, x):
        with unobserved():
            got = assert_without_operations(student, define, layer, training, x, forbidden=DROPOUTS, hint=OWN_DROPOUT)
        assert_returns(got, torch.Tensor)
        return got

    return layer, run


def assert_eval_identity(student, x, p):
    """Nothing in eval mode, by a layer that drops something in train mode."""
    _, run = make_dropout(student, p)
    got = run(False, x)
    assert_shape(got, x.shape)
    assert_that(
        bool((got != 0).all()),
        tr("In eval mode values are dropped."),
        expected=trn("{n} zero", "{n} zeros", 0),
        actual=trn("{n} zero", "{n} zeros", int((got == 0).sum())),
    )
    factors = got / x
    is_scaled = not torch.equal(got, x) and bool((factors - factors.flatten()[0]).abs().max() < 1e-4)
    assert_that(
        not is_scaled,
        tr("In eval mode the layer scales its input."),
        expected=verbatim("× 1"),
        actual=verbatim(f"× {float(factors.flatten()[0]):.4g}"),
    )
    assert_that(
        torch.equal(got, x),
        tr("In eval mode the layer does not return what it gets."),
        **first_two(x, got),
    )
    dropped = run(True, x)
    assert_shape(dropped, x.shape)
    assert_that(not torch.equal(dropped, x), tr("In train mode nothing is dropped."))


def first_two(expected, got):
    """The first place at which two tensors differ, as a message shows it."""
    place = (expected != got).flatten().nonzero().flatten().tolist()
    if not place:
        return {}
    want, came = (float(tensor.flatten()[place[0]]) for tensor in (expected, got))
    return {"expected": verbatim(f"{want:.4g}"), "actual": verbatim(f"{came:.4g}")}


def assert_dropout(student, x, p):
    """In train mode: zeros at the right rate, what survives scaled, another mask at each call; `x` is free of zeros."""
    _, run = make_dropout(student, p)
    got = run(True, x)
    assert_shape(got, x.shape)
    assert_dtype(got, x.dtype)
    assert_that(not bool(got.isnan().any()), tr("The result holds NaN."))
    kept = got != 0
    if p == 0:
        assert_that(bool(kept.all()), tr("With p = 0 values are dropped."))
    elif p == 1:
        assert_that(not bool(kept.any()), tr("With p = 1 values survive."))
    else:
        assert_share(kept, p)
        assert_each_by_itself(kept)
    assert_scaled(x, got, kept, p)
    if 0 < p < 1:
        again = run(True, x)
        assert_shape(again, x.shape)
        assert_that(not torch.equal(again != 0, kept), tr("Two calls drop the same values."))
        few = x.flatten()[:54].reshape(6, 9)
        counts = {int((run(True, few) == 0).sum()) for _ in range(12)}
        assert_that(len(counts) > 1, tr("Every call drops the same number of values."))


def assert_share(kept, p):
    """Fails unless about a share `p` is dropped."""
    share, error = float((~kept).double().mean()), math.sqrt(p * (1 - p) / kept.numel())
    if abs(share - p) > 5 * error:
        assert_that(share > 0, tr("In train mode nothing is dropped."))
        assert_that(share < 1, tr("In train mode everything is dropped."))
        assert_each_by_itself(kept)  # whole lines that share one fate make fewer draws, and a share that varies more
        raise CheckFailure(
            tr("The share of dropped values is 1 - p.")
            if abs(share - (1 - p)) < 5 * error
            else tr("Half of the values are dropped, and p is another share.")
            if abs(share - 0.5) < 5 * error
            else tr("The share of dropped values is not p."),
            expected=verbatim(f"{p:.2f} ± {5 * error:.2f}"),
            actual=verbatim(f"{share:.2f}"),
        )


def assert_scaled(x, got, kept, p):
    """Fails unless what survived grew by 1 / (1 - p)."""
    if p == 1:
        return
    wanted = torch.where(kept, x / (1 - p), 0.0)
    is_close = torch.isclose(got, wanted, rtol=1e-4, atol=1e-5)
    if bool(is_close.all()):
        return
    factors = (got / x)[kept]
    factor, place = float(factors[0]), int((~is_close).flatten().nonzero()[0])
    if bool((factors - factor).abs().max() > 1e-4):
        raise CheckFailure(
            tr("What survives has not grown by one factor."),
            expected=verbatim(f"{float(wanted.flatten()[place]):.4g}"),
            actual=verbatim(f"{float(got.flatten()[place]):.4g}"),
        )
    known = [
        (1.0, tr("What survives is as large as it was.")),
        (1 / p if p else 1.0, tr("What survives is divided by p.")),
        (1 - p, tr("What survives is multiplied by 1 - p.")),
    ]
    raise CheckFailure(
        next(
            (text for wrong, text in known if abs(factor - wrong) < 1e-4), tr("What survives grows by another factor.")
        ),
        expected=verbatim(f"× {1 / (1 - p):.4g}"),
        actual=verbatim(f"× {factor:.4g}"),
    )


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
        )


def assert_dropout_of_any_shape(student, rng):
    """Vectors, sequences and feature maps: each value has a fate of its own."""
    for shape in ((400,), (9, 8, 11), (8, 6, 9, 7)):
        x = 1 + rng.uniform(*shape)
        _, run = make_dropout(student, 0.5)
        got = run(True, x)
        assert_shape(got, x.shape)
        assert_share(got != 0, 0.5)
        assert_each_by_itself(got != 0)


def assert_dropout_keeps_its_input(student, x):
    _, run = make_dropout(student, 0.5)
    run(True, x)
    assert_inputs_unchanged(student)


def assert_dropout_on_a_gpu(student, x):
    layer, run = make_dropout(student, 0.5)
    got = run(True, x)
    assert_shape(got, x.shape)
    assert_that(bool((got == 0).any()), tr("In train mode nothing is dropped."))
    with unobserved():
        assert_device_agnostic(student, layer, x)


def assert_dropout_gradient(student, x, p):
    layer, run = make_dropout(student, p)
    assert_shape(run(True, x), x.shape)
    leaf = x.clone().requires_grad_()
    with unobserved():
        in_a_mode = student.define(RUN_LAYER, "run_layer")
        call = student.call(in_a_mode, layer, True, leaf, _cotangents=[torch.ones_like(x)])
    assert_shape(call.value, x.shape)
    kept = call.value != 0
    assert_that(bool(kept.any()), tr("In train mode everything is dropped."))
    gradient = call.gradients[0] if call.gradients else None
    assert_that(gradient is not None, tr("No gradient reaches the input."))
    assert_close(gradient, torch.where(kept, call.value / x, 0.0).to(x.dtype), name=tr("The gradient"))


def assert_half_by_default(student):
    _, run = make_dropout(student)
    got = run(True, torch.ones(1000))
    assert_shape(got, (1000,))
    share = float((got == 0).double().mean())
    assert_that(
        0.4 < share < 0.6,
        tr("Without an argument, p is not 0.5."),
        expected=verbatim("0.5"),
        actual=verbatim(f"{share:.2f}"),
    )
