"""What decides `broadcast_shape`, and what it says."""

import ast

from grader.kit import (
    CheckFailure,
    StudentError,
    assert_equal,
    assert_raises,
    assert_returns,
    assert_that,
    reference,
    tr,
    verbatim,
)
from grader.kit.bindings import all_bindings, imports_of, names_reached
from grader.kit.operations import operations_of
from grader.kit.own_work import own_modules

EASY = (((4, 1), (1, 3)), ((5,), (5,)), ((2, 3), (1, 3)), ((), (3,)))
"""Pairs that fit: of a rule of one's own, the first draft has some of them right."""

BROADCASTS = ("broadcast", "_broadcast", "expand", "infer_size")
"""What functions of PyTorch's and NumPy's that broadcast are called, or begin with."""

LARGE = ((10**12, 1), (1, 10**12))
"""The like of the first of them, of which no tensor can be made."""


@reference
def stretched(a, b):
    """The shape that two shapes that fit broadcast to."""
    rank = max(len(a), len(b))
    padded = [(1,) * (rank - len(shape)) + shape for shape in (a, b)]
    return tuple(j if i == 1 else i for i, j in zip(*padded, strict=True))


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


def assert_own_rule(student):
    """The rule is the student's own: no library's function broadcasts, and no tensor is broadcast to read its shape."""
    pair = one_that_is_right(student)
    operations = operations_of(student, student.broadcast_shape, *pair)
    used = {name.removeprefix("aten::") for name in operations} | borrowed_names(student)
    borrowed = sorted(name for name in used if name.startswith(BROADCASTS))
    assert_that(
        not borrowed,
        tr("The rule is not your own: {names} broadcasts for you.", names=", ".join(borrowed[:3])),
        hint=tr("Compare the sizes of both shapes pair by pair, from the right."),
    )
    if pair != EASY[0]:
        return
    try:
        student.broadcast_shape(*LARGE)
    except StudentError as error:
        raise CheckFailure(
            tr("For large shapes your function fails: it makes tensors of them."),
            actual=verbatim(f"{error.type_name}: {error.message[:120]}"),
        ) from error


def one_that_is_right(student):
    """A pair of shapes for which the student's function is right; where there is none, what the first one tells."""
    failures = []
    for a, b in EASY:
        try:
            assert_broadcast(student, a, b)
        except (CheckFailure, StudentError) as failure:
            failures.append(failure)
        else:
            return a, b
    raise failures[0]


def borrowed_names(student):
    """What the source of `broadcast_shape`, in the notebook and in files beside it, uses of libraries and objects."""
    modules = own_modules(student)
    bindings = all_bindings(student.cells, modules)
    found = set()
    for name in names_reached("broadcast_shape", bindings, modules):
        imports = imports_of(bindings[name], bindings)
        for part in ast.walk(bindings[name].node):
            if isinstance(part, ast.Attribute):
                found.add(part.attr)
            elif isinstance(part, ast.Name) and part.id in imports:
                found.add(imports[part.id].rpartition(".")[2])
    return found


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
