"""Python values as data: JSON for structure, safetensors for tensors, and handles for everything else.

Both sides of the process boundary use this codec, and so does a check that runs inside a notebook, so that
a value looks the same to a check wherever it runs. Nothing is ever pickled.

JSON's own types stand for themselves. Every other value is an object with one key that names its kind::

    {"tuple": [...]}   {"list": [...]}   {"dict": [[key, value], ...]}   {"set": [...]}
    {"int": "0x…"}     {"float": "nan"}  {"complex": [re, im]}           {"bytes": "t0"}
    {"size": [2, 3]}   {"dtype": "torch.float32"}                        {"device": "cpu"}
    {"tensor": "t0", "dtype": …, "shape": …, …}   {"array": "t1", …}     {"scalar": "t2", …}
    {"object": 7, "type": "__main__.Model", "callable": true}            {"name": "pairwise_distances"}
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import safetensors
import torch

Json = Any
"""What `json.loads` returns."""

MAX_DEPTH: Final = 24
"""Nesting deeper than this is refused: no exercise returns anything near it."""

MAX_NODES: Final = 50_000
"""Values in one message, counted one by one: a list of this many numbers should have been a tensor."""

MAX_TEXT: Final = 100_000
"""Characters in one string."""

MAX_HEADER: Final = 2**20
"""Bytes of the list of tensors that safetensors begins with: room for some ten thousand."""

MAX_DIMENSIONS: Final = 64
"""Of a tensor: NumPy's limit, which PyTorch's own operations keep as well."""

MAX_EQUAL_HASHES: Final = 40
"""Members of a set, or keys, of one hash. Each is compared with each, and thousands of them are easily found. Floats
have up to 34."""

MAX_SECONDS: Final = 20.0
"""Processor time that one message may take to read: ten times what the largest one within the other limits takes."""

_NUMBERS: Final = "biufc"
"""Kinds of NumPy's dtypes that are numbers; arrays of anything else stay behind as handles."""

DTYPES: Final = {str(value): value for value in vars(torch).values() if isinstance(value, torch.dtype)}
_TensorSpec: Final = getattr(safetensors, "TensorSpec", None)
"""A tensor in memory, for `safetensors.serialize`. Before its version 0.8 that takes a dictionary with a copy."""

_FLOAT8: Final = (
    "float8_e4m3fn",
    "float8_e5m2",
    *(("float8_e4m3fnuz", "float8_e5m2fnuz") if _TensorSpec is not None else ()),  # as old as that
)
TENSOR_DTYPES: Final = {
    torch.bool, torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.int8, torch.int16, torch.int32,
    torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex32, torch.complex64,
    torch.complex128, *(getattr(torch, name) for name in _FLOAT8 if hasattr(torch, name)),
}  # fmt: skip
"""The dtypes whose values can be converted to float64 or complex128, and so compared."""

ARRAY_DTYPE: Final = re.compile(rf"[<>|=]?[{_NUMBERS}]\d{{1,2}}")


class ValueFormatError(ValueError):
    """A message does not follow the format above, or is larger than it may be."""


@dataclass(frozen=True)
class TensorOrigin:
    """What the server said about a tensor that it returned, beside its data.

    Attributes:
        requires_grad: whether autograd tracks it.
        is_leaf: whether autograd sees it as a leaf.
        grad_fn: the name of its `grad_fn`'s class, or None.
        device: where it lay, such as ``cuda:0``; the data that came over lies on the CPU.
        stride: its strides, in elements.
        shares: positions of the call's tensor and array arguments whose memory it shares; -1 - position where
            it shares that argument's `.grad`.
        has_data: False for a fake or meta tensor, of which only shape, dtype and device exist.
        type_name: the class, ``torch.Tensor`` or a subclass of it.
    """

    requires_grad: bool = False
    is_leaf: bool = True
    grad_fn: str | None = None
    device: str = "cpu"
    stride: tuple[int, ...] = ()
    shares: tuple[int, ...] = ()
    has_data: bool = True
    type_name: str = "torch.Tensor"


