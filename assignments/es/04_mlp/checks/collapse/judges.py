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
    assert_that,
    origin,
    reference,
    tr,
    verbatim,
)
from grader.kit.training.probes import ask, autograd_left_on

from ..build_mlp.judges import parameters_in_order
from ..count_parameters.judges import flags_of

ORDER = tr("The layer that is applied last stands leftmost in the product: B(Ax) = (BA)x.")


BIASES_ADDED = tr(
    "The biases are only added up, and the next layer multiplies a bias too: B(Ax + a) + b = BAx + Ba + b."
)


BIASES_LOST = tr("The bias is zero, and the layers have some: B(Ax + a) + b = BAx + Ba + b.")


LAST_FORGOTTEN = tr("The bias of the last layer is missing: B(Ax + a) + b = BAx + Ba + b.")


LAST_BIAS = tr("The last layer's bias alone is not enough: B(Ax + a) + b = BAx + Ba + b.")


EXACT = tr(
    "It is nearly right, as by training or in float32: the product is exact, computed from the weights in their dtype."
)


PAIR_ONLY = tr("That is the product of two of the layers: go through all of them.")


ONE_WEIGHT = tr("That is the weight of one of the layers: the product of all of them was asked.")


LINEAR_ASKED = tr("Make a new nn.Linear(in, out) and copy the weight and the bias that you computed into it.")


LAYER_CHANGED = tr("Your code writes into layers that belong to the caller: compute with copies of their values.")


OWN_WEIGHTS = tr("The new layer shares its memory with an old one: copy the values (copy_, clone).")


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


def wrong_products(weights):
    """The weights that come of the wrong order, where the shapes allow it."""
    wrong = []
    if all(weight.shape == weights[0].shape and weight.shape[0] == weight.shape[1] for weight in weights):
        turned = weights[0]
        for following in weights[1:]:
            turned = turned @ following
        wrong.append((turned, ORDER))
    wrong += [(weight, ONE_WEIGHT) for weight in weights if len(weights) > 1]
    wrong += [(second @ first, PAIR_ONLY) for first, second in pairwise(weights) if len(weights) > 2]
    return wrong


def wrong_biases(weights, biases):
    """The biases that come of forgetting the maps after them."""
    given = [bias for bias in biases if bias is not None]
    wrong = []
    if biases[-1] is not None:
        wrong.append((biases[-1], LAST_BIAS))
    if given and all(bias.shape == given[0].shape for bias in given) and len(given[0]) == len(weights[-1]):
        wrong.append((torch.stack(given).sum(0), BIASES_ADDED))
    if given:
        wrong.append((torch.zeros_like(given[0][:1]).expand(len(weights[-1])), BIASES_LOST))
    if biases[-1] is not None:
        wrong.append((product(weights, [*biases[:-1], None])[1], LAST_FORGOTTEN))
    return wrong


def is_near(value, right):
    """Whether it is the right value but for a small error."""
    near = isinstance(value, torch.Tensor) and value.shape == right.shape and origin(value).has_data
    return near and float((value.detach().double() - right).norm()) < 0.05 * float(right.norm())


def assert_collapse(student, weights, biases, *, exact=False, leaves=False, rtol=1e-4, atol=1e-5):
    """`collapse` gives one nn.Linear with the product's weight and bias.

    With `exact`, to the last digits and in the layers' dtype; with `leaves`, the layers that were given are left alone.
    """
    if exact:
        rtol = atol = 1e-10 if weights[0].dtype == torch.float64 else 1e-4
    stack = student.define(linear_stack)(weights, biases)
    stack.label = "layers"
    with autograd_left_on(student, is_judged=leaves):
        layer = student.collapse(stack)
    assert_that(isinstance(layer, Remote), tr("The result should be an nn.Linear."), hint=LINEAR_ASKED)
    facts = ask(student, student.define(linear_facts), layer, stack)
    assert_returns(facts, dict)
    assert_that(
        facts["is_linear"] is True,
        tr("The result should be an nn.Linear."),
        actual=verbatim(layer.type_name),
        hint=LINEAR_ASKED,
    )
    weight, bias = product(weights, biases)
    assert_close(
        facts["weight"],
        weight,
        rtol=rtol,
        atol=atol,
        name="weight",
        mistakes=wrong_products(weights),
        hint=EXACT if is_near(facts["weight"], weight) else None,
    )
    if exact:
        assert_dtype(facts["weight"], weight.dtype, name="weight")
    if facts["bias"] is not None or any(given is not None for given in biases):
        assert_close(
            facts["bias"],
            bias,
            rtol=rtol,
            atol=atol,
            name="bias",
            mistakes=wrong_biases(weights, biases),
            hint=EXACT if is_near(facts["bias"], bias) else None,
        )
    assert_equal(facts["in_features"], weight.shape[1], name="in_features", hint=LINEAR_ASKED)
    assert_equal(facts["out_features"], weight.shape[0], name="out_features", hint=LINEAR_ASKED)
    if not leaves:
        return
    assert_that(facts["shares"] is False, tr("The new layer is not independent of the old ones."), hint=OWN_WEIGHTS)
    flags = ask(student, student.define(flags_of), stack)
    assert_that(
        isinstance(flags, list) and all(flags),
        tr("The layers that were given are frozen afterwards."),
        hint=tr("Your code switches requires_grad off on layers that belong to the caller: use torch.no_grad()."),
    )
    kept = ask(student, student.define(parameters_in_order), stack)
    given = [tensor for pair in zip(weights, biases, strict=True) for tensor in pair if tensor is not None]
    assert_length(kept, len(given))
    for value, before in zip(kept, given, strict=True):
        assert_close(value, before, rtol=0, atol=0, name=tr("A layer that was given"), hint=LAYER_CHANGED)


def layer_values(*sizes, dtype=torch.float64, biases=True):
    """Fixed weights and biases of a chain of layers."""
    weights = [torch.sin(torch.arange(float(m * n), dtype=dtype) + n).reshape(m, n) for n, m in pairwise(sizes)]
    return weights, [torch.cos(torch.arange(float(len(weight)), dtype=dtype)) if biases else None for weight in weights]
