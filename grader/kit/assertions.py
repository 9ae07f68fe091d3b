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

from grader.kit.failures import CheckFailure, StudentError, is_untouched_stub
from grader.kit.messages import Message, tr, trn, verbatim
from grader.kit.student import Remote, Student
from grader.wire.values import origin

RTOL: Final = 1e-4
ATOL: Final = 1e-5
"""Tolerances for float32: `torch.testing.assert_close`'s 1.3e-6 rejects right answers that round differently."""

Mistakes = Iterable[tuple[Any, Message]]
"""Wrong values that a known mistake gives, each with its hint."""


def assert_that(
    condition: bool,
    problem: Message,
    *,
    expected: Message | str | None = None,
    actual: Message | str | None = None,
    hint: Message | None = None,
) -> None:
    """Fails with `problem` unless `condition` holds: the assertion for what no other one fits."""
    if not condition:
        raise CheckFailure(problem, expected=_message(expected), actual=_message(actual), hint=hint)


def assert_returns(
    value: Any,
    kind: type | tuple[type, ...],
    *,
    name: str | Message | None = None,
    hint: Message | None = None,
) -> None:
    """Fails unless `value` is of type `kind`; a bool is no int, a 0-d tensor no number, a `torch.Size` no tuple."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if any(_is_kind(value, wanted) for wanted in kinds):
        return
    wanted_names = " / ".join(dict.fromkeys(_kind_name(wanted) for wanted in kinds))
    raise CheckFailure(
        tr("{what} is of the wrong type.", what=_what(name)),
        expected=verbatim(wanted_names),
        actual=verbatim(type_label(value)),
        hint=hint or _type_hint(value, kinds),
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
    assert_returns(value, (tuple, list), name=name, hint=_type_hint(value, (tuple, list)) or hint)
    if len(value) != length:
        raise CheckFailure(
            tr("{what} has the wrong number of items.", what=_what(name)),
            expected=trn("{n} item", "{n} items", length),
            actual=trn("{n} item", "{n} items", len(value)),
            hint=hint,
        )


def assert_keys(
    value: Any, keys: Collection[str], *, name: str | Message | None = None, hint: Message | None = None
) -> None:
    """Fails unless `value` is a dict with exactly these keys."""
    assert_returns(value, dict, name=name, hint=_type_hint(value, (dict,)) or hint)
    missing = [key for key in keys if key not in value]
    extra = [str(key)[:40] for key in value if key not in keys]
    if missing or extra:
        raise CheckFailure(
            tr("{what} does not have the keys that were asked.", what=_what(name)),
            expected=verbatim(", ".join(keys)),
            actual=verbatim(", ".join([*(key for key in keys if key in value), *("…" for _ in extra)]) or "{}"),
            shown_actual=verbatim(", ".join(str(key)[:40] for key in value) or "{}"),
            hint=hint,
        )


def assert_shape(
    value: Any, shape: Sequence[int], *, name: str | Message | None = None, hint: Message | None = None
) -> None:
    """Fails unless `value` is a tensor (or NumPy array) of shape `shape`."""
    if not isinstance(value, np.ndarray):
        assert_returns(value, torch.Tensor, name=name, hint=_type_hint(value, (torch.Tensor,)) or hint)
    actual, expected = tuple(value.shape), tuple(shape)
    if actual != expected:
        raise CheckFailure(
            tr("{what} has the wrong shape.", what=_what(name)),
            expected=verbatim(str(expected)),
            actual=verbatim(str(actual)),
            hint=hint or _shape_hint(actual, expected),
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
            tr("{what} has the wrong dtype.", what=_what(name)),
            expected=verbatim(str(dtype).removeprefix("torch.")),
            actual=verbatim(str(value.dtype).removeprefix("torch.")),
            hint=hint or _dtype_hint(value.dtype, dtype),
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
    wanted = _as_tensor(expected)
    if _matches(value, wanted, rtol, atol):
        return
    for wrong, mistake in mistakes:
        if _matches(value, wrong, rtol, atol):
            raise CheckFailure(
                tr("{what} is wrong.", what=_what(name)),
                **(_shapes_if_different(value, wanted) or _differing(*_comparable(value, wanted), rtol, atol)),
                hint=mistake,
            )
    assert_shape(value, wanted.shape, name=name, hint=hint)
    got, want = _comparable(value, wanted)
    wrong_count = int((~_close(got, want, rtol, atol)).sum())
    raise CheckFailure(
        tr("{what} has the right shape but wrong values.", what=_what(name)),
        actual=trn(
            "{wrong} of {total} value differs", "{wrong} of {total} values differ", want.numel(), wrong=wrong_count
        ),
        **_differing(got, want, rtol, atol),
        hint=hint or _values_hint(got, want, rtol, atol),
    )


def assert_equal(
    value: Any,
    expected: Any,
    *,
    name: str | Message | None = None,
    mistakes: Mistakes = (),
    hint: Message | None = None,
) -> None:
    """Fails unless `value` equals `expected` exactly: types, order and every item (for plain Python data)."""
    for wrong, mistake in mistakes:
        if _equal(value, wrong) and not _equal(value, expected):
            raise CheckFailure(tr("{what} is wrong.", what=_what(name)), **_plain(value, expected), hint=mistake)
    if isinstance(expected, torch.Tensor | np.ndarray):
        assert_close(value, expected, rtol=0, atol=0, name=name, hint=hint)
        return
    assert_returns(value, type(expected), name=name, hint=_type_hint(value, (type(expected),)) or hint)
    if not _equal(value, expected):
        raise CheckFailure(tr("{what} is wrong.", what=_what(name)), **_plain(value, expected), hint=hint)


def assert_inputs_unchanged(student: Student, *, hint: Message | None = None) -> None:
    """Fails if the student's latest call changed one of its tensors or arrays, or its autograd state."""
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
    """Fails if the student's latest call drew from, or seeded, a global random generator."""
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
    """Fails unless `value` is a view of the call's tensor argument number `argument` (or, if not `shares`, a copy)."""
    if not isinstance(value, np.ndarray):
        assert_returns(value, torch.Tensor, name=name)
    if (argument in origin(value).shares) == shares:
        return
    problem = (
        tr("{what} should share the memory of the input, and does not.", what=_what(name))
        if shares
        else tr("{what} shares the memory of the input, and should not.", what=_what(name))
    )
    raise CheckFailure(problem, hint=hint)


