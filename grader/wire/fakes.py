"""Tensors without data: PyTorch's fake ones, kept from what would end the process."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any, Final

import torch
import torch.utils.dlpack
from torch.overrides import TorchFunctionMode

from grader.wire.values import is_fake

_MANY: Final = 100
"""Operations in one call, after which it probably repeats itself."""


class _WithoutData(TorchFunctionMode):
    """Keeps fake tensors from the few functions that read a tensor's memory without asking whether it has any.

    On a tensor without data they end the process. NumPy, which reads the CPU's memory alone, gets the answer of a real
    GPU. And where an older PyTorch wants a GPU to index a tensor that pretends to be on one, the indexing is done
    without.

    Args:
        mode: what the tensors are fake by. It keeps what an operation makes of such arguments for the next time, which
            takes as long again as finding it out. So it begins that only in a call that does much.
    """

    _IN_PLACE: Final = {torch.Tensor.apply_, torch.Tensor.map_, torch.Tensor.map2_}
    _EXPORTED: Final = {torch.Tensor.__dlpack__}
    _ARRAYS: Final[set[Callable[..., Any]]] = {torch.Tensor.numpy, torch.Tensor.__array__}
    _INDEXING: Final = {torch.Tensor.__getitem__, torch.Tensor.__setitem__}
    _INDEXES: Final = hasattr(torch._C, "_ensureCUDADeviceGuardSet")

    def __init__(self, mode: Any) -> None:
        super().__init__()
        self._mode, self._calls = mode, 0
        mode.cache_enabled = False

    def __torch_function__(
        self, function: Callable[..., Any], _types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Calls `function`, or does of it what can be done without data."""
        self._calls += 1
        if self._calls == _MANY:
            self._mode.cache_enabled = True
        if function in self._IN_PLACE and is_fake(args[0]):
            if args[0].device.type != "cpu":
                raise TypeError(f"{function.__name__} is only implemented on CPU tensors")
            return args[0]
        if function in self._ARRAYS and _pretends(args[0]) and not (kwargs or {}).get("force"):
            raise TypeError(
                f"can't convert {args[0].device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to"
                " host memory first."
            )
        if function in self._EXPORTED:
            raise RuntimeError(f"{function.__name__} is not supported for tensor subclasses.")
        if function in self._INDEXING and not self._INDEXES and _pretends(args[0]):
            return _indexed(function, *args)
        return function(*args, **(kwargs or {}))


def _pretends(tensor: torch.Tensor) -> bool:
    return is_fake(tensor) and tensor.device.type not in ("cpu", "meta")


def _indexed(function: Callable[..., Any], tensor: torch.Tensor, index: Any, *value: Any) -> Any:
    """``tensor[index]`` or ``tensor[index] = value`` of a fake tensor, with each device in the other's place.

    Nothing is written: there are no data. A value on another device than `tensor` is so here too.
    """
    from torch.utils import _pytree as pytree

    def swapped(item: Any) -> Any:
        if not isinstance(item, torch.Tensor):
            return item
        return item.to(tensor.device) if item.device.type == "cpu" else item.cpu()

    def on_cpu(item: Any) -> Any:
        return item.cpu() if isinstance(item, torch.Tensor) else item

    result = function(tensor.cpu(), pytree.tree_map(on_cpu, index), *map(swapped, value))
    return result if result is None else result.to(tensor.device)


def faked(stack: contextlib.ExitStack, device: str, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The same arguments with data-less tensors on `device`, inside PyTorch's `FakeTensorMode`."""
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.utils import _pytree as pytree

    mode = FakeTensorMode()
    stack.enter_context(mode)
    stack.enter_context(_WithoutData(mode))

    def fake(value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        result = torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device=device)
        return result.requires_grad_(value.requires_grad)

    args, kwargs = pytree.tree_map(fake, (args, kwargs))
    return args, kwargs


_OF_STORAGES: Final = ("byteswap", "_write_file", "_set_from_file", "_set_cdata", "__delitem__")


def guard_memory() -> None:
    """Lets what hands out a tensor's memory, past every mode, raise where there is none: reading it is fatal."""
    for module, name in (
        *((torch._C, name) for name in ("_to_dlpack", "_to_dlpack_versioned")),
        *((torch.utils.dlpack, name) for name in ("to_dlpack", "_to_dlpack", "_to_dlpack_versioned")),
        (torch, "to_dlpack"),
        *((torch.UntypedStorage, name) for name in _OF_STORAGES),
    ):
        function = getattr(module, name, None)
        if function is not None and not hasattr(function, "__wrapped__"):
            setattr(module, name, _guarded(function))


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(value: Any, *args: Any, **options: Any) -> Any:
        if (isinstance(value, torch.Tensor) and is_fake(value)) or _is_meta(value):
            raise RuntimeError(f"{function.__name__}: a tensor without data has no memory to hand out")
        return function(value, *args, **options)

    return call


def _is_meta(value: Any) -> bool:
    return isinstance(value, torch.UntypedStorage) and value.device.type == "meta"


guard_memory()
