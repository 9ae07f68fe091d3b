"""What decides `mandelbrot`, and what it says."""

from functools import lru_cache

import torch

from grader.kit import CheckFailure, assert_dtype, assert_shape, assert_that, origin, reference, tr, trn
from grader.kit.comparison import as_tensor, first_differing

NUDGE = 1e-6
"""A point whose steps change when it is moved by this much is left out: there, rounding decides."""


@reference
@lru_cache(maxsize=256)
def escape_counts(h, w, max_iter, *, nudge=0.0):
    """The definition, one point at a time, in Python's own complex numbers."""
    xs = torch.linspace(-2, 0.5, w, dtype=torch.float64).tolist()
    ys = torch.linspace(-1.25, 1.25, h, dtype=torch.float64).tolist()

    def count(c):
        z, steps = 0j, 0
        while steps < max_iter and abs(z := z * z + c) <= 2:
            steps += 1
        return steps

    counts = [[count(complex(x, y) + nudge) for x in xs] for y in ys]
    return torch.tensor(counts, dtype=torch.int64).reshape(h, w)


def assert_mandelbrot(student, h, w, max_iter):
    """`student.mandelbrot`, point by point, but for those at the very edge of the set; its dtype is not looked at."""
    expected = escape_counts(h, w, max_iter)
    moved = [escape_counts(h, w, max_iter, nudge=NUDGE * 1j**turn) for turn in range(4)]
    clear = torch.stack([counts == expected for counts in moved]).all(0)
    result = student.mandelbrot(h, w, max_iter)
    assert_shape(result, (h, w))
    assert_that(origin(result).has_data, tr("The picture is wrong."))
    result = as_tensor(result)  # that an array is no tensor costs `assert_whole_steps` alone
    if int((result != expected)[clear].sum()) > max(1, 0.01 * int(clear.sum())):
        found = torch.where(clear, result.double(), expected.double())
        raise CheckFailure(
            tr("The picture is wrong."),
            actual=trn(
                "{wrong} of {total} point differs",
                "{wrong} of {total} points differ",
                h * w,
                wrong=int((found != expected).sum()),
            ),
            **first_differing(found, expected.double(), 0, 0),
        )
    return result


def assert_whole_steps(student, h, w, max_iter):
    """The steps are whole numbers."""
    assert_dtype(student.mandelbrot(h, w, max_iter), torch.int64)


def assert_edge_stays(student, h, w, max_iter):
    """The point -2, in the middle of the left column, has |z| = 2 after every step."""
    result = assert_mandelbrot(student, h, w, max_iter)
    assert_point(result, "-2", h // 2, 0, max_iter)


def assert_point(result, point, row, column, steps):
    """One point of the picture has its number of steps."""
    found = result[row, column].item()
    assert_that(
        found == steps,
        tr("The point {point} does not have its number of steps.", point=point),
        expected=str(steps),
        actual=f"{found:g}",
    )


KNOWN_POINTS = {
    "-2": (2, 0, 20),
    "-1": (2, 2, 20),
    "0": (2, 4, 20),
    "0.5": (2, 5, 4),
    "-2 - 1.25i": (0, 0, 0),
    "-1.5 + 0.625i": (3, 1, 2),
}
"""Row, column and steps of some points of mandelbrot(5, 6, 20), by hand."""
