"""Cases of `broadcast_shape` that students have."""

import pytest

from grader.kit import exercise

from .judges import assert_broadcast, assert_names_both, assert_own_rule, assert_plain_tuple, assert_refuses


@exercise("broadcast_shape")
def test_the_rule_is_your_own(student):
    """The rule is your own: neither PyTorch nor NumPy broadcasts for you."""
    assert_own_rule(student)


@exercise("broadcast_shape", weight=2, after=test_the_rule_is_your_own)
@pytest.mark.parametrize(
    ("a", "b"),
    [((2, 1), (3,)), ((4, 1), (4,)), ((1, 5), (3, 1)), ((3, 1), (5, 1, 4))],
    ids=str,
)
def test_shapes_are_aligned_from_the_right(student, a, b):
    """The shapes are aligned from the right, and a 1 stretches."""
    assert_broadcast(student, a, b)
    assert_broadcast(student, b, a)
    assert_broadcast(student, (7, 1), (1, 6))


@exercise("broadcast_shape", weight=2, after=test_the_rule_is_your_own)
def test_equal_sizes_fit(student):
    """Equal sizes fit, whatever they are."""
    assert_broadcast(student, (3,), (3,))
    assert_broadcast(student, (4, 2), (4, 2))
    assert_broadcast(student, (5, 1, 3), (2, 3))
    assert_broadcast(student, (0,), (6, 0))


@exercise("broadcast_shape", after=test_the_rule_is_your_own)
def test_a_shape_without_dimensions(student):
    """A scalar, of shape (), broadcasts with anything."""
    assert_broadcast(student, (), (4, 2))
    assert_broadcast(student, (3,), ())
    assert_broadcast(student, (), ())


@exercise("broadcast_shape", after=test_the_rule_is_your_own)
def test_size_zero(student):
    """A 1 stretches to 0 as well."""
    assert_broadcast(student, (2, 1), (0,))
    assert_broadcast(student, (3, 0, 1), (1, 2))


@exercise("broadcast_shape", after=[test_the_rule_is_your_own, test_shapes_are_aligned_from_the_right])
def test_the_shape_is_a_plain_tuple(student):
    """The shape is a plain tuple of ints."""
    assert_plain_tuple(student, (4, 1), (5,))


@exercise("broadcast_shape", weight=2, after=[test_the_rule_is_your_own, test_shapes_are_aligned_from_the_right])
def test_shapes_that_do_not_fit(student):
    """Shapes that do not fit raise ValueError."""
    assert_refuses(student, ((2,), (3,)), ((2, 3), (2,)), ((0,), (2,)), ((2,), (0,)))


@exercise("broadcast_shape", after=[test_the_rule_is_your_own, test_shapes_that_do_not_fit])
def test_the_error_names_both_shapes(student):
    """The message of the error contains both shapes."""
    assert_names_both(student, ((2,), (3,)), ((2, 3), (2,)))
