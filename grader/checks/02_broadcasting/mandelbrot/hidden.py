"""Cases of `mandelbrot` that students do not have: new inputs at every grading."""

import pytest

from grader.kit import cases_of, exercise

from ..common import assert_vectorised
from . import visible
from .judges import assert_edge_stays, assert_mandelbrot, assert_whole_steps


@exercise("mandelbrot", weight=4)
@pytest.mark.parametrize("max_iter", [1, 15, 40, 60])
@pytest.mark.parametrize("shape", [(11, 23), (30, 17), (25, 25)], ids=str)
def test_pictures_of_any_size(student, shape, max_iter):
    """Pictures of any size, with any number of iterations."""
    assert_mandelbrot(student, *shape, max_iter)


@exercise("mandelbrot")
def test_pictures_of_one_row_or_column(student, rng):
    """Pictures of a single row or column."""
    assert_mandelbrot(student, 1, rng.integer(5, 9), 8)
    assert_mandelbrot(student, rng.integer(5, 9), 1, 8)


@exercise("mandelbrot")
def test_the_edge_stays(student, rng):
    """The point -2, whose |z| is 2 after every step, stays."""
    for h in (5, 9, 17):
        assert_edge_stays(student, h, rng.integer(5, 9), rng.integer(3, 20))


@cases_of(visible.test_steps_are_whole_numbers)
def test_steps_of_any_picture_are_whole_numbers(student, rng):
    assert_whole_steps(student, rng.integer(3, 6), 4, 5)


@cases_of(visible.test_mandelbrot_with_one_loop, weight=4)
def test_a_large_picture(student, rng):
    h, w = rng.integer(120, 150), rng.integer(150, 200)
    assert_vectorised(student, "mandelbrot", h, w, 25, seconds=2.0, operations=1000, allowed=1)
