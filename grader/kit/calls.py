"""What came of a call of the student's code, and how a diagnosis writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch


class Labelled:
    """What a diagnosis calls by a name of its own, whatever it holds.

    Attributes:
        label: that name.
    """

    label: str


_CHOICES: Final = 10
"""Whole numbers smaller than this are shown in hidden checks too: cases often differ only in an axis."""


@dataclass(frozen=True)
class Effect:
    """What a call did to one of its tensor or array arguments.

    Attributes:
        changed: whether any value, the shape or the dtype differs after the call.
        value: the argument after the call, where it changed.
        writes: how often autograd counted an in-place change (its version counter).
        requires_grad_changed: whether the flag was switched.
        grad: the argument's `.grad` after the call.
    """

    changed: bool
    value: Any = None
    writes: int = 0
    requires_grad_changed: bool = False
    grad: torch.Tensor | None = None


@dataclass(frozen=True)
class Call:
    """One call of a student's function and what came of it.

    Attributes:
        name: what was called, as the notebook has it.
        args: what it was given, as the check has it: it is not changed by the call.
        kwargs: the same, by name.
        value: what came back, tensors detached and on the CPU; None where the call raised.
        effects: what happened to each tensor or array among the arguments, in their order.
        gradients: of the arguments that require them, where ``_cotangents`` asked for them; None where none arrived.
        random_changed: the global random generators that moved: ``torch``, ``numpy``, ``random``.
        defaults_changed: what the call left changed of PyTorch's defaults, ``dtype`` or ``device``; it is put back.
        seconds: of processor time that the student's process took.
        operations: how often each operation of PyTorch ran, where ``_operations`` asked for it.
    """

    name: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    value: Any = None
    effects: tuple[Effect, ...] = ()
    gradients: tuple[torch.Tensor | None, ...] = ()
    random_changed: tuple[str, ...] = ()
    defaults_changed: tuple[str, ...] = ()
    seconds: float = 0.0
    operations: Mapping[str, int] = field(default_factory=dict)

    def describe(self, *, reveal: bool) -> str:
        """The call as code, such as ``outer(float32[3], float32[4])``.

        Args:
            reveal: whether the values of the arguments may be shown.
        """
        parts = [describe(value, reveal=reveal) for value in self.args]
        parts += [f"{name}={describe(value, reveal=reveal)}" for name, value in self.kwargs.items()]
        return f"{self.name}({', '.join(parts)})"


def describe(value: Any, *, reveal: bool) -> str:
    """A value as a student may see it: small values as they are, tensors as ``float32[3, 4]``."""
    if isinstance(value, torch.Tensor):
        if reveal and value.numel() <= 12 and value.ndim <= 2 and value.device.type != "meta":
            return " ".join(str(value.detach()).split())
        return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
    if isinstance(value, np.ndarray):
        if reveal and value.size <= 12 and value.ndim <= 2:
            return " ".join(repr(np.asarray(value)).split())
        return f"ndarray {value.dtype}{list(value.shape)}"
    if isinstance(value, Labelled):
        return value.label
    if isinstance(value, list | tuple) and not isinstance(value, torch.Size) and len(value) <= 8:
        inner = ", ".join(describe(item, reveal=reveal) for item in value)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner}{',' if len(value) == 1 else ''})"
    if isinstance(value, list | tuple | dict | set):
        return f"{type(value).__name__}({len(value)})"
    if reveal or value is None or isinstance(value, bool | torch.dtype | torch.device) or _is_choice(value):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:57]}…"
    return type(value).__name__


def _is_choice(value: object) -> bool:
    """Whether a number says which way, such as an axis, rather than how much."""
    return type(value) is int and abs(value) < _CHOICES
