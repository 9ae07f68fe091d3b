"""From what came over the wire to values: nothing in it is believed before it is looked at."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from safetensors.torch import load as load_tensors

from grader.wire.values import (
    ARRAY_DTYPE,
    DTYPES,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_EQUAL_HASHES,
    MAX_HEADER,
    MAX_NODES,
    MAX_SECONDS,
    MAX_TEXT,
    TENSOR_DTYPES,
    Json,
    OriginArray,
    TensorOrigin,
    ValueFormatError,
    tensor_bytes,
)


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
        self._begun, self._deadline = time.perf_counter(), time.thread_time() + self.max_seconds
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
        # A thread's processor time, which takes a system call, is never more than the time on the wall.
        if time.perf_counter() - self._begun > self.max_seconds and time.thread_time() > self._deadline:
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
                return tensor_bytes(self._buffer(content))
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
        if dtype not in TENSOR_DTYPES:
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
            tensor = torch.empty_strided(tensor.shape, stride, dtype=tensor.dtype, device="cpu").copy_(tensor)
        else:
            tensor = tensor.clone()
        if node.get("requires_grad"):
            tensor.requires_grad_()
        self.inputs.append(tensor)
        return tensor

    def _array(self, node: dict[str, Json]) -> Any:
        if not isinstance(node["dtype"], str) or not ARRAY_DTYPE.fullmatch(node["dtype"]):
            raise ValueFormatError("an array is of a dtype that is not a number's")
        dtype, shape = np.dtype(node["dtype"]), _shape(node["shape"])
        data = tensor_bytes(self._buffer(node["array"] if "array" in node else node["scalar"]))
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


def _dtype(node: Json) -> torch.dtype:
    if not isinstance(node, str) or node not in DTYPES:
        raise ValueFormatError("the message names an unknown dtype")
    return DTYPES[node]


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
