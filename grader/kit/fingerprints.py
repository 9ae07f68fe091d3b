"""Values as fingerprints: small, comparable within tolerances, and made anywhere with the same outcome.

A fingerprint has an exact part (types, shapes, whole numbers, texts) and sums over the decimal numbers, each with the
sum of their sizes: random numbers and rounding differ in their last digits from one processor to another.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Final

import numpy as np
import torch

from grader.wire.values import Json

Sums = list[tuple[float, float, bool]]
"""Sums over decimal numbers, the sum of their sizes, and whether they are of double precision."""

_DIGITS: Final = 12
"""Of those sums that are written down."""


def described(value: object, sums: Sums, other: Callable[[object], Json] | None = None) -> Json:
    """What must be equal in a value, as JSON; sums over its decimal numbers are added to `sums`.

    Args:
        value: data: numbers, texts, tensors, arrays, dtypes, and lists, tuples, sets and dicts of such.
        sums: is added to.
        other: what describes anything else.

    Raises:
        TypeError: something in it is no data, and there is no `other`.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float | complex):
        return ["number", type(value).__name__, _tensor(torch.tensor([value], dtype=torch.complex128), sums, False)]
    if isinstance(value, torch.Tensor):
        kind = [str(value.dtype), list(value.shape)]
        is_double = value.dtype in (torch.float64, torch.complex128)
        return ["tensor", *kind, None if value.device.type == "meta" else _tensor(value.detach(), sums, is_double)]
    if isinstance(value, np.ndarray):
        tensor = torch.from_numpy(np.array(value))
        return ["array", str(value.dtype), list(value.shape), _tensor(tensor, sums, value.dtype.itemsize >= 8)]
    if isinstance(value, list | tuple):
        return [type(value).__name__, *(described(item, sums, other) for item in value)]
    if isinstance(value, set | frozenset):
        return [type(value).__name__, *sorted(map(repr, value))]
    if isinstance(value, dict):
        pairs = value.items()
        return ["dict", *([described(key, sums, other), described(item, sums, other)] for key, item in pairs)]
    if isinstance(value, torch.dtype | torch.device):
        return [str(value)]
    if other is not None:
        return other(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__qualname__, *(described(getattr(value, item.name), sums) for item in fields(value))]
    name = getattr(value, "__qualname__", "<")
    if callable(value) and "<" not in name:  # a lambda, and what a function defines, have no name of their own
        return ["function", name]
    raise TypeError(f"data is asked, and no {type(value).__qualname__}")


def _tensor(value: torch.Tensor, sums: Sums, is_double: bool) -> str:
    """A digest of what must be equal: all of whole numbers, of others which are infinite or NaN."""
    if not (value.is_floating_point() or value.is_complex()):
        return digest(value.contiguous().numpy().tobytes())
    flat = torch.view_as_real(value.to(torch.complex128).resolve_conj()).reshape(-1)
    is_finite = flat.isfinite()
    finite = torch.where(is_finite, flat, torch.zeros_like(flat))
    places = torch.arange(1, len(flat) + 1, dtype=torch.float64)
    size = float(finite.abs().sum())
    for weights in (torch.ones_like(places), torch.cos(places), torch.sin(1.7 * places)):
        sums.append((_rounded(float(finite @ weights)), _rounded(size), is_double))
    return "" if bool(is_finite.all()) else digest((flat.sign().nan_to_num(2) * ~is_finite).numpy().tobytes())


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}") if math.isfinite(number) else 0.0


def digest(data: bytes) -> str:
    """Sixteen hexadecimal digits of SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]
