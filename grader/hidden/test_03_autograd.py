"""Hidden checks of 03_autograd: the visible ones, asked of inputs that nobody has seen."""

import pytest
import torch

from grader.samples.test_03_autograd import (
    EXACT,
    NOT_A_LEAF,
    assert_branches,
    assert_by_hand,
    assert_derivative,
    assert_derivative_of_computed,
    assert_from_formulas,
    assert_grad_mode,
    assert_grads,
    assert_grads_dtypes,
    assert_graph,
    assert_linear_grads,
    assert_micro,
    assert_modes,
    assert_no_layers,
    assert_nothing_left,
    assert_numerical,
    assert_old_grad_ignored,
    assert_one_forward,
    assert_separates,
    assert_stable,
    assert_step,
    assert_trained,
    assert_z,
    assert_z_gradients,
    computed,
    coupled,
    cube_mean,
    leaf,
    polynomial,
    product_sum,
    quartic,
    squared_error,
    wave,
    wave_slope,
    weighted_square,
)
from grader.testing import assert_device_agnostic, exercise

DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])

# ------------------------------------------------------------------------------------------- grads_of


@exercise("grads_of")
@pytest.mark.parametrize("shape", [(), (1,), (4, 3), (0, 2)])
def test_z_in_any_shape(student, rng, shape):
    """compute_z works for scalars, vectors and matrices."""
    assert_z(student, rng.normal(3), rng.normal(3), rng.normal(3))
    assert_z(student, rng.normal(*shape), rng.normal(*shape), rng.normal(*shape))


@exercise("grads_of")
def test_z_gradients_in_any_shape(student, rng):
    """The graph of z leads back to a, b and c."""
    assert_z_gradients(student, rng.normal(3, 4).t(), rng.normal(4, 3), rng.normal(4, 3))


@exercise("grads_of", weight=2)
@pytest.mark.parametrize("shape", [(5,), (3, 2), (1,), ()])
def test_gradients_of_any_function(student, rng, shape):
    """The gradients are right for one, two and three tensors."""
    a, b, c = (rng.normal(*shape, dtype=torch.float64) for _ in range(3))
    assert_grads(student, weighted_square, (a, b, c), (2 * a * b, a**2, torch.full_like(c, -3.0)))
    assert_grads(student, product_sum, (a, b), (b, a))
    assert_grads(student, cube_mean, (a,), (3 * a**2 / a.numel(),))


@exercise("grads_of")
def test_gradients_of_strided_tensors(student, rng):
    """Transposed tensors, of which some require a gradient already, are left as they were."""
    a, b = rng.normal(3, 5).t(), rng.normal(5, 6)[:, ::2]
    assert_grads(student, product_sum, (a.clone().requires_grad_(), b), (b, a))


@exercise("grads_of")
def test_gradients_at_any_result(student, rng):
    """A tensor that is no leaf has a gradient as well."""
    values = rng.normal(4)
    a = computed(student, values.tolist())
    b = rng.normal(4)
    assert_grads(student, product_sum, (a, b), (b, 2 * values), hint=NOT_A_LEAF)
    assert_nothing_left(student, a)


@exercise("grads_of")
def test_gradients_at_any_whole_numbers(student, rng):
    """Tensors of whole numbers are taken as float32, and float64 stays float64."""
    assert_grads_dtypes(student, rng.integers(-9, 9, 5), rng.normal(5, dtype=torch.float64))


# ---------------------------------------------------------------------------------- linear_loss_grads


@exercise("linear_loss_grads", weight=2)
@DTYPES
@pytest.mark.parametrize("n", [1, 7, 30])
def test_gradients_for_any_batch(student, rng, n, dtype):
    """The gradients are right for any number of samples, in the precision of the input."""
    w, b = rng.normal(dtype=dtype), rng.normal(dtype=dtype)
    x, y = rng.normal(n, 2, dtype=dtype)[:, 0], rng.normal(n, dtype=dtype)
    assert_linear_grads(student, w, b, x, y)
    if n % 2 == 0:
        assert_from_formulas(student, w.double(), b.double(), x.double(), y.double())


@exercise("linear_loss_grads")
def test_gradients_for_a_single_value(student, rng):
    """The gradients are right for x and y without dimensions."""
    assert_linear_grads(student, *(rng.normal(dtype=torch.float64) for _ in range(4)))


@exercise("linear_loss_grads", weight=2)
def test_any_gradients_by_hand(student, rng):
    """The formulas need no autograd, and work on any device."""
    w, b, x, y = rng.normal(), rng.normal(), rng.normal(6), rng.normal(6)
    assert_by_hand(student, w, b, x, y)
    assert_device_agnostic(student, student.linear_loss_grads, w, b, x, y)