def assert_raises(
    function: Callable[..., Any],
    *args: Any,
    raises: type[Exception],
    mentions: Sequence[str] = (),
    hint: Message | None = None,
    **kwargs: Any,
) -> None:
    """Fails unless the call raises `raises`, with every text of `mentions` in its message."""
    wanted = raises.__name__
    try:
        function(*args, **kwargs)
    except StudentError as error:
        if not isinstance(error, raises):
            if is_untouched_stub(error):
                raise
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
    raise CheckFailure(tr("The call should have raised {wanted}, and returned instead.", wanted=wanted), hint=hint)


# ---------------------------------------------------------------------------------------------- wording


def type_label(value: Any) -> str:
    """What to call the type of a value that a student returned."""
    if isinstance(value, Remote):
        return value.type_name.removeprefix("builtins.").removeprefix("__main__.") or "object"
    if isinstance(value, torch.Tensor):
        return f"Tensor {str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"ndarray {value.dtype}{list(value.shape)}"
    if isinstance(value, np.generic):
        return f"numpy.{value.dtype}"
    if isinstance(value, torch.Size):
        return "torch.Size"
    return type(value).__name__ if value is not None else "None"


def _what(name: str | Message | None) -> Message:
    if isinstance(name, Message):
        return name
    return tr("The result") if name is None else verbatim(f"`{name}`")


def _message(text: Message | str | None) -> Message | None:
    return verbatim(text) if isinstance(text, str) else text


def _is_kind(value: Any, wanted: type) -> bool:
    if wanted in (int, float, bool, str, tuple, list, dict, set):
        return type(value) is wanted
    return isinstance(value, wanted)


def _kind_name(kind: type) -> str:
    if issubclass(kind, torch.Tensor):
        return "Tensor"
    return "ndarray" if issubclass(kind, np.ndarray) else kind.__name__