@dataclass(frozen=True)
class WorkerReference:
    """Stands, in a request, for something that lies in the server: its ``{"object": …}`` or ``{"name": …}``."""

    node: Mapping[str, Json]


def origin(value: torch.Tensor | np.ndarray[Any, Any]) -> TensorOrigin:
    """What the server said about a tensor that came from it (defaults for any other tensor)."""
    found = getattr(value, "_aulatorch_origin", None)
    return found if isinstance(found, TensorOrigin) else TensorOrigin()


class OriginArray(np.ndarray[Any, Any]):
    """A NumPy array from the server, with room for its `TensorOrigin`."""

    _aulatorch_origin: TensorOrigin


@dataclass
class Encoder:
    """Turns values into JSON, collecting tensors on the way.

    Args:
        keep: called with each value that is not data; returns the handle it is kept under. Without it such a
            value raises `TypeError`.
        shares: called with each tensor or array; returns the positions of the arguments it shares memory with.
        max_bytes: of all tensors together; what is larger is refused before it is copied.
    """

    keep: Callable[[object], int] | None = None
    shares: Callable[[torch.Tensor | np.ndarray[Any, Any]], list[int]] = field(default=lambda _: [])
    tensors: dict[str, torch.Tensor] = field(default_factory=dict)
    max_bytes: int | None = None
    nodes: int = 0
    size: int = 0

    def buffers(self) -> bytes:
        """All tensors so far, in safetensors format; empty when there are none."""
        if not self.tensors:
            return b""
        # safetensors' own `save` looks for tensors that share memory, which takes five times as long; ours are copies.
        tensors = {name: _specification(tensor) for name, tensor in self.tensors.items()}
        return bytes(safetensors.serialize(tensors))

    def encode(self, value: object, depth: int = 0) -> Json:
        """Returns `value` as JSON.

        Raises:
            ValueFormatError: too deep, too many values, or too long a string.
        """
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise ValueFormatError("the value is too deep or has too many parts to send")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is torch.Tensor:
            return self._tensor(value)  # type: ignore[arg-type] # mypy does not narrow by `is`
        if isinstance(value, int):
            number = int.__index__(value)
            return number if abs(number) < 2**63 else {"int": hex(number)}
        if isinstance(value, np.generic) and value.dtype.kind in _NUMBERS:
            return self._array(np.asarray(value), "scalar")
        if isinstance(value, float):
            number_ = float.__float__(value)
            return number_ if math.isfinite(number_) else {"float": repr(number_)}
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                raise ValueFormatError("the text is too long to send")
            return str.__str__(value)
        if isinstance(value, complex):
            return {"complex": [self.encode(value.real), self.encode(value.imag)]}
        if isinstance(value, bytes):
            self._count(len(value))
            data = np.frombuffer(bytes.__getitem__(value, slice(None)), dtype=np.uint8).copy()
            return {"bytes": self._store(torch.from_numpy(data))}
        if isinstance(value, torch.Size):
            return {"size": list(tuple.__iter__(value))}
        if isinstance(value, torch.dtype):
            return {"dtype": str(value)}
        if isinstance(value, torch.device):
            return {"device": str(value)}
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if isinstance(value, np.ndarray) and value.dtype.kind in _NUMBERS:
            return self._array(value, "array")
        if isinstance(value, WorkerReference):
            return dict(value.node)
        kinds: tuple[tuple[type, str], ...] = ((list, "list"), (tuple, "tuple"), (set, "set"), (frozenset, "set"))
        for base, label in kinds:
            if isinstance(value, base):
                # The base's own iterator: a subclass may lie about what it holds.
                return {label: [self.encode(item, depth + 1) for item in base.__iter__(value)]}  # type: ignore[attr-defined]
        if isinstance(value, dict):
            items = [[self.encode(key, depth + 1), self.encode(item, depth + 1)] for key, item in dict.items(value)]
            return {"dict": items}
        return self._object(value)

    def _object(self, value: object) -> Json:
        if self.keep is None:
            raise TypeError(f"cannot send a value of type {type(value).__qualname__!r}: it is not data")
        kind = type(value)
        name = f"{kind.__module__}.{kind.__qualname__}"[:200]
        return {"object": self.keep(value), "type": name, "callable": callable(value)}

    def _count(self, size: int) -> None:
        self.size += size
        if self.max_bytes is not None and self.size > self.max_bytes:
            raise ValueFormatError(f"the value is too large to send: {self.size:,} bytes")

    def _store(self, tensor: torch.Tensor) -> str:
        name = f"t{len(self.tensors)}"
        self.tensors[name] = tensor
        return name

    def _tensor(self, value: torch.Tensor) -> Json:
        with torch._C.DisableTorchFunctionSubclass():
            if value.layout is not torch.strided or value.is_quantized:
                return self._object(value)
            node: dict[str, Json] = {
                "tensor": None,
                "dtype": str(value.dtype),
                "shape": list(value.shape),
                "stride": list(value.stride()),
                "device": str(value.device),
                "requires_grad": value.requires_grad,
                "is_leaf": value.is_leaf,
                "grad_fn": type(value.grad_fn).__name__ if value.grad_fn is not None else None,
                "type": f"{type(value).__module__}.{type(value).__qualname__}"[:200],
            }
            if is_fake(value):
                return node
            self._count(value.numel() * value.element_size())
            node["shares"] = self.shares(value)
            data = value.detach().resolve_conj().resolve_neg().to("cpu")
            if data.is_complex():
                data = torch.view_as_real(data)
            node["tensor"] = self._store(_copied(data))
            return node

    def _array(self, value: np.ndarray[Any, Any], label: str) -> Json:
        self._count(value.nbytes)
        plain = np.array(value, copy=True, subok=False, order="C")
        node: dict[str, Json] = {
            "dtype": plain.dtype.newbyteorder("=").str,
            "shape": list(plain.shape),
            "stride": [step // max(value.itemsize, 1) for step in value.strides],
            "shares": self.shares(value) if label == "array" else [],
        }
        native = plain.astype(plain.dtype.newbyteorder("="), copy=False)
        data = np.frombuffer(native.tobytes(), dtype=np.uint8).copy()
        node[label] = self._store(torch.from_numpy(data))
        return node


def _copied(data: torch.Tensor) -> torch.Tensor:
    """A fresh plain copy: safetensors refuses tensors that share memory, and ignores subclasses' tricks."""
    if type(data) is torch.Tensor:
        return data.clone(memory_format=torch.contiguous_format)  # a third of what the other way takes
    return torch.empty(data.shape, dtype=data.dtype, device="cpu").copy_(data)


def _specification(tensor: torch.Tensor) -> Any:
    name = str(tensor.dtype).removeprefix("torch.")
    if _TensorSpec is None:
        data = tensor.reshape(-1).view(torch.uint8).numpy().tobytes()
        return {"dtype": name, "shape": tensor.shape, "data": data}
    return _TensorSpec(dtype=name, shape=tensor.shape, data_ptr=tensor.data_ptr(), data_len=tensor.nbytes)


def is_fake(value: torch.Tensor) -> bool:
    """Whether a tensor has no data: it lies on the meta device, or is one of `FakeTensorMode`'s."""
    if value.device.type == "meta":
        return True
    # Importing the module takes a second; where nobody did, no tensor is fake.
    fake_tensor = sys.modules.get("torch._subclasses.fake_tensor")
    return fake_tensor is not None and isinstance(value, fake_tensor.FakeTensor)


def tensor_bytes(data: torch.Tensor) -> bytes:
    if data.dtype != torch.uint8 or data.ndim != 1:
        raise ValueFormatError("the message holds something else where bytes belong")
    return data.numpy().tobytes()
