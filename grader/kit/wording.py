"""What assertions call a value, and the hints that follow from how it differs from the expected one."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from grader.kit.comparison import is_close
from grader.kit.messages import Message, tr, verbatim
from grader.kit.student import Remote


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


def naming(name: str | Message | None) -> Message:
    if isinstance(name, Message):
        return name
    return tr("The result") if name is None else verbatim(f"`{name}`")


def as_message(text: Message | str | None) -> Message | None:
    return verbatim(text) if isinstance(text, str) else text


def is_kind(value: Any, wanted: type) -> bool:
    if wanted in (int, float, bool, str, tuple, list, dict, set):
        return type(value) is wanted
    return isinstance(value, wanted)


def kind_name(kind: type) -> str:
    if issubclass(kind, torch.Tensor):
        return "Tensor"
    return "ndarray" if issubclass(kind, np.ndarray) else kind.__name__


def type_hint(value: Any, kinds: tuple[type, ...], name: str | Message | None) -> Message | None:
    if value is None:
        if name is not None:  # a part of the result, or something else than one
            return None
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


def shape_hint(actual: tuple[int, ...], expected: tuple[int, ...]) -> Message | None:
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


def dtype_hint(actual: Any, expected: Any) -> Message | None:
    if actual == torch.float32 and expected == torch.float64:
        return tr("float32 keeps 7 digits and float64 keeps 16: the conversion loses the rest.")
    if actual == torch.int64 and isinstance(expected, torch.dtype) and expected.is_floating_point:
        return tr("Whole numbers came out. Write 2.0 rather than 2, or give dtype=.")
    if expected == torch.int64 and isinstance(actual, torch.dtype) and actual.is_floating_point:
        return tr("Decimal numbers came out where whole numbers were asked.")
    return None


def values_hint(got: torch.Tensor, want: torch.Tensor, rtol: float, atol: float) -> Message | None:
    """Tries the ways in which values commonly go wrong."""
    if torch.isnan(got).any() and not torch.isnan(want).any():
        return tr("There are NaN values, and none are expected.")
    if got.is_complex() or want.numel() == 0:
        return None
    if is_close(-got, want, rtol, atol).all():
        return tr("The values are right but for the sign.")
    if want.ndim == 2 and want.shape[0] == want.shape[1] and is_close(got.T, want, rtol, atol).all():
        return tr("The values are those of the transpose.")
    if got.numel() > 1 and is_close(got.flatten().flip(0), want.flatten(), rtol, atol).all():
        return tr("The values are right but in the opposite order.")
    usable = (want.abs() > 1e-6) & torch.isfinite(want) & torch.isfinite(got)
    if usable.sum() > 1:
        factor = float((got[usable].double() / want[usable].double()).median())
        shown = f"{factor:.4g}"
        if shown not in ("0", "1") and is_close(got.double(), want.double() * factor, rtol, atol).all():
            return tr("Every value is {factor} times what it should be.", factor=shown)
    if got.numel() > 1 and is_close(got.flatten().sort().values, want.flatten().sort().values, rtol, atol).all():
        return tr("The values are all there but in another order.")
    return None