def _type_hint(value: Any, kinds: tuple[type, ...]) -> Message | None:
    if value is None:
        return tr("A function without return gives None: is the return line missing, or inside an if?")
    if isinstance(value, torch.Tensor) and value.ndim == 0 and {int, float, bool} & set(kinds):
        return tr("It is a tensor with one value; .item() turns it into a Python number.")
    if isinstance(value, np.generic):
        return tr("It is a NumPy number; int(…) or float(…) turns it into a Python number.")
    if isinstance(value, torch.device | torch.dtype) and str in kinds:
        return tr("It is an object that prints like text: str(…) turns it into text.")
    if isinstance(value, torch.Size) and tuple in kinds:
        return tr("A torch.Size is a special tuple: tuple(x.shape) makes a plain one.")
    if isinstance(value, list | tuple | int | float) and torch.Tensor in kinds:
        return tr("A tensor was asked, and this is a plain Python value.")
    if isinstance(value, np.ndarray) and torch.Tensor in kinds:
        return tr("It is a NumPy array: torch.from_numpy turns it into a tensor.")
    if isinstance(value, torch.Tensor) and np.ndarray in kinds:
        return tr("It is still a tensor: .numpy() turns it into an array.")
    return None


def _shape_hint(actual: tuple[int, ...], expected: tuple[int, ...]) -> Message | None:
    if actual != expected and actual == expected[::-1]:
        return tr("The dimensions are in the opposite order: is a transpose missing, or one too many?")
    if len(actual) == 2 and len(expected) == 1 and actual[0] == actual[1] == expected[0] != 1:
        return tr(
            "A vector became a square: (n, 1) and (n,) broadcast to (n, n) by accident. Give both the same shape."
        )
    if tuple(size for size in actual if size != 1) == tuple(size for size in expected if size != 1):
        if len(actual) > len(expected):
            return tr("There is a dimension of size 1 too many: squeeze it, or index without keeping it.")
        if len(actual) < len(expected):
            return tr("A dimension of size 1 is missing: unsqueeze it, or keep it with keepdim=True or a slice.")
        return tr("The dimension of size 1 is in the wrong place.")
    if len(actual) != len(expected):
        return tr(
            "The number of dimensions differs: {actual} in place of {expected}.",
            actual=len(actual),
            expected=len(expected),
        )
    return None


def _dtype_hint(actual: Any, expected: Any) -> Message | None:
    if actual == torch.float32 and expected == torch.float64:
        return tr("float32 keeps 7 digits and float64 keeps 16: the conversion loses the rest.")
    if actual == torch.int64 and isinstance(expected, torch.dtype) and expected.is_floating_point:
        return tr("Whole numbers came out. Write 2.0 rather than 2, or give dtype=.")
    if expected == torch.int64 and isinstance(actual, torch.dtype) and actual.is_floating_point:
        return tr("Decimal numbers came out where whole numbers were asked.")
    return None


def _values_hint(got: torch.Tensor, want: torch.Tensor, rtol: float, atol: float) -> Message | None:
    """Tries the ways in which values commonly go wrong."""
    if torch.isnan(got).any() and not torch.isnan(want).any():
        return tr("There are NaN values: look for 0/0, log of a negative number, or infinity minus infinity.")
    if got.is_complex() or want.numel() == 0:
        return None
    if _close(-got, want, rtol, atol).all():
        return tr("The values are right but for the sign.")
    if want.ndim == 2 and want.shape[0] == want.shape[1] and _close(got.T, want, rtol, atol).all():
        return tr("The values are those of the transpose.")
    if got.numel() > 1 and _close(got.flatten().flip(0), want.flatten(), rtol, atol).all():
        return tr("The values are right but in the opposite order.")
    usable = (want.abs() > 1e-6) & torch.isfinite(want) & torch.isfinite(got)
    if usable.sum() > 1:
        factors = got[usable] / want[usable]
        factor = float(factors.median())
        if factor != 0 and _close(got, want * factor, rtol, atol).all():
            return tr("Every value is {factor} times what it should be.", factor=f"{factor:.4g}")
    if got.numel() > 1 and _close(got.flatten().sort().values, want.flatten().sort().values, rtol, atol).all():
        return tr("The values are all there but in another order.")
    return None


# ------------------------------------------------------------------------------------------- comparison


