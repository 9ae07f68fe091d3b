"""What decides `train_logistic`, and what it says."""

import math
from itertools import pairwise

import torch

from grader.kit import (
    CheckFailure,
    StudentError,
    assert_close,
    assert_dtype,
    assert_inputs_unchanged,
    assert_length,
    assert_python_number,
    assert_returns,
    assert_shape,
    assert_that,
    origin,
    reference,
    tr,
    verbatim,
)
from grader.kit.gradients import dotted_names, explained, explained_cuts

from ..common import A_TUPLE, layers_used, switch_autograd_on

LEAF_LOST = tr("w = w - lr * w.grad makes a new tensor that is no leaf: update in place, under torch.no_grad().")


NOT_ZEROED = tr("The gradients pile up: set w.grad = None (or zero it) after each step, and b's as well.")


OVERFLOW = tr("exp of a large score is infinite, and so is the logarithm behind it: use BCE with logits.")


FROM_ZERO = tr("With w = 0 and b = 0 the first loss is log 2, about 0.693, whatever the data: yours is another.")


RANDOM_START = tr("Two calls with the same data end differently: w and b begin at zero, not at random numbers.")


STABLE_LOSS = tr("For large scores sigmoid gives exactly 0 or 1, and log(0) is infinite: use BCE with logits.")


MEAN_LOSS = tr("The loss is the mean over the samples: yours is their sum.")


HISTORY_BEFORE = tr("The history holds the loss before each step, the first with w = 0 and b = 0: log 2, about 0.693.")


UPHILL = tr("The loss grows: the step goes against the gradient, w - lr * gradient.")


DETACH_RESULT = tr("Return w.detach() and b.detach(): the last graph is no longer needed.")


PLAIN_FLOATS = tr("A tensor in the history keeps its graph alive, step after step: loss.item() is enough.")


STILL_ZERO = tr("w and b are still zero: in-place steps change them, a name bound to a new tensor does not.")


NO_BIAS = tr("The bias stays at zero: it has a gradient too.")


SQUARED_ERROR = tr("That is the squared error of the probabilities: the loss asked is the binary cross-entropy.")


NO_LAYERS = tr("Two tensors with requires_grad=True are the whole model, and the step is one line for each.")


KINK = tr("At a score of 0, max(s, 0) and |s| have a kink, and autograd picks one of its sides: use a smooth function.")


STABLE_FUNCTIONS = ("with_logits", "WithLogitsLoss", "logsigmoid", "LogSigmoid", "softplus", "Softplus", "logaddexp")


FORBIDDEN = ("torch.optim", "torch.nn.Linear", "torch.nn.LazyLinear", "torch.nn.Sequential", "torch.nn.Module")


@reference
def descent(x, y, lr, steps, *, factor=1.0, pile_up=False, bias=True, at_zero=0.5):
    """Gradient descent on the mean BCE from zero, with the gradient in closed form: Xᵀ (p - y) / n.

    The other parameters make it go wrong as students do; `at_zero` is the probability at a score of exactly 0.
    """
    raise NotImplementedError  # its values lie in expected.json


@reference
def squared_descent(x, y, lr, steps):
    """The same with the squared error of the probabilities in place of the cross-entropy."""
    raise NotImplementedError  # its values lie in expected.json


def train(student, x, y, lr, steps):
    """What `train_logistic` returns, its three parts of the right types and shapes."""
    switch_autograd_on(student)
    try:
        with explained_cuts(student, "train_logistic", legitimate=("item", "float", "no_grad", "data", "detach")):
            result = student.train_logistic(x, y, lr, steps)
    except StudentError as error:
        if "NoneType" not in error.message:
            raise
        raise explained(error, LEAF_LOST) from error
    assert_returns(result, tuple, hint=A_TUPLE)
    assert_length(result, 3)
    w, b, history = result
    assert_shape(w, (x.shape[1],), name="w")
    assert_shape(b, (), name="b")
    assert_length(history, steps, name="history", hint=HISTORY_BEFORE)
    assert_returns(history, list, name="history")
    for loss in history:
        assert_python_number(loss, float, name=tr("An item of the history"), hint=PLAIN_FLOATS)
    return w, b, history


def wrong_descents(x, y, lr, steps):
    """What (w, b) known mistakes end at, each with its hint."""
    return [
        (descent(x, y, 0.0, steps), STILL_ZERO),
        (descent(x, y, lr, steps, pile_up=True), NOT_ZEROED),
        (descent(x, y, lr, steps, factor=len(x)), MEAN_LOSS),
        (descent(x, y, lr, steps, factor=-1), UPHILL),
        (descent(x, y, lr, steps, bias=False), NO_BIAS),
        (squared_descent(x, y, lr, steps), SQUARED_ERROR),
        (descent(x, y, lr, steps, at_zero=0.0), KINK),
        (descent(x, y, lr, steps, at_zero=1.0), KINK),
    ]


