"""Assertions that say what is wrong in the vocabulary of deep learning.

Each takes what the student's function returned, whatever that is, and raises `CheckFailure` with a diagnosis:
what was expected, what came, one likely cause. None shows the values of a hidden check.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

import numpy as np
import torch

from grader.kit.comparison import (
    as_comparable,
    as_tensor,
    first_differing,
    is_close,
    is_equal,
    is_match,
    plain,
    plain_difference,
    shapes_if_different,
)
from grader.kit.failures import CheckFailure, StudentError, is_untouched_stub
from grader.kit.messages import Message, tr, trn, verbatim
from grader.kit.references import alternatives
from grader.kit.student import Student
from grader.kit.wording import (
    as_message,
    dtype_hint,
    is_kind,
    kind_name,
    naming,
    shape_hint,
    type_hint,
    type_label,
    values_hint,
)
from grader.wire.values import origin

RTOL: Final = 1e-4
ATOL: Final = 1e-5
"""Tolerances for float32: `torch.testing.assert_close`'s 1.3e-6 rejects right answers that round differently."""

Mistakes = Iterable[tuple[Any, Message]]
"""Wrong values that a known mistake gives, each with its hint."""


def assert_that(
    condition: bool,
    problem: Message | str,
    *,
    expected: Message | str | None = None,
    actual: Message | str | None = None,
    hint: Message | str | None = None,
) -> None:
    """Fails with `problem` unless `condition` holds: the assertion for what no other one fits.

    Args:
        condition: what must hold.
        problem: what is wrong where it does not; `tr(…)` makes it a text that can be translated.
        expected: what was asked; a string is shown as it is in every language.
        actual: what came instead. A hidden check shows it too: no values.
        hint: one likely cause and one next step.
    """
    if not condition:
        said = tr(problem) if isinstance(problem, str) else problem
        raise CheckFailure(said, expected=as_message(expected), actual=as_message(actual), hint=as_message(hint))