# ---------------------------------------------------------------------------- elementwise_derivative


@exercise("elementwise_derivative", weight=2)
@pytest.mark.parametrize("shape", [(1,), (9,), (3, 5), (2, 1, 4), ()])
def test_derivative_at_any_points(student, rng, shape):
    """The derivative of the wave is right at any points, in any shape."""
    start = torch.tensor([2.0, 4.5], dtype=torch.float64)
    assert_derivative(student, wave, start, wave_slope(start), **EXACT)
    x = rng.uniform(*shape, low=0.0, high=10.0, dtype=torch.float64)
    assert_derivative(student, wave, x, wave_slope(x), **EXACT)


@exercise("elementwise_derivative")
@DTYPES
def test_derivative_with_broadcasting_inside(student, rng, dtype):
    """f may give x more dimensions on its way, and x need not be contiguous."""
    x = rng.normal(5, 3, dtype=dtype).t()
    assert_derivative(student, polynomial, x, -2 + 1.5 * x**2)


@exercise("elementwise_derivative", weight=2)
def test_derivative_leaves_no_traces(student, rng):
    """x keeps its requires_grad and its .grad."""
    x = rng.normal(6)
    assert_derivative(student, cubic_values, x.clone().requires_grad_(), 3 * x**2 + 1)
    assert_old_grad_ignored(student, rng.normal(4).tolist())
    assert_derivative_of_computed(student, rng.normal(4).tolist())


def cubic_values(x):
    """x³ + x."""
    return x**3 + x


@exercise("elementwise_derivative")
def test_derivative_on_every_device(student, rng):
    """It works wherever x lies."""
    x = rng.normal(2, 3)
    assert_derivative(student, cubic_values, x, 3 * x**2 + 1)
    assert_device_agnostic(student, student.elementwise_derivative, student.define(cubic_values), x)


# ---------------------------------------------------------------------------------- two_branch_grads


@exercise("two_branch_grads", weight=2)
@DTYPES
@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3), ()])
def test_both_derivatives_at_any_x(student, rng, shape, dtype):
    """Both derivatives are right in any shape, whether or not x requires a gradient."""
    x = rng.uniform(*shape, low=0.1, high=3.0, dtype=dtype)
    assert_branches(student, x)
    assert_branches(student, x.clone().requires_grad_())


@exercise("two_branch_grads")
def test_same_answer_every_time(student, rng):
    """Three calls with the same x give the same answer."""
    x = student.define(f"x = torch.tensor({rng.normal(5).tolist()}, requires_grad=True)", "x")
    for _ in range(3):
        assert_branches(student, x)
    x = computed(student, rng.normal(5).tolist())
    assert_branches(student, x)
    assert_nothing_left(student, x)


@exercise("two_branch_grads")
def test_one_forward_pass_for_any_x(student, rng):
    """One forward pass serves both derivatives."""
    assert_one_forward(student, rng.normal(3, 2).t())


# --------------------------------------------------------------------------------- accumulated_step


def drawn(rng, sizes, labels=False):
    """Random weights, bias and micro-batches of these sizes."""
    n = sum(sizes)
    x = rng.normal(n, 4, dtype=torch.float64)
    y = rng.integers(0, 3, n) if labels else rng.normal(n, 3, dtype=torch.float64)
    batches = list(zip(x.split(sizes), y.split(sizes), strict=True))
    return rng.normal(3, 4, dtype=torch.float64), rng.normal(3, dtype=torch.float64), batches


@exercise("accumulated_step", weight=2)
@pytest.mark.parametrize("sizes", [[5, 5], [3], [1, 1, 1, 1]])
def test_any_equal_micro_batches(student, rng, sizes):
    """With micro-batches of one size, the step is the one of the big batch."""
    assert_step(student, *drawn(rng, sizes))


@exercise("accumulated_step", weight=2)
@pytest.mark.parametrize("sizes", [[5, 1, 3], [1, 6]])
@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_any_unequal_micro_batches(student, rng, sizes, loss):
    """With micro-batches of different sizes, too, for any loss that is a mean."""
    assert_step(student, *drawn(rng, sizes, labels=loss == "cross_entropy"), loss=loss, momentum=0.5)


@exercise("accumulated_step")
def test_any_old_gradients_are_ignored(student, rng):
    """What is in .grad at the beginning does not count."""
    assert_step(student, *drawn(rng, [3, 2, 3]), stale=True)


@exercise("accumulated_step")
def test_one_step_for_any_micro_batches(student, rng):
    """There is one step, and the model sees each micro-batch by itself."""
    assert_micro(student, *drawn(rng, [2, 5, 3, 3]))


