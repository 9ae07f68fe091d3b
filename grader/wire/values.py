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
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from safetensors import TensorSpec, serialize
from safetensors.torch import load as load_tensors

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

_DTYPES: Final = {str(value): value for value in vars(torch).values() if isinstance(value, torch.dtype)}

_FLOAT8: Final = ("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz")
_TENSOR_DTYPES: Final = {
    torch.bool, torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.int8, torch.int16, torch.int32,
    torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex32, torch.complex64,
    torch.complex128, *(getattr(torch, name) for name in _FLOAT8 if hasattr(torch, name)),
}  # fmt: skip
"""The dtypes whose values can be converted to float64 or complex128, and so compared."""

_ARRAY_DTYPE: Final = re.compile(rf"[<>|=]?[{_NUMBERS}]\d{{1,2}}")


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
        return bytes(serialize({name: _specification(tensor) for name, tensor in self.tensors.items()}))

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
        with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
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
            # A fresh plain copy: safetensors refuses tensors that share memory, and ignores subclasses' tricks.
            plain = torch.empty(data.shape, dtype=data.dtype).copy_(data)
            node["tensor"] = self._store(plain)
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


def _specification(tensor: torch.Tensor) -> TensorSpec:
    name = str(tensor.dtype).removeprefix("torch.")
    return TensorSpec(dtype=name, shape=tensor.shape, data_ptr=tensor.data_ptr(), data_len=tensor.nbytes)


def is_fake(value: torch.Tensor) -> bool:
    """Whether a tensor has no data: it lies on the meta device, or is one of `FakeTensorMode`'s."""
    if value.device.type == "meta":
        return True
    # Importing the module takes a second; where nobody did, no tensor is fake.
    fake_tensor = sys.modules.get("torch._subclasses.fake_tensor")
    return fake_tensor is not None and isinstance(value, fake_tensor.FakeTensor)


@dataclass
class Decoder:
    """Turns JSON and safetensors back into values, trusting neither.

    Args:
        buffers: the safetensors bytes of the message.
        resolve: called with an `{"object": …}` or `{"name": …}` node; returns what stands for it.
        faithful: rebuild strides and `requires_grad` of tensors (the server does; a check wants plain data).
        max_seconds: of processor time.

    Raises:
        ValueFormatError: at construction or while decoding, on anything out of format and whatever goes wrong with
            it, or when a limit is reached.
    """

    buffers: bytes
    resolve: Callable[[Mapping[str, Json]], object]
    faithful: bool = False
    inputs: list[torch.Tensor | np.ndarray[Any, Any]] = field(default_factory=list)
    nodes: int = 0
    max_seconds: float = MAX_SECONDS

    def __post_init__(self) -> None:
        self._deadline = time.thread_time() + self.max_seconds
        # Its length comes first; a list that is allowed a hundred megabytes becomes millions of tensors.
        if int.from_bytes(self.buffers[:8], "little") > MAX_HEADER:
            raise ValueFormatError("the message holds too many tensors")
        try:
            self._tensors = load_tensors(self.buffers) if self.buffers else {}
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            raise ValueFormatError(f"the tensors of the message cannot be read: {str(error)[:200]}") from error

    def decode(self, node: Json, depth: int = 0) -> Any:
        """Returns the value that `node` stands for."""
        self._spend(1)
        if depth > MAX_DEPTH:
            raise ValueFormatError("the message is too deep or has too many parts")
        if node is None or isinstance(node, bool | int | float):
            return node
        if isinstance(node, str):
            if len(node) > MAX_TEXT:
                raise ValueFormatError("the message holds too long a text")
            return node
        if not isinstance(node, dict) or not node:
            raise ValueFormatError("the message holds a value of no known kind")
        if ("object" in node or "name" in node) and not node.keys() & {"tensor", "array", "scalar"}:
            if "object" in node:
                _whole(node["object"])
            return self.resolve(node)
        kind = next(iter(node))
        content = node[kind]
        try:
            return self._decode_kind(kind, content, node, depth)
        except ValueFormatError:
            raise
        except Exception as error:
            raise ValueFormatError(f"the message holds a malformed {str(kind)[:40]!r}") from error

    def _spend(self, parts: int) -> None:
        """Counts parts of the message, and looks at the clock now and then."""
        before, self.nodes = self.nodes, self.nodes + parts
        if self.nodes > MAX_NODES:
            raise ValueFormatError("the message is too deep or has too many parts")
        if before // 256 != self.nodes // 256 or before == 0:
            self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        if time.thread_time() > self._deadline:
            raise ValueFormatError("the message takes too long to read")

    def _decode_kind(self, kind: str, content: Json, node: dict[str, Json], depth: int) -> Any:
        if "tensor" in node:
            return self._tensor(node)
        if "array" in node or "scalar" in node:
            return self._array(node)
        match kind:
            case "list":
                return [self.decode(item, depth + 1) for item in _list(content)]
            case "tuple":
                return tuple(self.decode(item, depth + 1) for item in _list(content))
            case "set":
                return set(self._keys(_list(content), depth))
            case "dict":
                pairs = [_list(pair) for pair in _list(content)]
                keys = self._keys([key for key, _ in pairs], depth)
                return dict(zip(keys, [self.decode(item, depth + 1) for _, item in pairs], strict=True))
            case "int":
                if not isinstance(content, str) or len(content) > 1000:
                    raise ValueFormatError("the message holds a malformed whole number")
                return int(content, 16)
            case "float":
                return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[content]
            case "complex":
                real, imaginary = (self.decode(part, depth + 1) for part in _list(content))
                return complex(real, imaginary)
            case "bytes":
                return _bytes(self._buffer(content))
            case "size":
                self._spend(len(_list(content)))
                return torch.Size([_whole(item) for item in content])
            case "dtype":
                return _dtype(content)
            case "device":
                if not isinstance(content, str) or len(content) > 40:
                    raise ValueFormatError("the message names an unknown device")
                return torch.device(content)
            case _:
                raise ValueFormatError("the message holds a value of no known kind")

    def _keys(self, nodes: list[Json], depth: int) -> list[Any]:
        """Members of a set or keys, all in a list: one look at their hashes before any is compared with another."""
        keys = [self.decode(node, depth + 1) for node in nodes]
        repeated = Counter(map(hash, keys)).most_common(1)
        if repeated and repeated[0][1] > MAX_EQUAL_HASHES:
            raise ValueFormatError("the message holds too many keys of one hash")
        return keys

    def _buffer(self, name: Json) -> torch.Tensor:
        """A tensor of the message, which may name it once: each value that is read takes its own bytes."""
        if not isinstance(name, str) or name not in self._tensors:
            raise ValueFormatError("the message names a tensor that it does not hold")
        self._look_at_the_clock()
        return self._tensors.pop(name)

    def _tensor(self, node: dict[str, Json]) -> torch.Tensor:
        dtype = _dtype(node["dtype"])
        if dtype not in _TENSOR_DTYPES:
            raise ValueFormatError("a tensor is of a dtype that is not a number's")
        shape = _shape(node["shape"])
        if node["tensor"] is None:
            tensor = torch.empty(shape, dtype=dtype, device="meta")
        else:
            tensor = self._buffer(node["tensor"])
            if dtype.is_complex:
                tensor = torch.view_as_complex(tensor)
            if tensor.dtype != dtype or tuple(tensor.shape) != shape:
                raise ValueFormatError("a tensor is not of the dtype and shape that were declared")
        if self.faithful:
            return self._faithful(tensor, node)
        if node["tensor"] is not None:
            tensor = tensor.clone()
        tensor._aulatorch_origin = _origin(node)  # type: ignore[attr-defined]
        return tensor

    def _faithful(self, tensor: torch.Tensor, node: dict[str, Json]) -> torch.Tensor:
        stride = tuple(_whole(step) for step in _list(node["stride"]))
        if stride != tensor.stride() and tensor.numel() > 0 and 0 not in stride:
            tensor = torch.empty_strided(tensor.shape, stride, dtype=tensor.dtype).copy_(tensor)
        else:
            tensor = tensor.clone()
        if node.get("requires_grad"):
            tensor.requires_grad_()
        self.inputs.append(tensor)
        return tensor

    def _array(self, node: dict[str, Json]) -> Any:
        if not isinstance(node["dtype"], str) or not _ARRAY_DTYPE.fullmatch(node["dtype"]):
            raise ValueFormatError("an array is of a dtype that is not a number's")
        dtype, shape = np.dtype(node["dtype"]), _shape(node["shape"])
        data = _bytes(self._buffer(node["array"] if "array" in node else node["scalar"]))
        if len(data) != math.prod(shape) * dtype.itemsize:
            raise ValueFormatError("an array is not of the dtype and shape that were declared")
        array = np.frombuffer(data, dtype=dtype).reshape(shape).copy()
        if "scalar" in node:
            return array[()]
        if self.faithful:
            stride = tuple(_whole(step) for step in _list(node["stride"]))
            if len(shape) == 2 and stride == (1, shape[0]) != (shape[1], 1):
                array = np.asfortranarray(array)
            self.inputs.append(array)
            return array
        result = array.view(OriginArray)
        result._aulatorch_origin = _origin(node)
        return result


