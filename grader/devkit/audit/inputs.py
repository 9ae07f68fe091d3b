"""What the checks of an exercise call it with, by parameter: kinds of input, and those that no case has."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

MAX_VALUES: Final = 3
"""Different values of a parameter that are kept: more than one is all that matters."""

LARGE: Final = 1_000
"""A mean so many times the spread around it makes ``E[x²] - E[x]²`` useless in single precision."""

_OF_ALL_TENSORS: Final = ("one dimension of size 1", "two sizes equal", "all sizes different", "not contiguous")
_OF_FLOATS: Final = (
    "NaN", "infinite", "negative", "a zero", "two values equal", "mean large against the spread",
    "requires a gradient", "no leaf of the graph", "float64",
)  # fmt: skip
_OF_INTEGERS: Final = ("negative", "a zero", "two values equal")
_CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    "tensor of floats": ("no element", "one element", *_OF_ALL_TENSORS, *_OF_FLOATS),
    "tensor of integers": ("no element", "one element", *_OF_ALL_TENSORS, *_OF_INTEGERS),
    "tensor of bools": ("no element", "one element", *_OF_ALL_TENSORS),
    "int": ("negative", "zero", "one"),
    "float": ("negative", "zero"),
    "sequence": ("empty", "one item", "two items equal"),
}
"""For each kind of input, the classes that a thorough exercise draws it from."""


@dataclass
class Parameter:
    """What one parameter was given.

    Attributes:
        kinds: such as ``int`` or ``tensor of floats``.
        classes: such as ``NaN``, with the kind before it.
        values: the first different plain values.
        was_left_out: whether a call left it to its default.
    """

    kinds: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    was_left_out: bool = False

    @property
    def never(self) -> dict[str, list[str]]:
        """The classes that no case has, by kind."""
        missing = {
            kind: [name for name in _CLASSES.get(kind, ()) if f"{kind}: {name}" not in self.classes]
            for kind in sorted(self.kinds)
        }
        return {kind: names for kind, names in missing.items() if names}

    @property
    def only_value(self) -> str | None:
        """The one value that it ever has; None where it varies."""
        return next(iter(self.values)) if len(self.values) == 1 and not self._is_varied else None

    @property
    def _is_varied(self) -> bool:
        return any(kind.startswith("tensor") or kind == "sequence" for kind in self.kinds)


@dataclass
class Inputs:
    """What an exercise was called with.

    Attributes:
        parameters: by ``function(parameter)``, in the order they were seen.
        calls: how many there were.
    """

    parameters: dict[str, Parameter] = field(default_factory=dict)
    calls: int = 0

    def note(self, function: str, signature: inspect.Signature | None, args: Any, kwargs: Mapping[str, Any]) -> None:
        """Adds a call."""
        self.calls += 1
        given: dict[str, Any] = {f"argument {place}": value for place, value in enumerate(args, 1)} | dict(kwargs)
        left_out: list[str] = []
        if signature is not None:
            with contextlib.suppress(TypeError):
                bound = signature.bind(*args, **kwargs)
                given = dict(bound.arguments)
                left_out = [name for name in signature.parameters if name not in given]
                bound.apply_defaults()
                given |= {name: bound.arguments[name] for name in left_out}
        for name, value in given.items():
            if name == "self":
                continue
            parameter = self.parameters.setdefault(f"{function}({name})", Parameter())
            parameter.was_left_out |= name in left_out
            kind, classes = described(value)
            parameter.kinds.add(kind)
            parameter.classes.update(f"{kind}: {item}" for item in classes)
            if isinstance(value, bool | int | float | str | None) and len(parameter.values) < MAX_VALUES:
                parameter.values.add(repr(value))

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "calls": self.calls,
            "parameters": {
                name: {
                    "kinds": sorted(item.kinds),
                    "classes": sorted(item.classes),
                    "values": sorted(item.values),
                    "was_left_out": item.was_left_out,
                }
                for name, item in self.parameters.items()
            },
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Inputs:
        """From `to_json`."""
        parameters = {
            name: Parameter(set(item["kinds"]), set(item["classes"]), set(item["values"]), item["was_left_out"])
            for name, item in content["parameters"].items()
        }
        return cls(parameters, content["calls"])


def described(value: Any) -> tuple[str, set[str]]:
    """The kind of a value, and the classes that it belongs to."""
    import torch

    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return described(torch.from_numpy(value.copy()))
    if isinstance(value, torch.Tensor):
        return _of_tensor(value)
    if isinstance(value, bool) or value is None:
        return str(value), set()
    if isinstance(value, int | float):
        names = {"negative": value < 0, "zero": value == 0, "one": value == 1}
        return type(value).__name__, {name for name, holds in names.items() if holds}
    if isinstance(value, list | tuple):
        texts = [repr(item) for item in value] if all(isinstance(item, int | float | str) for item in value) else []
        names = {"empty": not value, "one item": len(value) == 1, "two items equal": len(set(texts)) < len(texts)}
        return "sequence", {name for name, holds in names.items() if holds}
    return type(value).__name__, set()


def _of_tensor(value: Any) -> tuple[str, set[str]]:
    import torch

    sizes, count = list(value.shape), value.numel()
    large = [size for size in sizes if size > 1]
    found = {
        "no element": count == 0,
        "one element": count == 1,
        "one dimension of size 1": 1 in sizes and count > 1,
        "two sizes equal": len(set(large)) < len(large),
        "all sizes different": len(sizes) > 1 and len(set(sizes)) == len(sizes),
        "not contiguous": value.layout is torch.strided and not value.is_contiguous(),
    }
    kind = "bools" if value.dtype is torch.bool else "integers" if not value.is_floating_point() else "floats"
    if value.device.type == "cpu" and value.layout is torch.strided and not value.is_complex() and kind != "bools":
        data = value.detach().to(torch.float64).flatten()
        found |= {
            "NaN": bool(data.isnan().any()),
            "infinite": bool(data.isinf().any()),
            "negative": bool((data < 0).any()),
            "a zero": bool((data == 0).any()),
            "two values equal": data.unique().numel() < count,
            "mean large against the spread": _has_large_mean(value.detach().to(torch.float64)),
            "requires a gradient": value.requires_grad,
            "no leaf of the graph": value.requires_grad and not value.is_leaf,
            "float64": value.dtype is torch.float64,
        }
    return f"tensor of {kind}", {name for name, holds in found.items() if holds}


def _has_large_mean(data: Any) -> bool:
    """Whether the whole, a row or a column has a mean `LARGE` times its spread, which is not zero."""
    for part in [data.flatten(), *([data, data.T] if data.ndim == 2 else [])]:
        if part.shape[0] > 1:
            spread, mean = part.std(0), part.mean(0).abs()
            if bool(((mean > LARGE * spread) & (spread > 0)).any()):
                return True
    return False


def listen(namespace: dict[str, Any], exercise: str, inputs: Inputs) -> None:
    """Lets the function or class of an exercise note what it is called with, from now on."""
    if exercise in namespace:
        namespace[exercise] = _listened_to(namespace[exercise], exercise, inputs)


def _listened_to(target: Any, name: str, inputs: Inputs) -> Any:
    if inspect.isfunction(target):
        return _wrapped(target, name, inputs)
    if inspect.isclass(target):
        for method, function in list(vars(target).items()):
            if inspect.isfunction(function) and (method == "__init__" or not method.startswith("_")):
                setattr(target, method, _wrapped(function, f"{name}.{method}", inputs))
    return target


def _wrapped(function: Callable[..., Any], name: str, inputs: Inputs) -> Callable[..., Any]:
    if getattr(function, "_is_recorded", False):
        return function
    signature = inspect.signature(function)

    @functools.wraps(function)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        with contextlib.suppress(Exception):  # whatever it is given, looking at it changes nothing
            inputs.note(name, signature, args, kwargs)
        return function(*args, **kwargs)

    recorded._is_recorded = True  # type: ignore[attr-defined]
    return recorded