def assert_returns(
    value: Any,
    kind: type | tuple[type, ...],
    *,
    name: str | Message | None = None,
    hint: Message | None = None,
) -> None:
    """Fails unless `value` is of type `kind`; a bool is no int, a 0-d tensor no number, a `torch.Size` no tuple."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if any(is_kind(value, wanted) for wanted in kinds):
        return
    wanted_names = " / ".join(dict.fromkeys(kind_name(wanted) for wanted in kinds))
    raise CheckFailure(
        tr("{what} is of the wrong type.", what=naming(name)),
        expected=verbatim(wanted_names),
        actual=verbatim(type_label(value)),
        hint=hint or type_hint(value, kinds, name),
    )


def assert_python_number(
    value: Any,
    kind: type[int] | type[float],
    *,
    name: str | Message | None = None,
    hint: Message | None = None,
) -> None:
    """Fails unless `value` is a plain Python `int` (or `float`)."""
    assert_returns(value, kind, name=name, hint=hint)


def assert_length(value: Any, length: int, *, name: str | Message | None = None, hint: Message | None = None) -> None:
    """Fails unless `value` is a tuple or list of `length` items."""
    assert_returns(value, (tuple, list), name=name, hint=type_hint(value, (tuple, list), name) or hint)
    if len(value) != length:
        raise CheckFailure(
            tr("{what} has the wrong number of items.", what=naming(name)),
            expected=trn("{n} item", "{n} items", length),
            actual=trn("{n} item", "{n} items", len(value)),
            hint=hint,
        )


def assert_keys(
    value: Any, keys: Collection[str], *, name: str | Message | None = None, hint: Message | None = None
) -> None:
    """Fails unless `value` is a dict with exactly these keys."""
    assert_returns(value, dict, name=name, hint=type_hint(value, (dict,), name) or hint)
    missing = [key for key in keys if key not in value]
    extra = [str(key)[:40] for key in value if key not in keys]
    if missing or extra:
        raise CheckFailure(
            tr("{what} does not have the keys that were asked.", what=naming(name)),
            expected=verbatim(", ".join(keys)),
            actual=verbatim(", ".join([*(key for key in keys if key in value), *("…" for _ in extra)]) or "{}"),
            shown_actual=verbatim(", ".join(str(key)[:40] for key in value) or "{}"),
            hint=hint,
        )


def assert_shape(
    value: Any, shape: Sequence[int], *, name: str | Message | None = None, hint: Message | None = None
) -> None:
    """Fails unless `value` is a tensor (or NumPy array) of shape `shape`; the hint finds a transposed or kept axis."""
    if not isinstance(value, np.ndarray):
        assert_returns(value, torch.Tensor, name=name, hint=type_hint(value, (torch.Tensor,), name) or hint)
    actual, expected = tuple(value.shape), tuple(shape)
    if actual != expected:
        raise CheckFailure(
            tr("{what} has the wrong shape.", what=naming(name)),
            expected=verbatim(str(expected)),
            actual=verbatim(str(actual)),
            hint=hint or shape_hint(actual, expected),
        )


def assert_dtype(
    value: Any,
    dtype: torch.dtype | np.dtype[Any],
    *,
    name: str | Message | None = None,
    hint: Message | None = None,
) -> None:
    """Fails unless `value` is a tensor of that dtype (an array, for a NumPy dtype)."""
    assert_returns(value, torch.Tensor if isinstance(dtype, torch.dtype) else np.ndarray, name=name)
    if value.dtype != dtype:
        raise CheckFailure(
            tr("{what} has the wrong dtype.", what=naming(name)),
            expected=verbatim(str(dtype).removeprefix("torch.")),
            actual=verbatim(str(value.dtype).removeprefix("torch.")),
            hint=hint or dtype_hint(value.dtype, dtype),
        )


def assert_close(
    value: Any,
    expected: torch.Tensor | np.ndarray[Any, Any] | float,
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    name: str | Message | None = None,
    mistakes: Mistakes = (),
    hint: Message | None = None,
) -> None:
    """Fails unless `value` is a tensor of `expected`'s shape, with its values within the tolerances.

    Where `expected` is an array an array is asked, and where it is a number a number or a 0-d tensor will do. The
    dtype is left to `assert_dtype`: a right answer in float64 is right. A NaN equals a NaN.

    Args:
        value: what the student returned.
        expected: the right values.
        rtol: relative tolerance.
        atol: absolute tolerance.
        name: what the value is called, such as ``result["ramp"]``.
        mistakes: pairs of a wrong value and the hint to give to whoever returns it; looked at only where the value is
            wrong, so that a generator's work is only then done.
        hint: for any other wrong value; without it, the ways in which values commonly go wrong are tried.
    """
    if isinstance(expected, int | float):
        value = _number_as_tensor(value, name)
    else:
        assert_returns(value, np.ndarray if isinstance(expected, np.ndarray) else torch.Tensor, name=name)
    _assert_has_data(value, name)
    wanted = as_tensor(expected)
    mistakes = alternatives(mistakes)
    if is_match(value, wanted, rtol, atol):
        return
    for wrong, mistake in mistakes:
        if is_match(value, wrong, rtol, atol):
            raise CheckFailure(
                tr("{what} is wrong.", what=naming(name)),
                **(shapes_if_different(value, wanted) or first_differing(*as_comparable(value, wanted), rtol, atol)),
                hint=mistake,
            )
    assert_shape(value, wanted.shape, name=name, hint=hint)
    got, want = as_comparable(value, wanted)
    wrong_count = int((~is_close(got, want, rtol, atol)).sum())
    raise CheckFailure(
        tr("{what} has the right shape but wrong values.", what=naming(name)),
        actual=trn(
            "{wrong} of {total} value differs", "{wrong} of {total} values differ", want.numel(), wrong=wrong_count
        ),
        **first_differing(got, want, rtol, atol),
        hint=hint or values_hint(got, want, rtol, atol),
    )


def assert_equal(
    value: Any,
    expected: Any,
    *,
    name: str | Message | None = None,
    mistakes: Mistakes = (),
    hint: Message | None = None,
) -> None:
    """Fails unless `value` equals `expected` exactly: types, order and every item (for plain Python data).

    Args:
        value: what the student returned.
        expected: the right value. Of a tensor or an array, shape and values must be the same, without tolerance.
        name: what the value is called.
        mistakes: pairs of a wrong value and the hint to give to whoever returns it.
        hint: for any other wrong value.
    """
    for wrong, mistake in alternatives(mistakes):
        if is_equal(value, wrong) and not is_equal(value, expected):
            raise CheckFailure(
                tr("{what} is wrong.", what=naming(name)), **plain_difference(value, expected), hint=mistake
            )
    if isinstance(expected, torch.Tensor | np.ndarray):
        assert_close(value, expected, rtol=0, atol=0, name=name, hint=hint)
        return
    assert_returns(value, type(expected), name=name, hint=type_hint(value, (type(expected),), name) or hint)
    if not is_equal(value, expected):
        raise CheckFailure(tr("{what} is wrong.", what=naming(name)), **plain_difference(value, expected), hint=hint)


def assert_inputs_unchanged(student: Student, *, hint: Message | None = None) -> None:
    """Fails if the student's latest call changed one of its tensors or arrays, or its autograd state.

    That is: its values, shape or dtype, an in-place write that autograd counted, `requires_grad`, or a ``.grad``.
    """
    call = student.last_call
    for effect in call.effects if call else ():
        if effect.changed or effect.writes:
            raise CheckFailure(
                tr("Your function changed its input in place."),
                hint=hint
                or tr(
                    "Whoever calls your function still needs that tensor. Work on a copy (clone), or use an"
                    " operation that returns a new tensor."
                ),
            )
        if effect.requires_grad_changed:
            raise CheckFailure(
                tr("Your function switched requires_grad of its input."),
                hint=hint or tr("Work on a copy: x.detach().clone().requires_grad_() leaves x as it was."),
            )
        if effect.grad is not None:
            raise CheckFailure(
                tr("Your function left a gradient in the .grad of its input."),
                hint=hint or tr("torch.autograd.grad returns gradients without storing them in .grad."),
            )


def assert_random_state_unchanged(student: Student, *, hint: Message | None = None) -> None:
    """Fails if the latest call drew from, or seeded, a global random generator: torch's, NumPy's, Python's."""
    call = student.last_call
    if call and call.random_changed:
        raise CheckFailure(
            tr(
                "Your function changed the global random state ({which}).",
                which=", ".join(call.random_changed),
            ),
            hint=hint
            or tr(
                "Every other piece of code draws from that generator too. Make one of your own with"
                " torch.Generator() and pass it as generator=."
            ),
        )


