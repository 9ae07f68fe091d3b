"""What decides `mandelbrot`, and what it says."""

from functools import lru_cache

import torch

from grader.kit import CheckFailure, alternatives, assert_dtype, assert_shape, assert_that, origin, reference, tr

AXES = tr("The axes are swapped: the rows (h) go along the imaginary part y, the columns (w) along the real part x.")


ONE_MORE = tr(
    "Every point that escapes has one step too many: count a step only if the point is still within |z| <= 2 after it."
)


SQUARED_RADIUS = tr("Compare |z| with 2, or |z|² with 4: not one with the limit of the other.")


NAN_COUNTED = tr(
    "Points that escaped count as if they were inside: their z grew to infinity and then to NaN, and every comparison"
    " with NaN is False. Ask who is still inside, |z| <= 2, and not who is outside."
)


STRICT_BOUND = tr("A point with |z| equal to 2 has not escaped yet: compare with <=.")


ALL_OR_NOTHING = tr("This says whether a point stays inside. The number of steps that it stays was asked.")


ONE_LOOP = tr("One loop over the iterations is allowed: each of its steps moves all the points of the picture at once.")


NUDGE = 1e-6
"""A point whose steps change when it is moved by this much is left out: there, rounding decides."""


@reference
@lru_cache(maxsize=256)
def escape_counts(h, w, max_iter, *, nudge=0.0, radius=2.0):
    """The definition, one point at a time, in Python's own complex numbers."""
    xs = torch.linspace(-2, 0.5, w, dtype=torch.float64).tolist()
    ys = torch.linspace(-1.25, 1.25, h, dtype=torch.float64).tolist()

    def count(c):
        z, steps = 0j, 0
        while steps < max_iter and abs(z := z * z + c) <= radius:
            steps += 1
        return steps

    counts = [[count(complex(x, y) + nudge) for x in xs] for y in ys]
    return torch.tensor(counts, dtype=torch.int64).reshape(h, w)


def assert_mandelbrot(student, h, w, max_iter):
    """`student.mandelbrot`, point by point, but for those at the very edge of the set."""
    expected = escape_counts(h, w, max_iter)
    moved = [escape_counts(h, w, max_iter, nudge=NUDGE * 1j**turn) for turn in range(4)]
    clear = torch.stack([counts == expected for counts in moved]).all(0)
    mistakes = alternatives(_mistakes(expected, max_iter))
    result = student.mandelbrot(h, w, max_iter)
    is_turned = isinstance(result, torch.Tensor) and tuple(result.shape) == (w, h)
    assert_shape(result, (h, w), hint=AXES if is_turned else None)
    assert_dtype(result, torch.int64)
    assert_that(origin(result).has_data, tr("The picture is wrong."))
    if not _alike(result, expected, clear):
        raise CheckFailure(
            tr("The picture is wrong."),
            actual=tr("{wrong} of {total} points differ", wrong=int((result != expected).sum()), total=h * w),
            hint=next((hint for wrong, hint in mistakes if _alike(result, wrong, clear)), None),
        )
    return result


def _alike(left, right, clear):
    return int((left != right)[clear].sum()) <= max(1, 0.01 * int(clear.sum()))


def _mistakes(expected, max_iter):
    """The pictures that known mistakes draw, each with its hint."""
    h, w = expected.shape
    inside = expected == max_iter
    yield from [
        (escape_counts(w, h, max_iter).T, AXES),
        (torch.where(inside, expected, expected + 1), ONE_MORE),
        (expected + 1, ONE_MORE),
        (escape_counts(h, w, max_iter, radius=2**0.5), SQUARED_RADIUS),
        (escape_counts(h, w, max_iter, radius=4.0), SQUARED_RADIUS),
        (torch.where(inside, max_iter, 0), ALL_OR_NOTHING),
        (inside.long(), ALL_OR_NOTHING),
    ]
    yield from ((counted, NAN_COUNTED) for counted in not_counted_outside(h, w, max_iter))


@reference
def not_counted_outside(h, w, max_iter):
    """What comes of counting the steps after which |z| > 2 is false: NaN is not greater, in any arithmetic."""
    found = []
    for dtype in (torch.float32, torch.float64):
        x, y = torch.linspace(-2, 0.5, w, dtype=dtype), torch.linspace(-1.25, 1.25, h, dtype=dtype)[:, None]
        c = torch.complex(x.expand(h, w), y.expand(h, w))
        z, counts = torch.zeros_like(c), torch.zeros(h, w, dtype=torch.int64)
        re, im, by_parts = torch.zeros_like(c.real), torch.zeros_like(c.real), torch.zeros_like(counts)
        for _ in range(max_iter):
            z, (re, im) = z * z + c, (re * re - im * im + c.real, 2 * re * im + c.imag)
            counts += ~(z.abs() > 2)
            by_parts += ~(re * re + im * im > 4)
        found += [counts, by_parts]
    return found


def assert_edge_stays(student, h, w, max_iter):
    """The point -2, in the middle of the left column, has |z| = 2 after every step."""
    result = assert_mandelbrot(student, h, w, max_iter)
    steps = int(result[h // 2, 0])
    assert_that(
        steps == max_iter,
        tr("The point {point} does not have its number of steps.", point="-2"),
        hint=STRICT_BOUND if steps == 0 else None,
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
