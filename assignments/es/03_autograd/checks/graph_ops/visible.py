"""Cases of `graph_ops` that students have."""

from grader.kit import exercise

from .judges import (
    assert_graph,
    early_and_late,
    leaf,
    shared_node,
    squared_error,
    two_arms,
    two_depths,
    two_halves,
    without_gradient,
)


@exercise("graph_ops", weight=2)
def test_graph_of_a_loss(student):
    """The graph of ((w x + b - y)²).mean(), from the mean down to w and b."""
    assert_graph(student, squared_error, "((w * x + b - y) ** 2).mean()")


@exercise("graph_ops", weight=2)
def test_graph_breadth_first(student):
    """All nodes of one depth come before the next depth."""
    assert_graph(student, two_arms, "a.exp().sin() + b.cos()")


@exercise("graph_ops", weight=2)
def test_graph_with_nodes_at_two_depths(student):
    """A node that is met at two depths appears once, at the first of them."""
    assert_graph(student, two_depths, "((torch.sin(w * x) + b - y) ** 2).mean() + 0.1 * w**2")
    assert_graph(student, early_and_late, "e * e.sin().cos(), with e = x.exp()")


@exercise("graph_ops")
def test_graph_with_a_shared_node(student):
    """A node that is used twice appears once."""
    assert_graph(student, shared_node, "(e.sin() * e).sum(), with e = x.exp()")
    assert_graph(student, two_halves, "a * b, with a, b = x.exp().chunk(2)")


@exercise("graph_ops", after=test_graph_of_a_loss)
def test_graph_of_a_leaf(student):
    """A leaf, and a tensor without gradient, have no graph: the list is empty."""
    assert_graph(student, leaf, "w")
    assert_graph(student, without_gradient, "torch.ones(3) * 2")
