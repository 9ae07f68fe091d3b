"""What decides `broadcast_shape`, and what it says."""

from grader.kit import CheckFailure, StudentError, assert_equal, assert_raises, assert_returns, reference, tr, verbatim


@reference
def stretched(a, b):
    """The shape that two shapes that fit broadcast to."""
    raise NotImplementedError  # its values lie in expected.json


def assert_broadcast(student, a, b):
    """The shape that `a` and `b` broadcast to, which exists; a list or a torch.Size will do."""
    expected = stretched(a, b)
    try:
        result = student.broadcast_shape(a, b)
    except StudentError as error:
        if not isinstance(error, ValueError):
            raise
        raise CheckFailure(
            tr("Two shapes that fit are refused."),
            shown_expected=verbatim(str(expected)),
            actual=verbatim(f"{error.type_name}: {error.message[:200]}"),
        ) from error
    assert_equal(tuple(result) if isinstance(result, list | tuple) else result, expected)


def assert_plain_tuple(student, a, b):
    """The shape is a plain tuple of plain ints."""
    result = student.broadcast_shape(a, b)
    assert_returns(result, tuple)
    for size in result:
        assert_returns(size, int, name=tr("A size of the result"))


def assert_refuses(student, *pairs):
    """Pairs that do not broadcast raise ValueError."""
    for a, b in pairs:
        assert_raises(student.broadcast_shape, a, b, raises=ValueError)


def assert_names_both(student, *pairs):
    """Pairs that do not broadcast have both shapes in the error's message, whatever the error is."""
    for a, b in pairs:
        assert_raises(student.broadcast_shape, a, b, raises=Exception, mentions=[str(a), str(b)])
