"""Would it work on a GPU? Asked without one, on PyTorch's fake tensors."""

from __future__ import annotations

import re
from typing import Any, Final

import torch

from grader.kit.assertions import assert_returns
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.messages import Message, tr, verbatim
from grader.kit.student import Remote, Student
from grader.wire.values import origin

_MIXED: Final = re.compile(r"same device|two different devices|Mismatching \S+ device|wrapped to wrong device")
"""What PyTorch says where an operation is given tensors on two devices; the words depend on operation and version."""

_TO_NUMPY: Final = re.compile(r"can't convert \S+ device type tensor to numpy")


def assert_device_agnostic(
    student: Student, function: Remote, *args: Any, hint: Message | None = None, **kwargs: Any
) -> None:
    """Fails if `function` mixes devices, or returns to the CPU, when its tensors lie on a ``cuda`` device.

    The call runs under `torch._subclasses.FakeTensorMode`: tensors have a shape, a dtype and a device but no
    data, so no GPU is needed. Where the function looks at data (``.item()``, a boolean mask), nothing can be
    decided and the assertion passes.

    Args:
        student: the notebook.
        function: the student's function.
        args: for it; tensors among them are its inputs on the GPU.
        hint: in place of the usual one.
        kwargs: for it.

    Raises:
        StudentError: the call fails on the CPU already.
    """
    hint = hint or tr(
        "A tensor that your function makes lies on the CPU while the input lies on the GPU. Give new tensors"
        " device=x.device, or make them from x (torch.zeros_like, x.new_zeros)."
    )
    student.call(function, *args, **kwargs)  # an answer that fails on the CPU is not device-agnostic either
    try:
        call = student.call(function, *args, _fake_device="cuda", **kwargs)
    except StudentError as error:
        if _MIXED.search(error.message):
            raise CheckFailure(
                tr("On a GPU your function would fail: it mixes tensors on two devices."), hint=hint
            ) from error
        if _TO_NUMPY.search(error.message):
            raise CheckFailure(
                tr("On a GPU your function would fail: NumPy reads the CPU's memory alone."),
                hint=tr("Compute with PyTorch's own operations, which work wherever the tensors lie."),
            ) from error
        return
    tensors = _tensors(call.value)
    if not tensors:
        assert_returns(call.value, torch.Tensor)
    for tensor in tensors:
        if origin(tensor).device == "cpu":
            raise CheckFailure(
                tr("On a GPU your function would return a tensor on another device than its input."),
                expected=verbatim("cuda"),
                actual=verbatim("cpu"),
                hint=hint,
            )


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in _tensors(item)]
    if isinstance(value, dict):
        return [tensor for item in value.values() for tensor in _tensors(item)]
    return []