def assert_shares_memory(
    value: Any,
    *,
    argument: int = 0,
    shares: bool = True,
    name: str | Message | None = None,
    hint: Message | None = None,
) -> None:
    """Fails unless `value` is a view of the call's tensor argument number `argument` (or, if not `shares`, a copy).

    Args:
        value: a tensor or array that the student's call returned, itself and nothing computed from it.
        argument: the position among the call's tensor and array arguments, from 0.
        shares: whether it should be a view.
        name: what the value is called.
        hint: one likely cause and one next step.
    """
    if not isinstance(value, np.ndarray):
        assert_returns(value, torch.Tensor, name=name)
    if (argument in origin(value).shares) == shares:
        return
    problem = (
        tr("{what} should share the memory of the input, and does not.", what=naming(name))
        if shares
        else tr("{what} shares the memory of the input, and should not.", what=naming(name))
    )
    memory = tr("the input's memory"), tr("memory of its own")
    expected, actual = memory if shares else memory[::-1]
    raise CheckFailure(problem, expected=expected, actual=actual, hint=hint)


def assert_raises(
    function: Callable[..., Any],
    *args: Any,
    raises: type[Exception],
    mentions: Sequence[str] = (),
    hint: Message | None = None,
    **kwargs: Any,
) -> None:
    """Fails unless the call raises `raises`, with every text of `mentions` in its message.

    Args:
        function: the student's, a `Remote`.
        args: for it.
        raises: a built-in class of exceptions; a subclass will do.
        mentions: texts that the message must hold, such as the wrong number.
        hint: where it raises another exception, says something else, or nothing is raised.
        kwargs: for it.

    Raises:
        StudentError: the function is still the stub.
    """
    wanted = raises.__name__
    try:
        returned = function(*args, **kwargs)
    except StudentError as error:
        if is_untouched_stub(error) and not issubclass(raises, NotImplementedError):
            raise
        if not isinstance(error, raises):
            said_by_assert = tr("An assert always raises AssertionError: write if …: raise {wanted}(…).", wanted=wanted)
            raise CheckFailure(
                tr("The call raised another exception than was asked."),
                expected=verbatim(wanted),
                actual=tr("{kind}: {message}", kind=error.type_name, message=error.message[:200]),
                hint=said_by_assert if isinstance(error, AssertionError) else hint,
            ) from error
        absent = [text for text in mentions if text not in error.message]
        if absent:
            raise CheckFailure(
                tr("The exception's message does not say what was asked."),
                expected=tr("{texts} in the message", texts=", ".join(absent)),
                actual=verbatim(error.message[:200]),
                hint=hint,
            ) from error
        return
    raise CheckFailure(
        tr("The call should have raised {wanted}, and returned instead.", wanted=wanted),
        expected=verbatim(wanted),
        actual=verbatim(type_label(returned)),
        shown_actual=plain(returned),
        hint=hint,
    )


def _number_as_tensor(value: Any, name: str | Message | None) -> Any:
    """A number as a tensor of float64, which holds no whole number beyond 1e308; a tensor or array as it is."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return value
    assert_returns(value, (float, int), name=name)
    with suppress(OverflowError):
        return torch.tensor(float(value), dtype=torch.float64)
    return torch.tensor(float("inf") if value > 0 else float("-inf"), dtype=torch.float64)


def _assert_has_data(value: Any, name: str | Message | None) -> None:
    if not origin(value).has_data:
        raise CheckFailure(tr("{what} is a tensor without values: it lies on the device meta.", what=naming(name)))
