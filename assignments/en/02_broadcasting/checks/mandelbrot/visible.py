"""Cases of `mandelbrot` that students have."""

import pytest

from grader.kit import exercise

from ..common import assert_vectorised
from .judges import KNOWN_POINTS, assert_mandelbrot, assert_point, assert_whole_steps


@exercise("mandelbrot", weight=2)
def test_known_points(student):
    """Points known by hand: -2, -1 and 0 stay, 0.5 goes after 4 steps."""
    result = assert_mandelbrot(student, 5, 6, 20)
    for point, (row, column, steps) in KNOWN_POINTS.items():
        assert_point(result, point, row, column, steps)


@exercise("mandelbrot", weight=2)
@pytest.mark.parametrize(("h", "w", "max_iter"), [(9, 14, 30), (12, 7, 1), (16, 16, 50)])
def test_the_whole_picture(student, h, w, max_iter):
    """Pictures of any height and width, with few and with many iterations."""
    assert_mandelbrot(student, h, w, max_iter)


@exercise("mandelbrot")
def test_steps_are_whole_numbers(student):
    """The steps are whole numbers (int64)."""
    assert_whole_steps(student, 5, 6, 20)


@exercise("mandelbrot", weight=3, after=test_the_whole_picture)
def test_mandelbrot_with_one_loop(student):
    """A single Python loop, over the iterations; and fast on a large picture."""
    assert_vectorised(student, "mandelbrot", 60, 90, 20, seconds=1.0, operations=1000, allowed=1)
