"""What decides `graph_ops`, and what it says."""

import inspect
import textwrap
from collections import deque

import torch

from grader.kit import StudentError, assert_returns, assert_that, reference, tr, verbatim
from grader.kit.gradients import explained

from ..common import switch_autograd_on

NO_VISITED = tr("A node that two others use appears twice: remember the nodes that you have met, and skip them.")


DEPTH_FIRST = tr("That order goes deep first: a queue gives the first node in (popleft) the first turn.")


NOT_NONE = tr("An input that needs no gradient, such as a number, stands as None in next_functions: skip it.")


ADDRESS = tr("str(node) shows a memory address as well: type(node).__name__ is the name alone.")


CPP_NAME = tr("node.name() gives leaves their C++ name: type(node).__name__ is the short one.")


BACKWARD_ORDER = tr("The list begins at the result, t.grad_fn, and ends at the leaves: yours runs the other way.")


NO_LEAVES = tr("The leaves are missing: AccumulateGrad is a node of the graph like any other.")


LAST_MET = tr("A node that is met at two depths stands where it is met last: it belongs where it is met first.")


MET_AGAIN = tr("A node that is met again, after its turn, appears twice: a node stays in the set of those seen.")


NO_GRAPH = tr("A tensor without grad_fn has no graph: there is nothing to walk.")


NO_ROOT = tr("The first node is missing: the list begins with t.grad_fn itself.")


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
    queue, seen, names = deque([root] if root is not None else []), {root}, []
    while queue:
        node = queue.popleft()
        names.append(type(node).__name__)
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                queue.append(following)
    return names


@reference
def _names_repeated(root):
    queue, names = deque([root] if root is not None else []), []
    while queue and len(names) < 1000:
        node = queue.popleft()
        names.append(type(node).__name__)
        queue.extend(following for following, _ in node.next_functions if following is not None)
    return names


@reference
def _names_depth_first(root, seen):
    if root is None or root in seen:
        return []
    seen.add(root)
    below = [name for following, _ in root.next_functions for name in _names_depth_first(following, seen)]
    return [type(root).__name__, *below]


@reference
def _names_repeated_depth_first(root):
    if root is None:
        return []
    below = [name for following, _ in root.next_functions for name in _names_repeated_depth_first(following)]
    return [type(root).__name__, *below]


@reference
def _names_last_met(root):
    queue, met = deque([root] if root is not None else []), []
    while queue and len(met) < 1000:
        node = queue.popleft()
        met.append(node)
        queue.extend(following for following, _ in node.next_functions if following is not None)
    kept = [node for place, node in enumerate(met) if node not in met[place + 1 :]]
    return [type(node).__name__ for node in kept]


@reference
def _names_met_again(root):
    queue, names = deque([root] if root is not None else []), []
    while queue and len(names) < 1000:
        node = queue.popleft()
        names.append(type(node).__name__)
        queue.extend(
            following for following, _ in node.next_functions if following is not None and following not in queue
        )
    return names


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
    switch_autograd_on(student)
    right, wrong = right_names(build), wrong_lists(build)
    t = graph(student, build)
    t.label = expression or "t"
    try:
        names = student.graph_ops(t)
    except StudentError as error:
        if "NoneType" not in error.message:
            raise
        raise explained(error, NOT_NONE if right else NO_GRAPH) from error
    assert_returns(names, list)
    for name in names:
        assert_returns(name, str, name=tr("An item of the list"))
    assert_that(not any(" at 0x" in name for name in names), tr("The names hold more than names."), hint=ADDRESS)
    assert_that(not any("::" in name for name in names), tr("The names hold more than names."), hint=CPP_NAME)
    assert_that("NoneType" not in names, tr("NoneType is no node of the graph."), hint=NOT_NONE)
    assert_that(
        names == right,
        tr("The list of the nodes is wrong."),
        expected=verbatim(str(right)) if expression else tr("{n} items", n=len(right)),
        actual=verbatim(str(names)[:600]) if expression else tr("{n} items", n=len(names)),
        hint=next((hint for hint, listed in zip(WRONG_LISTS, wrong, strict=True) if names == listed != right), None),
    )


WRONG_LISTS = (
    *(NO_GRAPH, MET_AGAIN, LAST_MET, DEPTH_FIRST, DEPTH_FIRST),
    *(NO_VISITED, NO_VISITED, BACKWARD_ORDER, NO_LEAVES, NO_ROOT),
)
"""The hints for `wrong_lists`."""


@reference
def right_names(build):
    """The list for the tensor that `build` makes."""
    return node_names(build().grad_fn)


@reference
def wrong_lists(build):
    """What known mistakes list for the tensor that `build` makes."""
    root = build().grad_fn
    right = node_names(root)
    return [
        ["AccumulateGrad"] if root is None else right,
        _names_met_again(root),
        _names_last_met(root),
        _names_depth_first(root, set()),
        _names_with_a_stack(root),
        _names_repeated(root),
        _names_repeated_depth_first(root),
        right[::-1],
        [name for name in right if name != "AccumulateGrad"],
        right[1:],
    ]


@reference
def _names_with_a_stack(root):
    stack, seen, names = [root] if root is not None else [], {root}, []
    while stack:
        node = stack.pop()
        names.append(type(node).__name__)
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                stack.append(following)
    return names
