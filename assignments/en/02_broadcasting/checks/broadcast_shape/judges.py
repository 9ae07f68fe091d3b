"""What decides `broadcast_shape`, and what it says."""

from contextlib import suppress

from grader.kit import CheckFailure, StudentError, assert_equal, assert_raises, reference, tr

ALIGN_RIGHT = tr(
    "Align the shapes from the right: the last sizes meet each other, then the ones before them. Try to write both"
    " shapes one under the other, flush right."
)


ONES_STRETCH = tr(
    "Only a size of 1 stretches. Before you choose a size, ask whether the two are equal or one of them is 1."
)


PADDING = tr("The shorter shape is filled up with ones on its left until both have the same number of dimensions.")


EQUAL_FIT = tr("Two equal sizes fit, whatever they are: your code takes only a size of 1 beside another one.")


BOTH_SHAPES = tr("Put both shapes into the message, as Python prints them: raise ValueError(f'{a} … {b}').")


MAX_OF_ZERO = tr("A 1 stretches to the other size, and to 0 as well: the larger of the two is not always the answer.")


def padded(shape, rank, *, left=True):
    ones = (1,) * (rank - len(shape))
    return ones + shape if left else shape + ones


@reference
def stretched(a, b, *, left=True):
    """The shape of the result, or None; ``left=False`` pads on the wrong side."""
    raise NotImplementedError  # its values lie in expected.json


def assert_broadcast(student, a, b):
    """The shape that `a` and `b` broadcast to, which exists."""
    expected = stretched(a, b)
    from_left = stretched(a, b, left=False)
    rank, shared = len(expected), min(len(a), len(b))
    shapes = {pair: stretched(*pair) for pair in _told_apart(a, b)}
    wrong = [
        (tuple(map(max, padded(a, rank), padded(b, rank))), MAX_OF_ZERO),
        (from_left, ALIGN_RIGHT),
        (expected[rank - shared :], PADDING),
        (stretched(a[:shared], b[:shared]), PADDING),
    ]
    mistakes = [(shape, hint) for shape, hint in wrong if shape is not None]
    try:
        result = student.broadcast_shape(a, b)
    except StudentError as error:
        if isinstance(error, NotImplementedError):
            raise
        hint = _refusal_hint(student, a, b, shapes, error)
        raise CheckFailure(
            tr("Your code raised {kind}: {message}", kind=error.type_name, message=error.message[:300]), hint=hint
        ) from error
    assert_equal(result, expected, mistakes=mistakes)


def _told_apart(a, b):
    """Pairs of shapes that tell why two shapes were refused: padded, padded on the wrong side, equal."""
    rank = max(len(a), len(b))
    return [
        (padded(a, rank), padded(b, rank)),
        (padded(a, rank, left=False), padded(b, rank, left=False)),
        ((2, 3), (2, 3)),
        ((2,), (2,)),
    ]


def _refusal_hint(student, a, b, shapes, error):
    """Why two shapes that fit were refused: what the same function says to `shapes`, known ones, tells."""

    def takes(pair):
        try:
            return student.broadcast_shape(*pair) == shapes[pair]
        except StudentError:
            return False

    with_padding, on_the_wrong_side, *equal = _told_apart(a, b)
    takes_padded = len(a) != len(b) and takes(with_padding)
    takes_left = takes(on_the_wrong_side) if takes_padded else False
    has_equal = any(i == j > 1 for i, j in zip(*with_padding, strict=True))
    takes_equal = any(map(takes, equal))
    with suppress(StudentError):
        student.broadcast_shape(a, b)  # the call that is shown
    if has_equal and not takes_equal:
        return EQUAL_FIT
    if takes_padded:
        is_misaligned = shapes[on_the_wrong_side] is None and isinstance(error, ValueError)
        return ALIGN_RIGHT if is_misaligned and not takes_left else PADDING
    return None


def assert_refuses(student, *pairs):
    """Pairs that do not broadcast raise ValueError with both shapes in its message; others still have a result."""
    assert_broadcast(student, (4, 1), (5,))
    for a, b in pairs:
        assert_raises(student.broadcast_shape, a, b, raises=ValueError, hint=ONES_STRETCH)
        mentions = [str(a), str(b)]
        assert_raises(student.broadcast_shape, a, b, raises=ValueError, mentions=mentions, hint=BOTH_SHAPES)
