"""What decides `collapse`, and what it says."""

from itertools import pairwise

import torch

from grader.kit import (
    Remote,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_length,
    assert_returns,
    assert_shape,
    assert_that,
    origin,
    reference,
    tr,
    verbatim,
)
from grader.kit.training.probes import ask, autograd_left_on

from ..build_mlp.judges import parameters_in_order
from ..count_parameters.judges import assert_as_used, flags_of, used


def linear_stack(weights, biases):
    """nn.Linear layers with these weights; a bias of None is none."""
    nn = torch.nn
    layers = []
    for weight, bias in zip(weights, biases):  # noqa: B905 - sent to whatever Python the student has
        layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, dtype=weight.dtype)
        layer.weight.data.copy_(weight)
        if bias is not None:
            layer.bias.data.copy_(bias)
        layers.append(layer)
    return nn.Sequential(*layers)


def linear_facts(layer, stack):
    """What is to be known of the layer that `collapse` returned."""
    is_linear = isinstance(layer, torch.nn.Linear)
    own = [parameter.data_ptr() for parameter in (layer.parameters() if is_linear else [])]
    old = [parameter.data_ptr() for parameter in stack.parameters()]
    return {
        "is_linear": is_linear,
        "in_features": getattr(layer, "in_features", None),
        "out_features": getattr(layer, "out_features", None),
        "weight": getattr(layer, "weight", None),
        "bias": getattr(layer, "bias", None),
        "shares": bool(set(own) & set(old)),
    }


@reference
def product(weights, biases):
    """The one layer that does what all of them do: W = W_n … W_1, b by the same maps."""
    raise NotImplementedError  # its values lie in expected.json


def collapsed(student, weights, biases, *, is_judged=False):
    """What is to be known of the layer that `collapse` returned, which is an nn.Linear; and the stack."""
    stack = ask(student, student.define(used), student.define(linear_stack)(weights, biases))
    stack.label = "layers"
    with autograd_left_on(student, is_judged=is_judged):
        layer = student.collapse(stack)
    kind = layer.type_name if isinstance(layer, Remote) else type(layer).__name__
    facts = ask(student, student.define(linear_facts), layer, stack) if isinstance(layer, Remote) else {}
    assert_returns(facts, dict)
    assert_that(
        facts.get("is_linear") is True,
        tr("The result should be an nn.Linear."),
        expected=verbatim("Linear"),
        actual=verbatim(kind),
    )
    return facts, stack


def assert_linear_result(student, weights, biases):
    """`collapse` gives an nn.Linear of the right sizes."""
    facts, _ = collapsed(student, weights, biases)
    assert_shape(facts["weight"], (len(weights[-1]), weights[0].shape[1]), name="weight")
    assert_equal(facts["in_features"], weights[0].shape[1], name="in_features")
    assert_equal(facts["out_features"], len(weights[-1]), name="out_features")


def assert_weight(student, weights, biases, *, rtol=2e-2, atol=2e-3):
    """The weight of the layer is the product; nearly right will do unless the tolerances say otherwise."""
    facts, _ = collapsed(student, weights, biases)
    assert_close(facts["weight"], product(weights, biases)[0], rtol=rtol, atol=atol, name="weight")


def assert_bias(student, weights, biases, *, rtol=2e-2, atol=2e-3):
    """The bias of the layer is what the stack makes of 0; where there is none, none will do."""
    facts, _ = collapsed(student, weights, biases)
    right = product(weights, biases)[1]
    if facts["bias"] is not None or any(given is not None for given in biases):
        assert_close(facts["bias"], right, rtol=rtol, atol=atol, name="bias")


def assert_exact(student, weights, biases):
    """What is nearly right is right to the last digits, in the layers' dtype."""
    facts, _ = collapsed(student, weights, biases)
    weight, bias = product(weights, biases)
    tolerance = 1e-10 if weight.dtype == torch.float64 else 1e-4
    for name, value, right in (("weight", facts["weight"], weight), ("bias", facts["bias"], bias)):
        if is_near(value, right):
            assert_close(
                value,
                right,
                rtol=tolerance,
                atol=tolerance,
                name=name,
                hint=tr("It is nearly right: the product, computed from the weights in their dtype, is exact."),
            )
    assert_dtype(facts["weight"], weight.dtype, name="weight")


def is_near(value, right):
    """Whether it is the right value but for a small error."""
    near = isinstance(value, torch.Tensor) and value.shape == right.shape and origin(value).has_data
    return near and float((value.detach().double() - right).norm()) < 0.1 * float(right.norm())


def assert_leaves(student, weights, biases):
    """The layers that were given are left alone, and the new one shares nothing with them."""
    facts, stack = collapsed(student, weights, biases, is_judged=True)
    assert_that(facts["shares"] is False, tr("The new layer shares its memory with one of the layers that were given."))
    flags = ask(student, student.define(flags_of), stack)
    assert_that(
        isinstance(flags, list) and all(flags),
        tr("The layers that were given are frozen afterwards."),
        hint=tr("requires_grad is off on parameters that belong to the caller."),
    )
    assert_as_used(student, stack)
    kept = ask(student, student.define(parameters_in_order), stack)
    given = [tensor for pair in zip(weights, biases, strict=True) for tensor in pair if tensor is not None]
    assert_length(kept, len(given))
    for value, before in zip(kept, given, strict=True):
        assert_close(value, before, rtol=0, atol=0, name=tr("A layer that was given"))


def layer_values(*sizes, dtype=torch.float64, biases=True):
    """Fixed weights and biases of a chain of layers."""
    weights = [torch.sin(torch.arange(float(m * n), dtype=dtype) + n).reshape(m, n) for n, m in pairwise(sizes)]
    return weights, [torch.cos(torch.arange(float(len(weight)), dtype=dtype)) if biases else None for weight in weights]
