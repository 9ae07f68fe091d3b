"""What several exercises of 03_autograd are judged with."""

import torch

from grader.kit import assert_close, assert_length, assert_returns, assert_that, tr, verbatim
from grader.kit.defaults import assert_defaults_kept
from grader.kit.training.probes import autograd_was_on

A_TUPLE = tr("A tuple was asked: return the tensors with a comma between them, or wrap a list in tuple(…).")


def tensors_of(value, n):
    """The n items of a tuple, or of a list: which of them it is costs one check and no other."""
    assert_length(value, n)
    return value


def assert_tuple(value, n):
    """A tuple of n items."""
    assert_returns(value, tuple, hint=A_TUPLE if isinstance(value, list) else None)
    assert_length(value, n)


def values_of(gradient):
    """A gradient's values alone: whether it is the caller's own is left to the check that says so."""
    return gradient.detach() if isinstance(gradient, torch.Tensor) else gradient


def layers_used(function, *args):
    """Whether a call of `function` runs layers or makes an optimizer, in whatever file."""
    from unittest import mock

    seen = set()
    run_layer, make_optimizer = torch.nn.Module.__call__, torch.optim.Optimizer.__init__

    def layer(self, *args, **kwargs):
        if any(True for _ in self.parameters()):
            seen.add("torch.nn")
        return run_layer(self, *args, **kwargs)

    def optimizer(self, *args, **kwargs):
        seen.add("torch.optim")
        make_optimizer(self, *args, **kwargs)

    in_layers = mock.patch.object(torch.nn.Module, "__call__", layer)
    in_optimizers = mock.patch.object(torch.optim.Optimizer, "__init__", optimizer)
    with in_layers, in_optimizers:
        function(*args)
    return sorted(seen)


def computed(student, values):
    """Twice a leaf: a tensor beside the student's code that is the result of an operation."""
    source = f"leaf = torch.tensor({values}, requires_grad=True)\nx = 2 * leaf\nx.source = leaf"
    x = student.define(source, "x")
    x.label = "2 * leaf"
    return x


def with_old_gradient(student, values, dtype=torch.float32):
    """A leaf beside the student's code that has 7 in its .grad."""
    source = f"x = torch.tensor({values}, dtype={dtype}, requires_grad=True)\nx.grad = torch.full_like(x, 7.0)"
    x = student.define(source, "x")
    x.label = "x with 7 in its .grad"
    return x


def assert_old_gradient_kept(x):
    """`x` of `with_old_gradient` has in its .grad what it had."""
    assert_close(x.grad, 7 * torch.ones_like(x.fetch().detach()), name=verbatim("`x.grad`"))


def marks_left(x):
    """What a call left on `x`, which is the result of an operation, and on the leaf that it comes from."""
    changed = not torch.equal(x, 2 * x.source) or not x.requires_grad or x.is_leaf
    return [x.source.grad is not None or x.retains_grad, changed]


def assert_nothing_left(student, x):
    """`x` of `computed` is what it was, and so is the leaf behind it."""
    marks = student.define(marks_left)(x)
    assert_that(marks != [True, False], tr("Your function left a gradient behind the tensor x."))
    assert_that(marks == [False, False], tr("x is not what it was before."))


def assert_grad_mode(student):
    """The latest call left autograd on."""
    assert_that(autograd_was_on(student), tr("Your function switched autograd off."))
    assert_defaults_kept(student)
