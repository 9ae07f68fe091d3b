"""Cases of `graph_ops` that students do not have: new inputs at every grading."""

import pytest
import torch

from grader.kit import exercise

from .judges import assert_graph, leaf


def doublings():
    """x + x, four times over: every node is used twice."""
    x = torch.ones(3, requires_grad=True)
    for _ in range(4):
        x = x + x
    return x.sum()


def logits_loss():
    """Binary cross-entropy of x w + b."""
    w, b = torch.ones(5, 3, requires_grad=True), torch.zeros(3, requires_grad=True)
    return torch.nn.functional.binary_cross_entropy_with_logits(torch.ones(5) @ w + b, torch.zeros(3))


def three_arms():
    """Three arms of lengths three, one and two that meet in one leaf."""
    a, b = torch.tensor([1.0], requires_grad=True), torch.tensor([2.0], requires_grad=True)
    return torch.cat([a.exp().sin().cos(), b.tanh(), (3 - a).sqrt()])


def long_chain():
    """Two hundred nodes in a row, which two others use."""
    x = torch.ones(2, requires_grad=True)
    for _ in range(100):
        x = x.sin() * 2
    return x.exp() + x * 3


def detached_arm():
    """One arm of the product is detached."""
    x = torch.tensor(2.0, requires_grad=True)
    return (x.exp() * x.sin().detach()).log()


def sooner_and_later():
    """An inner node, and a leaf, that are met at depths one, two and three."""
    x, w = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    h = (w * x).tanh()
    return h + (h.exp() * x).sigmoid() + w


def unbound():
    """Three rows of one matrix, which come from one node, by different ways."""
    a, b, c = torch.ones(3, 2, requires_grad=True).cos().unbind()
    return (a.exp() * b).sin() + c


@exercise("graph_ops", weight=3)
@pytest.mark.parametrize("build", [logits_loss, three_arms, detached_arm, long_chain])
def test_graph_of_any_tensor(student, build):
    """The nodes of a graph, each depth after the other."""
    assert_graph(student, build)


@exercise("graph_ops", weight=2)
def test_graph_with_many_shared_nodes(student):
    """A node that is used several times appears once."""
    assert_graph(student, doublings)


@exercise("graph_ops", weight=2)
@pytest.mark.parametrize("build", [sooner_and_later, unbound])
def test_graph_with_nodes_at_several_depths(student, build):
    """A node that is met at several depths appears once, at the first of them."""
    assert_graph(student, build)


@exercise("graph_ops", after="test_graph_of_a_loss")
def test_graph_of_any_leaf(student):
    """A parameter has no graph yet."""
    assert_graph(student, leaf)