def _list(node: Json) -> list[Json]:
    if not isinstance(node, list):
        raise ValueFormatError("the message holds something else where a list belongs")
    return node


def _whole(node: Json) -> int:
    if isinstance(node, bool) or not isinstance(node, int) or not -(2**62) < node < 2**62:
        raise ValueFormatError("the message holds something else where a whole number belongs")
    return node


def _shape(node: Json) -> tuple[int, ...]:
    """A shape. Its strides must be numbers too, also where a size of 0 leaves it without elements."""
    shape = tuple(_whole(size) for size in _list(node)[: MAX_DIMENSIONS + 1])
    if len(shape) > MAX_DIMENSIONS or min(shape, default=0) < 0 or math.prod(max(size, 1) for size in shape) >= 2**62:
        raise ValueFormatError("the message holds a shape that no tensor has")
    return shape


def _bytes(data: torch.Tensor) -> bytes:
    if data.dtype != torch.uint8 or data.ndim != 1:
        raise ValueFormatError("the message holds something else where bytes belong")
    return data.numpy().tobytes()


def _dtype(node: Json) -> torch.dtype:
    if not isinstance(node, str) or node not in _DTYPES:
        raise ValueFormatError("the message names an unknown dtype")
    return _DTYPES[node]


def _origin(node: dict[str, Json]) -> TensorOrigin:
    grad_fn = node.get("grad_fn")
    return TensorOrigin(
        requires_grad=node.get("requires_grad") is True,
        is_leaf=node.get("is_leaf") is not False,
        grad_fn=str(grad_fn)[:200] if grad_fn is not None else None,
        device=str(node.get("device", "cpu"))[:40],
        stride=tuple(_whole(step) for step in _list(node.get("stride", []))),
        shares=tuple(_whole(position) for position in _list(node.get("shares", []))),
        has_data=node.get("tensor", "") is not None,
        type_name=str(node.get("type", "torch.Tensor"))[:200],
    )
