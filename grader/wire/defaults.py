"""PyTorch's defaults, which hold for all of the process: what a call changes of them is put back after it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def defaults_kept() -> Iterator[list[str]]:
    """Puts PyTorch's default dtype and device back to what they were before the ``with`` block.

    Yields:
        A list that holds afterwards which of the two, ``dtype`` and ``device``, the block had left changed.
    """
    changed: list[str] = []
    dtype, device = torch.get_default_dtype(), default_device()
    try:
        yield changed
    finally:
        if torch.get_default_dtype() != dtype:
            torch.set_default_dtype(dtype)
            changed.append("dtype")
        if default_device() != device:
            torch.set_default_device(device)
            changed.append("device")


def default_device() -> torch.device | None:
    """What `torch.set_default_device` was told last; None where nobody called it.

    `torch.get_default_device` makes a tensor to find it out, and in older versions fails after a None.
    """
    context = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
    return None if context is None else context.device
