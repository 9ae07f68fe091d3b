"""Functions of a check that compute right answers: students get what they computed, and not the functions.

`reference` marks such a function. For an author it is the function. A release leaves its body out; beside its file lie
the values that it had in the visible checks (`FILE`, and `TENSORS` with their tensors), and a call looks its own up.
"""

from __future__ import annotations

import copy
import functools
import inspect
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from grader.kit.fingerprints import Sums, described
from grader.wire.decoding import Decoder
from grader.wire.values import Encoder, Json

FILE: Final = "expected.json"
TENSORS: Final = "expected.safetensors"

_NEAR: Final = 1e-6
"""How far two sums over a tensor may be apart, relative to the sum of its sizes, where it is the same tensor: random
numbers differ in their last bits from one kind of processor to another."""

P = ParamSpec("P")
R = TypeVar("R")


class NotRecordedError(Exception):
    """A released reference is asked for what no visible check asked it with a right answer."""


@dataclass
class _Key:
    """A call: what must be equal in it, and sums over its decimal numbers, each with the sum of their sizes."""

    exact: Json = None
    sums: Sums = field(default_factory=list)

    def distance(self, sums: Sums) -> float:
        """How far another call's sums are apart from these, relative to their sizes."""
        pairs = zip(self.sums, sums, strict=True)
        return max((abs(own - other[0]) / max(size, 1e-300) for (own, size, _), other in pairs), default=0.0)


@dataclass
class Recording:
    """The calls of references, by the folder of their file."""

    encoders: dict[Path, Encoder] = field(default_factory=dict)
    calls: dict[Path, list[Json]] = field(default_factory=dict)

    def add(self, folder: Path, key: _Key, value: object) -> None:
        """Notes a call's value, once."""
        calls = self.calls.setdefault(folder, [])
        if any(exact == key.exact and not key.distance(sums) for exact, sums, _ in calls):
            return
        encoder = self.encoders.setdefault(folder, Encoder())
        encoder.nodes = 0
        calls.append([key.exact, key.sums, encoder.encode(value)])

    def files(self) -> dict[Path, bytes]:
        """What is written beside the released files."""
        found = {}
        for folder, calls in sorted(self.calls.items()):
            lines = ",\n".join(json.dumps(call, allow_nan=False, separators=(",", ":")) for call in calls)
            found[folder / FILE] = f"[\n{lines}\n]\n".encode()
            if buffers := self.encoders[folder].buffers():
                found[folder / TENSORS] = buffers
        return found


_recording: ContextVar[Recording | None] = ContextVar("recording", default=None)


@contextmanager
def recording() -> Iterator[Recording]:
    """Notes the calls of references in the ``with`` block."""
    found = Recording()
    token = _recording.set(found)
    try:
        yield found
    finally:
        _recording.reset(token)


def reference(function: Callable[P, R]) -> Callable[P, R]:
    """Marks a function that computes right answers, or the values of known mistakes: a release leaves its body out.

    It takes and returns data: numbers, texts, tensors, arrays, and lists, tuples and dicts of such; it may also take
    functions that a file of checks defines.

    Raises:
        NotRecordedError: in a release, the call is none that a right answer leads to. `alternatives` ends there, and a
            check that ends with it has failed.
    """
    signature = inspect.signature(function)
    source = inspect.unwrap(function)
    folder = Path(source.__code__.co_filename).parent
    is_released = (folder / FILE).exists()

    @functools.wraps(function)
    def computed(*args: P.args, **kwargs: P.kwargs) -> R:
        found = _recording.get()
        if found is None and not is_released:
            return function(*args, **kwargs)
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        key = _Key()
        key.exact = [source.__name__, described(list(bound.arguments.items()), key.sums)]
        if found is None:
            value: R = _recorded(folder, key)
            return value
        token = _recording.set(None)
        try:
            value = function(*args, **kwargs)
        finally:
            _recording.reset(token)
        found.add(folder, key, value)
        return value

    return computed


def alternatives(pairs: Iterable[Any]) -> Iterator[Any]:
    """Items one by one, such as those of a generator that computes known mistakes; in a release, those that are known.

    While a release is made, all of them are computed at once, so that their values are noted.
    """
    return iter(list(pairs)) if _recording.get() is not None else _known(pairs)


def _known(pairs: Iterable[Any]) -> Iterator[Any]:
    try:
        yield from pairs
    except NotRecordedError:
        return


def _recorded(folder: Path, key: _Key) -> Any:
    best, nearest = None, _NEAR
    table = _table(folder, (folder / FILE).stat().st_mtime_ns)
    for sums, value in table.get(json.dumps(key.exact), ()):
        distance = key.distance(sums)
        if distance <= nearest:
            best, nearest = (value,), distance
    if best is None:
        raise NotRecordedError(f"{key.exact[0]} has no value for this call in {folder / FILE}")
    return copy.deepcopy(best[0])


@functools.lru_cache(maxsize=64)
def _table(folder: Path, changed: int) -> dict[str, list[tuple[Sums, Any]]]:  # noqa: ARG001 - the cache's key
    tensors = folder / TENSORS
    decoder = Decoder(tensors.read_bytes() if tensors.exists() else b"", _refuse, faithful=True)
    found: dict[str, list[tuple[Sums, Any]]] = {}
    for exact, sums, node in json.loads((folder / FILE).read_text(encoding="utf-8")):
        decoder.nodes = 0
        found.setdefault(json.dumps(exact), []).append((sums, decoder.decode(node)))
    return found


def _refuse(node: object) -> object:
    raise TypeError(f"the value of a reference is data, and not {node}")