def unstable(student):
    """The hint for a loss that is not finite, where the source takes the logarithm of a probability."""
    names = dotted_names(student.cells, "train_logistic")
    if any(name.endswith(STABLE_FUNCTIONS) for name in names):
        return None
    takes_log = any(name.endswith((".log", ".log2", ".log1p", "binary_cross_entropy", "BCELoss")) for name in names)
    if takes_log and any(name.endswith((".exp", ".expm1")) for name in names):
        return OVERFLOW
    return STABLE_LOSS if takes_log else None


def start(student, x, y, lr, steps, result):
    """The hint for a training that does not begin at zero; None for one that seems to."""
    w, b, history = result
    again = train(student, x, y, lr, steps)
    if not torch.equal(w, again[0]) or not torch.equal(b, again[1]) or history != again[2]:
        return RANDOM_START
    return None if not history or abs(history[0] - math.log(2)) < 1e-4 else FROM_ZERO


def assert_parameters(w, b, x, y, lr, steps, *, hint=None, **tolerances):
    """w and b are where gradient descent leads."""
    right_w, right_b, _ = descent(x, y, lr, steps)
    wrong = wrong_descents(x, y, lr, steps)
    assert_close(w, right_w, name="w", mistakes=[(ends[0], why) for ends, why in wrong], hint=hint, **tolerances)
    assert_close(b, right_b, name="b", mistakes=[(ends[1], why) for ends, why in wrong[1:]], hint=hint, **tolerances)


def assert_trained(student, x, y, lr, steps):
    """`train_logistic` follows gradient descent on the mean loss, step by step."""
    w, b, history = train(student, x, y, lr, steps)
    losses = torch.tensor(history, dtype=torch.float64)
    right, after = (torch.tensor(descent(x, y, lr, n)[2], dtype=torch.float64) for n in (steps, steps + 1))
    infinite = tr("The history holds NaN or infinity.")
    assert_that(bool(torch.isfinite(losses).all()), infinite, hint=unstable(student))
    tolerances = {"rtol": 1e-4, "atol": 1e-5} if x.dtype == torch.float32 else {"rtol": 1e-7, "atol": 1e-9}
    try:
        assert_parameters(w, b, x, y, lr, steps, **tolerances)
    except CheckFailure:
        hint = start(student, x, y, lr, steps, (w, b, history))
        assert_parameters(w, b, x, y, lr, steps, hint=hint, **tolerances)
    mistakes = [(after[1:], HISTORY_BEFORE), (len(x) * right, MEAN_LOSS)]
    assert_close(losses, right, name="history", mistakes=mistakes, **tolerances)
    for name, value in (("w", w), ("b", b)):
        assert_dtype(value, x.dtype, name=name)
        assert_detached(value, name)
    assert_inputs_unchanged(student)


def assert_detached(value, name):
    """A trained parameter has no graph behind it."""
    problem = tr("`{name}` still requires a gradient, or has a graph behind it.", name=name)
    assert_that(not origin(value).requires_grad, problem, hint=DETACH_RESULT)


def assert_stable(student, x, y, lr, steps):
    """Large scores give no infinite loss, and the right one; small ones come first, so that it is size that matters."""
    assert_trained(student, x / x.abs().max(), y, lr, steps)
    w, b, history = train(student, x, y, lr, steps)
    losses, right = torch.tensor(history), torch.tensor(descent(x, y, lr, steps)[2])
    hint = unstable(student)
    assert_close(losses, right, name="history", hint=hint)
    assert_parameters(w, b, x, y, lr, steps, hint=hint)


def assert_separates(student, x, y):
    """On two clouds that a line separates, the loss falls at every step and 98 % end on the right side."""
    assert_trained(student, x, y, 0.1, 3)
    w, b, history = train(student, x, y, 0.1, 150)
    scores = x.double() @ w.double() + b.double()
    share = float(((scores > 0) == (y > 0.5)).double().mean())
    assert_that(
        share >= 0.98,
        tr("Too few points lie on the right side of the boundary."),
        expected=tr("{share} or more", share="98 %"),
        actual=verbatim(f"{100 * share:.0f} %"),
    )
    falls = all(later <= earlier + 1e-7 for earlier, later in pairwise(history))
    assert_that(falls and history[-1] < history[0], tr("The loss does not fall at every step."))


def assert_no_layers(student):
    """Neither the source nor what runs uses layers or optimizers."""
    x, y = points()
    ran = student.define(layers_used)(student.train_logistic, x, y, 0.5, 2)
    used = ran if isinstance(ran, list) else []
    used += [name for name in dotted_names(student.cells, "train_logistic") if name.startswith(FORBIDDEN)]
    problem = tr("torch.optim and the layers of torch.nn are not for this exercise.")
    assert_that(not used, problem, actual=", ".join(sorted(used)), hint=NO_LAYERS)


def points():
    """Six points in the plane, the classes mixed."""
    x = torch.tensor([[1.0, 2.0], [-1.0, 0.5], [2.0, -1.0], [0.0, 1.5], [-2.0, -1.0], [1.5, 0.3]])
    return x, torch.tensor([1.0, 0.0, 1.0, 1.0, 0.0, 0.0])
