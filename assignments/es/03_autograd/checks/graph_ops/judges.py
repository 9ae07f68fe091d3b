"""What decides `graph_ops`, and what it says."""

import inspect
import textwrap
from collections import deque

import torch

from grader.kit import assert_returns, assert_that, reference, tr, trn, verbatim

NOT_NONE = tr("An input that needs no gradient, such as a number, stands as None in next_functions.")


ADDRESS = tr("Their text shows a memory address as well: type(node).__name__ is the name alone.")


CPP_NAME = tr("node.name() gives leaves their C++ name: type(node).__name__ is the short one.")


def squared_error():
    """((w x + b - y)²).mean() with leaves w and b."""
    w, b = torch.tensor(1.0, requires_grad=True), torch.tensor(0.5, requires_grad=True)
    x, y = torch.tensor([1.4, 0.2]), torch.tensor([2.1, 0.3])
    return ((w * x + b - y) ** 2).mean()


def shared_node():
    """exp(x), used twice."""
    x = torch.tensor([0.1, 0.2], requires_grad=True)
    e = x.exp()
    return (e.sin() * e).sum()


def two_arms():
    """Two arms of different lengths, where breadth-first and depth-first differ."""
    a, b = torch.tensor(1.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    return a.exp().sin() + b.cos()


def two_depths():
    """((sin(w x) + b - y)²).mean() + 0.1 w²: the leaf w is met at two depths."""
    w, b = torch.tensor(1.0, requires_grad=True), torch.tensor(0.5, requires_grad=True)
    x, y = torch.tensor([1.4, 0.2]), torch.tensor([2.1, 0.3])
    return ((torch.sin(w * x) + b - y) ** 2).mean() + 0.1 * w**2


def early_and_late():
    """e * e.sin().cos() with e = exp(x): the node of e is met beside the cosine, and again below the sine."""
    x = torch.tensor([0.1, 0.2], requires_grad=True)
    e = x.exp()
    return e * e.sin().cos()


def two_halves():
    """The product of the two halves of exp(x): both come from one node."""
    x = torch.ones(4, requires_grad=True)
    a, b = x.exp().chunk(2)
    return a * b


def leaf():
    """A leaf."""
    return torch.ones(2, requires_grad=True)


def without_gradient():
    """A tensor that autograd does not follow."""
    return torch.ones(3) * 2


@reference
def node_names(root):
    """The names of all nodes below `root`, breadth-first, each node once."""
    raise NotImplementedError  # its values lie in expected.json


def _all_nodes(root):
    """Every node's Python object, kept so that each node stays one object as long as the tensor lives."""
    nodes = [root]
    for node in nodes:
        nodes += [following for following, _ in getattr(node, "next_functions", ()) if following not in nodes]
    return nodes


def graph(student, build):
    """The tensor that `build` makes, beside the student's code."""
    sources = [textwrap.dedent(inspect.getsource(function)) for function in (build, _all_nodes)]
    ready = f"t = {build.__name__}()\nt.nodes = _all_nodes(t.grad_fn)"
    t = student.define("\n".join([*sources, ready]), "t")
    t.label = build.__name__
    return t


def assert_graph(student, build, expression=None):
    """`graph_ops` names the nodes of the tensor that `build` makes; the lists are shown beside an `expression`."""
    right = right_names(build)
    t = graph(student, build)
    t.label = expression or "t"
    names = student.graph_ops(t)
    assert_returns(names, list)
    for name in names:
        assert_returns(name, str, name=tr("An item of the list"))
    more = tr("The names hold more than names.")
    assert_that(not any(" at 0x" in name for name in names), more, hint=ADDRESS)
    assert_that(not any("::" in name for name in names), more, hint=CPP_NAME)
    assert_that("NoneType" not in names, tr("NoneType is no node of the graph."), hint=NOT_NONE)
    agreeing = next((place for place, pair in enumerate(zip(names, right, strict=False)) if pair[0] != pair[1]), None)
    agreeing = min(len(names), len(right)) if agreeing is None else agreeing
    assert_that(
        names == right,
        tr("The list of the nodes is wrong."),
        expected=verbatim(str(right)) if expression else trn("{n} item", "{n} items", len(right)),
        actual=verbatim(str(names)[:600])
        if expression
        else trn("{n} item, the first {right} right", "{n} items, the first {right} right", len(names), right=agreeing),
    )


@reference
def right_names(build):
    """The list for the tensor that `build` makes."""
    raise NotImplementedError  # its values lie in expected.json