@exercise("accumulated_step")
def test_any_mode_stays(student, rng):
    """The model stays in the mode that it is in, train or eval."""
    assert_step(student, *drawn(rng, [3, 1]))
    assert_modes(student, *drawn(rng, [3, 1]))


# ---------------------------------------------------------------------------------------- graph_ops


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
@pytest.mark.parametrize("build", [logits_loss, three_arms, detached_arm])
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


@exercise("graph_ops")
def test_graph_of_any_leaf(student):
    """A parameter has no graph yet; a loss has."""
    assert_graph(student, squared_error)
    assert_graph(student, leaf)


# -------------------------------------------------------------------------------------- numerical_grad


@exercise("numerical_grad", weight=2)
@pytest.mark.parametrize("shape", [(5,), (1,), (2, 3)])
def test_central_differences_for_any_step(student, rng, shape):
    """The differences are central, and use the eps that is given."""
    x = rng.uniform(*shape, low=0.5, high=2.0, dtype=torch.float64)
    assert_numerical(student, quartic, x, 0.1 + 0.1 * float(rng.uniform(1)))


@exercise("numerical_grad")
@pytest.mark.parametrize("shape", [(3, 4), (6,)])
def test_small_step_for_any_x(student, rng, shape):
    """With the usual eps the result is the gradient, also where the elements depend on one another."""
    assert_numerical(student, coupled, rng.normal(*shape, dtype=torch.float64))


@exercise("numerical_grad", weight=2)
def test_any_float32_is_computed_in_float64(student, rng):
    """A float32 x is computed in float64, and is the same after the call, to the last bit."""
    assert_numerical(student, quartic, rng.uniform(7, low=0.5, high=2.0))
    assert_numerical(student, quartic, rng.uniform(33, low=0.5, high=2.0, dtype=torch.float64), 0.03)


@exercise("numerical_grad")
def test_strided_and_scalar_x(student, rng):
    """x may be a transpose, a part of a larger tensor, a scalar, or require a gradient, and autograd stays on."""
    assert_numerical(student, coupled, rng.normal(3, 2, dtype=torch.float64).t(), 0.01)
    assert_numerical(student, quartic, rng.uniform(3, 4, low=0.5, dtype=torch.float64)[:, ::2].requires_grad_(), 0.01)
    assert_numerical(student, quartic, rng.uniform(low=0.5, high=2.0, dtype=torch.float64), 0.01)
    assert_numerical(student, quartic, torch.zeros(2, 0), 0.01)
    assert_grad_mode(student)


# ---------------------------------------------------------------------------------------- train_logistic


def labelled(rng, n, d, dtype=torch.float32):
    """Random points, with labels that a line would mostly get right."""
    x = rng.normal(n, d, dtype=dtype)
    scores = x @ rng.normal(d, dtype=dtype) + 0.5 * rng.normal(n, dtype=dtype)
    y = (scores > scores.median()).to(dtype)
    return x, y


@exercise("train_logistic")
@pytest.mark.parametrize(("n", "d"), [(9, 1), (5, 4)])
def test_first_step_of_any_data(student, rng, n, d):
    """The first step is -lr times the gradient."""
    assert_trained(student, *labelled(rng, n, d), 0.3, 1)


@exercise("train_logistic", weight=2)
@DTYPES
@pytest.mark.parametrize(("n", "d"), [(11, 3), (8, 1)])
def test_several_steps_of_any_data(student, rng, n, d, dtype):
    """Every step follows the gradient of that step alone, by autograd and no layers."""
    x, y = labelled(rng, n, d, dtype)
    assert_trained(student, x, y, 0.4, 6)
    assert_no_layers(student)


@exercise("train_logistic")
def test_large_scores_of_any_data(student, rng):
    """With large inputs the loss stays finite, and right."""
    x, y = labelled(rng, 13, 2, torch.float64)
    assert_stable(student, 300 * x, y, 1.0, 2)


@exercise("train_logistic")
def test_any_two_clouds(student, rng):
    """Two clouds are separated, and the loss falls at every step."""
    centre = torch.tensor([[2.0, 1.5]])
    x = torch.cat([rng.uniform(35, 2, low=-1, high=1) + centre, rng.uniform(45, 2, low=-1, high=1) - centre])
    order = rng.permutation(80)
    assert_separates(student, x[order], (torch.arange(80) < 35).float()[order])


@exercise("train_logistic")
def test_nothing_but_autograd_in_any_dimension(student, rng):
    """There is no layer and no optimizer, autograd stays on, and it works on any device."""
    x, y = labelled(rng, 7, 5)
    assert_trained(student, x.t().contiguous().t(), y, 0.3, 3)
    assert_grad_mode(student)
    assert_no_layers(student)
    assert_device_agnostic(student, student.train_logistic, x, y, 0.3, 2)
