"""Whether a value is the expected one, and what of it to show where it is not."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import numpy as np
import torch

from grader.kit.messages import Message, trn, verbatim
from grader.wire.values import origin


def as_tensor(value: Any) -> torch.Tensor:
    if isinstance(value, np.ndarray):
        wide = {"f": np.float64, "c": np.complex128}.get(value.dtype.kind)  # torch has no longdouble
        return torch.from_numpy(np.array(value, dtype=wide if value.dtype.itemsize > 8 else None))
    return value if isinstance(value, torch.Tensor) else torch.as_tensor(value)


def as_comparable(value: Any, wanted: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Both in one dtype that holds either's values."""
    left, right = as_tensor(value).detach(), as_tensor(wanted).detach()
    dtype = torch.complex128 if left.is_complex() or right.is_complex() else torch.float64
    return left.to(dtype), right.to(dtype)


def is_close(left: torch.Tensor, right: torch.Tensor, rtol: float, atol: float) -> torch.Tensor:
    return torch.isclose(left, right, rtol=rtol, atol=atol, equal_nan=True)


def is_match(value: Any, wanted: Any, rtol: float, atol: float) -> bool:
    if not isinstance(value, torch.Tensor | np.ndarray):
        return False
    with suppress(TypeError, ValueError, RuntimeError):
        wanted = as_tensor(wanted)
        if tuple(value.shape) != tuple(wanted.shape) or not origin(value).has_data:
            return False
        if as_tensor(value).is_complex() != wanted.is_complex():
            return False
        if value.dtype == wanted.dtype and not wanted.dtype.is_floating_point and not wanted.dtype.is_complex:
            return torch.equal(as_tensor(value), wanted)
        return bool(is_close(*as_comparable(value, wanted), rtol, atol).all())
    return False


def shapes_if_different(value: Any, wanted: torch.Tensor) -> dict[str, Message]:
    if tuple(value.shape) == tuple(wanted.shape):
        return {}
    return {"expected": verbatim(str(tuple(wanted.shape))), "actual": verbatim(str(tuple(value.shape)))}


MAX_SHOWN: Final = 3
"""Differing values that a visible check shows."""


def first_differing(got: torch.Tensor, want: torch.Tensor, rtol: float, atol: float) -> dict[str, Message]:
    """The first values that differ, each with its index, for visible checks."""
    wrong = (~is_close(got, want, rtol, atol)).nonzero().tolist()
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


def plain_difference(value: Any, expected: Any) -> dict[str, Message]:
    """Plain Python data as it is, for visible checks; nothing where it is too long to help."""
    if not (_is_plain(value) and _is_plain(expected)):
        return {}
    return {"shown_expected": verbatim(_short(expected)), "shown_actual": verbatim(_short(value))}


def plain(value: Any) -> Message | None:
    """One value of plain Python data, for visible checks; None for any other one."""
    return verbatim(_short(value)) if _is_plain(value) else None


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


def is_equal(value: Any, expected: Any) -> bool:
    if isinstance(expected, torch.Tensor | np.ndarray):
        return isinstance(value, torch.Tensor | np.ndarray) and is_match(value, expected, 0, 0)
    if type(value) is not type(expected):
        return False
    if isinstance(expected, list | tuple):
        return len(value) == len(expected) and all(map(is_equal, value, expected))
    if isinstance(expected, dict):
        return value.keys() == expected.keys() and all(is_equal(value[key], expected[key]) for key in expected)
    return bool(value == expected)
