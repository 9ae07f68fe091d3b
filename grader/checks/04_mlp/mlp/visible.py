"""Cases of `mlp` that students have."""

from grader.kit import exercise

from ..build_mlp.judges import LASTS, assert_double, assert_keeps_hidden, assert_takes_images, make_tanh
from ..common import ramp
from .judges import assert_mlp, assert_mlp_learns, assert_mlp_parameters, assert_not_affine, assert_subclass


@exercise("mlp", weight=3)
def test_mlp_parameters(student):
    """MLP(5, [7, 3], 2) has the weights and biases of its three Linear layers and no other parameters."""
    assert_mlp_parameters(student, (5, 7, 3, 2))


@exercise("mlp", weight=8)
def test_mlp_gradients(student):
    """Gradients reach every weight and bias."""
    assert_mlp_learns(student, (5, 7, 3, 2), ramp(4, 5))


@exercise("mlp", weight=13, after=test_mlp_gradients)
def test_mlp_outputs(student):
    """The outputs are those of its own weights and biases, with ReLU between the layers."""
    assert_mlp(student, (5, 7, 3, 2), None, ramp(4, 5))


@exercise("mlp", weight=8, after=test_mlp_outputs)
def test_mlp_logits(student):
    """Nothing follows the last layer: its outputs are the logits."""
    assert_mlp(student, (5, 7, 3, 2), None, ramp(4, 5), lasts=LASTS[:1])
    assert_mlp(student, (4, 3), None, ramp(4, 4), lasts=LASTS[:1])


@exercise("mlp", weight=4, after=test_mlp_gradients)
def test_mlp_act_and_depth(student):
    """The activation and the number of hidden layers are the ones that are given."""
    assert_mlp(student, (5, 6, 4, 3, 2), make_tanh, ramp(4, 5))


@exercise("mlp", weight=2)
def test_mlp_images(student):
    """It takes a single image, (1, 1, 28, 28)."""
    assert_takes_images(student, "MLP", (784, 32, 16, 10), ramp(1, 1, 28, 28))


@exercise("mlp", weight=10)
def test_mlp_subclass(student):
    """A class that inherits from MLP works too."""
    assert_subclass(student, (5, 7, 3, 2), ramp(4, 5))


@exercise("mlp")
def test_mlp_bends(student):
    """The network is not a straight (affine) map."""
    assert_not_affine(student, (5, 32, 24, 3), 3 * ramp(6, 5), 2 * ramp(5, 6).T)


@exercise("mlp")
def test_mlp_double(student):
    """Each model has weights of its own, and works in float64 after model.double()."""
    assert_double(student, "MLP", (5, 7, 3, 2), ramp(4, 5))


@exercise("mlp", after=test_mlp_parameters)
def test_mlp_keeps_hidden(student):
    """The list hidden is not changed."""
    assert_keeps_hidden(student, "MLP", (5, 7, 3, 2))
