"""Cases of `broadcast_shape` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of, exercise

from . import visible
from .judges import assert_broadcast, assert_names_both, assert_plain_tuple, assert_refuses


def fitting_shapes(rng, rank_a, rank_b):
    """Two shapes of those ranks that broadcast: each pair of sizes is equal, or one of the two is 1."""
    common = [rng.integer(2, 9) for _ in range(max(rank_a, rank_b))]
    a, b = list(common[-rank_a:] if rank_a else []), list(common[-rank_b:] if rank_b else [])
    for place in range(1, min(rank_a, rank_b) + 1):
        match rng.integer(0, 3):  # two equal sizes fit as well
            case 0:
                a[-place] = 1
            case 1:
                b[-place] = 1
    return tuple(a), tuple(b)


@exercise("broadcast_shape", weight=3, after="test_the_rule_is_your_own")
@pytest.mark.parametrize(("rank_a", "rank_b"), [(2, 2), (3, 1), (2, 4), (5, 3)])
def test_any_two_shapes_that_fit(student, rng, rank_a, rank_b):
    """Any two shapes that fit, of any number of dimensions."""
    for _ in range(5):
        a, b = fitting_shapes(rng, rank_a, rank_b)
        assert_broadcast(student, a, b)
        assert_broadcast(student, b, a)


@cases_of(visible.test_equal_sizes_fit, weight=2)
def test_any_equal_sizes_fit(student, rng):
    n, m = rng.integer(2, 9), rng.integer(2, 9)
    for a, b in (
        ((n,), (n,)),
        ((10 * n + m,), (1, 10 * n + m)),
        ((n, m, 1), (m, n)),
        ((1, m), (n, m)),
        ((0, n), (0, n)),
    ):
        assert_broadcast(student, a, b)
        assert_broadcast(student, b, a)


@exercise("broadcast_shape", after="test_the_rule_is_your_own")
def test_shapes_without_dimensions_and_of_size_zero(student, rng):
    """Scalars, and sizes of 0."""
    n, m = rng.integer(2, 9), rng.integer(2, 9)
    assert_broadcast(student, (n, 1), (m,))
    assert_broadcast(student, (), (n, m))
    assert_broadcast(student, (m, n, 1), ())
    assert_broadcast(student, (1, n), (0, 1))
    assert_broadcast(student, (1,), (m, 0))


@cases_of(visible.test_the_shape_is_a_plain_tuple)
def test_any_shape_is_a_plain_tuple(student, rng):
    n, m = rng.integer(2, 9), rng.integer(2, 9)
    for a, b in (((n, 1), (m,)), ((), ()), ((m,), (n, m))):
        assert_plain_tuple(student, a, b)


@cases_of(visible.test_shapes_that_do_not_fit, weight=2)
def test_any_two_shapes_that_do_not_fit(student, rng):
    n, m = rng.integer(2, 9), rng.integer(2, 9)
    assert_refuses(
        student,
        ((n,), (n + 1,)),
        ((m, n), (n + 2, 1, n + 1)),
        ((n, n + m), (n,)),
        ((m, 0), (n,)),
        ((n + 1, m), (n, m)),
        ((n,), (0,)),
    )


@cases_of(visible.test_the_error_names_both_shapes)
def test_any_error_names_both_shapes(student, rng):
    n, m = rng.integer(2, 9), rng.integer(2, 9)
    assert_names_both(student, ((n,), (n + 1,)), ((m, n), (n + 2, 1, n + 1)))
