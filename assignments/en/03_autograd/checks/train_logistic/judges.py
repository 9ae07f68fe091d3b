"""What decides `train_logistic`, and what it says."""

from itertools import pairwise

import torch

from grader.kit import (
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
from grader.kit.comparison import as_tensor
from grader.kit.gradients import dotted_names, explained_cuts
from grader.kit.observations import forget

from ..common import assert_tuple, layers_used, tensors_of

FORBIDDEN = ("torch.optim", "torch.nn.Linear", "torch.nn.LazyLinear", "torch.nn.Sequential", "torch.nn.Module")


@reference
def descent(x, y, lr, steps):
    """Gradient descent on the mean BCE from zero, with the gradient in closed form: Xᵀ (p - y) / n."""
    raise NotImplementedError  # its values lie in expected.json


def train(student, x, y, lr, steps):
    """What `train_logistic` returns: w and b of the right shapes, and whatever the history is."""
    with explained_cuts(student, "train_logistic", legitimate=("item", "float", "no_grad", "data", "detach")):
        result = tensors_of(student.train_logistic(x, y, lr, steps), 3)
    for name, value, shape in (("w", result[0], (x.shape[1],)), ("b", result[1], ())):
        assert_shape(value, shape, name=name)
    return result


def losses_of(history, steps):
    """The losses of a history of that length, as one tensor; tensors in it count as the numbers that they hold."""
    assert_returns(history, list, name="history")
    assert_length(history, steps, name="history")
    losses = [loss.detach() if isinstance(loss, torch.Tensor) and loss.numel() == 1 else loss for loss in history]
    for loss in losses:
        if not isinstance(loss, torch.Tensor):
            assert_returns(loss, (float, int), name=tr("An item of the history"))
    return torch.tensor([float(loss) for loss in losses], dtype=torch.float64)


def tolerances(x):
    """How far the results may be apart from the right ones."""
    return {"rtol": 1e-4, "atol": 1e-5} if x.dtype == torch.float32 else {"rtol": 1e-7, "atol": 1e-9}


def assert_trained(student, x, y, lr, steps):
    """w and b are where gradient descent on the mean loss leads."""
    w, b, _ = train(student, x, y, lr, steps)
    right_w, right_b, _ = descent(x, y, lr, steps)
    assert_close(w, right_w, name="w", **tolerances(x))
    assert_close(b, right_b, name="b", **tolerances(x))


def assert_repeatable(student, x, y, lr, steps):
    """Two calls with the same data end in the same place."""
    first, again = (train(student, x, y, lr, steps) for _ in range(2))
    is_same = all(
        torch.equal(as_tensor(one), as_tensor(other)) for one, other in zip(first[:2], again[:2], strict=True)
    )
    if not is_same:
        forget()  # what they return is chance
    assert_that(is_same, tr("Two calls with the same data end differently."))


def assert_history(student, x, y, lr, steps):
    """The history holds the loss before each step."""
    losses = losses_of(train(student, x, y, lr, steps)[2], steps)
    right = torch.tensor(descent(x, y, lr, steps)[2], dtype=torch.float64)
    assert_close(losses, right, name="history", **tolerances(x))


def assert_plain_results(student, x, y, lr, steps):
    """w and b are detached and of the dtype of x, the losses are floats, and x and y are as they were."""
    result = student.train_logistic(x, y, lr, steps)
    assert_tuple(result, 3)
    assert_inputs_unchanged(student)
    for name, value in (("w", result[0]), ("b", result[1])):
        assert_dtype(value, x.dtype, name=name)
        problem = tr("`{name}` still requires a gradient, or has a graph behind it.", name=name)
        assert_that(not origin(value).requires_grad, problem)
    assert_returns(result[2], list, name="history")
    for loss in result[2]:
        assert_python_number(loss, float, name=tr("An item of the history"))


def assert_stable(student, x, y, lr, steps):
    """Large scores give no infinite loss, and the right one."""
    w, b, history = train(student, x, y, lr, steps)
    losses = losses_of(history, steps)
    right_w, right_b, right = descent(x, y, lr, steps)
    assert_that(bool(torch.isfinite(losses).all()), tr("The history holds NaN or infinity."))
    assert_close(losses, torch.tensor(right, dtype=torch.float64), name="history")
    assert_close(w, right_w, name="w")
    assert_close(b, right_b, name="b")


def assert_separates(student, x, y):
    """On two clouds that a line separates, the loss falls at every step and 98 % end on the right side."""
    w, b, history = train(student, x, y, 0.1, 150)
    scores = x.double() @ w.double() + b.double()
    share = float(((scores > 0) == (y > 0.5)).double().mean())
    assert_that(
        share >= 0.98,
        tr("Too few points lie on the right side of the boundary."),
        expected=tr("{share} or more", share="98 %"),
        actual=verbatim(f"{100 * share:.0f} %"),
    )
    losses = losses_of(history, 150).tolist()
    falls = all(later <= earlier + 1e-7 for earlier, later in pairwise(losses))
    assert_that(falls and losses[-1] < losses[0], tr("The loss does not fall at every step."))


def assert_no_layers(student):
    """Neither the source nor what runs uses layers or optimizers."""
    x, y = points()
    ran = student.define(layers_used)(student.train_logistic, x, y, 0.5, 2)
    used = ran if isinstance(ran, list) else []
    used += [name for name in dotted_names(student.cells, "train_logistic") if name.startswith(FORBIDDEN)]
    problem = tr("torch.optim and the layers of torch.nn are not for this exercise.")
    assert_that(not used, problem, actual=", ".join(sorted(used)))


def points():
    """Six points in the plane, the classes mixed."""
    x = torch.tensor([[1.0, 2.0], [-1.0, 0.5], [2.0, -1.0], [0.0, 1.5], [-2.0, -1.0], [1.5, 0.3]])
    return x, torch.tensor([1.0, 0.0, 1.0, 1.0, 0.0, 0.0])