def _as_tensor(value: Any) -> torch.Tensor:
    if isinstance(value, np.ndarray):
        wide = {"f": np.float64, "c": np.complex128}.get(value.dtype.kind)  # torch has no longdouble
        return torch.from_numpy(np.array(value, dtype=wide if value.dtype.itemsize > 8 else None))
    return value if isinstance(value, torch.Tensor) else torch.as_tensor(value)


def _comparable(value: Any, wanted: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Both in one dtype that holds either's values."""
    left, right = _as_tensor(value).detach(), _as_tensor(wanted).detach()
    dtype = torch.complex128 if left.is_complex() or right.is_complex() else torch.float64
    return left.to(dtype), right.to(dtype)


def _close(left: torch.Tensor, right: torch.Tensor, rtol: float, atol: float) -> torch.Tensor:
    return torch.isclose(left, right, rtol=rtol, atol=atol, equal_nan=True)


def _matches(value: Any, wanted: Any, rtol: float, atol: float) -> bool:
    if not isinstance(value, torch.Tensor | np.ndarray):
        return False
    with suppress(TypeError, ValueError, RuntimeError):
        wanted = _as_tensor(wanted)
        if tuple(value.shape) != tuple(wanted.shape) or not origin(value).has_data:
            return False
        if _as_tensor(value).is_complex() != wanted.is_complex():
            return False
        if value.dtype == wanted.dtype and not wanted.dtype.is_floating_point and not wanted.dtype.is_complex:
            return torch.equal(_as_tensor(value), wanted)
        return bool(_close(*_comparable(value, wanted), rtol, atol).all())
    return False


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
        raise CheckFailure(tr("{what} is a tensor without values: it lies on the device meta.", what=_what(name)))


def _shapes_if_different(value: Any, wanted: torch.Tensor) -> dict[str, Message]:
    if tuple(value.shape) == tuple(wanted.shape):
        return {}
    return {"expected": verbatim(str(tuple(wanted.shape))), "actual": verbatim(str(tuple(value.shape)))}


MAX_SHOWN: Final = 3
"""Differing values that a visible check shows."""


def _differing(got: torch.Tensor, want: torch.Tensor, rtol: float, atol: float) -> dict[str, Message]:
    """The first values that differ, each with its index, for visible checks."""
    wrong = (~_close(got, want, rtol, atol)).nonzero().tolist()
    if not wrong:
        return {}

    def shown(values: torch.Tensor) -> Message:
        parts = [_entry(index, values[tuple(index)].item()) for index in wrong[:MAX_SHOWN]]
        return verbatim(", ".join([*parts, "…"] if len(wrong) > MAX_SHOWN else parts))

    return {"shown_expected": shown(want), "shown_actual": _also(wrong, want.numel(), shown(got))}


def _also(wrong: list[Any], total: int, shown: Message) -> Message:
    if total == 1:
        return shown
    return trn(
        "{shown} ({wrong} of {total} value differs)",
        "{shown} ({wrong} of {total} values differ)",
        total,
        shown=shown,
        wrong=len(wrong),
    )


def _entry(index: list[int], number: complex) -> str:
    text = f"{number:.6g}"
    return f"[{', '.join(map(str, index))}] = {text}" if index else text


def _plain(value: Any, expected: Any) -> dict[str, Message]:
    """Plain Python data as it is, for visible checks; nothing where it is too long to help."""
    if not (_is_plain(value) and _is_plain(expected)):
        return {}
    return {"shown_expected": verbatim(_short(expected)), "shown_actual": verbatim(_short(value))}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple | set):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, (*value.keys(), *value.values())))
    return value is None or isinstance(value, bool | int | float | str | torch.dtype)


def _short(value: Any) -> str:
    with suppress(ValueError):  # a whole number of over 4,300 digits has no text
        text = repr(value)
        return text if len(text) <= 120 else f"{text[:117]}…"
    return "…"


def _equal(value: Any, expected: Any) -> bool:
    if isinstance(expected, torch.Tensor | np.ndarray):
        return isinstance(value, torch.Tensor | np.ndarray) and _matches(value, expected, 0, 0)
    if type(value) is not type(expected):
        return False
    if isinstance(expected, list | tuple):
        return len(value) == len(expected) and all(map(_equal, value, expected))
    if isinstance(expected, dict):
        return value.keys() == expected.keys() and all(_equal(value[key], expected[key]) for key in expected)
    return bool(value == expected)
