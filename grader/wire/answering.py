"""Answers a check's requests against the namespace of a student's notebook.

A request is one JSON object with an ``op``; the reply's ``status`` is ``ok``, ``error`` (the student's code
raised), ``missing`` (no such name) or ``refused`` (the value cannot be sent). Whatever the code under it does,
the server reports and never judges.
"""

from __future__ import annotations

import builtins
import contextlib
import linecache
import logging
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch

from grader.wire.decoding import Decoder
from grader.wire.defaults import defaults_kept
from grader.wire.fakes import faked
from grader.wire.frames import Frame
from grader.wire.operations import MAX_NAMES, counting_operations
from grader.wire.raising import is_raised_in
from grader.wire.randomness import random_states
from grader.wire.values import Encoder, Json, ValueFormatError

MAX_MESSAGE: Final = 2_000
"""Characters kept of an exception's text."""

MAX_FRAMES: Final = 5
"""Lines of the student's own code kept of a traceback."""

MAX_OBJECTS: Final = 10_000
"""Values that may stay behind as handles."""

Buffer = torch.Tensor | np.ndarray[Any, Any]


class MissingNameError(NameError):
    """The notebook defines no such name."""


@dataclass
class NamespaceServer:
    """Serves one notebook's namespace.

    Args:
        namespace: the notebook's global variables, read at every request.
        max_reply: the most bytes of tensors to send back in one reply.
        on_error: is given what the student's code raised, where server and check share a process.
    """

    namespace: MutableMapping[str, Any]
    max_reply: int = 256 * 2**20
    objects: dict[int, object] = field(default_factory=dict)
    on_error: Callable[[BaseException], None] | None = None

    def handle(self, request: Frame) -> Frame:
        """Carries out one request; never raises for what the student's code did."""
        content = request.content
        operation = self._operations().get(str(content.get("op")))
        if operation is None:
            return Frame({"status": "refused", "reason": f"unknown operation {content.get('op')!r}"})
        try:
            return operation(content, request.buffers)
        except MissingNameError as error:
            return Frame({"status": "missing", "name": str(error)})
        except ValueFormatError as error:
            return Frame({"status": "refused", "reason": str(error)[:MAX_MESSAGE]})
        except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are answers too
            if self.on_error is not None:
                self.on_error(error)
            return Frame({"status": "error", **self._describe_error(error)})

    def _operations(self) -> dict[str, Callable[[dict[str, Json], bytes], Frame]]:
        return {
            "call": self._call,
            "attribute": self._attribute,
            "value": self._value,
            "put": self._put,
            "define": self._define,
            "release": self._release,
        }

    # ------------------------------------------------------------------------------------- operations

    def _call(self, content: dict[str, Json], buffers: bytes) -> Frame:
        """Calls ``target`` with ``args`` and ``kwargs``; reports the result and what the call did to its inputs.

        With ``fake_device`` the tensors become data-less ones on that device; with ``cotangents`` the gradients
        of the inputs that require them come back beside the result; with ``operations`` how often each operation
        of PyTorch was called. A call begins with autograd on, whatever an earlier one or a cell left behind.
        """
        _switch_autograd_on()
        decoder = Decoder(buffers, self._resolve, faithful=True)
        target = decoder.decode(content["target"])
        args = decoder.decode({"tuple": content.get("args", [])})
        kwargs = {str(name): decoder.decode(node) for name, node in content.get("kwargs", {}).items()}
        cotangents = [decoder.decode(node) for node in content.get("cotangents", [])]
        inputs = decoder.inputs[: len(decoder.inputs) - len(cotangents)]
        if "fake_device" in content:
            return self._call_faked(target, args, kwargs, str(content["fake_device"]))
        before = [_snapshot(value) for value in inputs]
        random_before = random_states()
        start = time.process_time()
        with _student_output(), defaults_kept() as changed, _operations_counted(content) as operations:
            value = target(*args, **kwargs)
        seconds = time.process_time() - start
        encoder = self._encoder(inputs)
        reply: dict[str, Json] = {
            "status": "ok",
            "seconds": round(seconds, 6),
            "effects": [_effect(encoder, old, new) for old, new in zip(before, inputs, strict=True)],
            "random_changed": [name for name, state in random_states().items() if state != random_before[name]],
            "value": encoder.encode(value),
        }
        if "cotangents" in content:
            reply["gradients"] = encoder.encode(_gradients(value, inputs, cotangents))
        if changed:
            reply["defaults_changed"] = list(changed)
        if operations is not None:
            reply["operations"] = dict(operations.most_common(MAX_NAMES))
        return self._reply(reply, encoder)

    def _call_faked(self, target: Any, args: Any, kwargs: dict[str, Any], device: str) -> Frame:
        with contextlib.ExitStack() as stack:
            stack.enter_context(_quiet("torch._subclasses.fake_tensor"))
            args, kwargs = faked(stack, device, args, kwargs)
            with _student_output(), defaults_kept():
                value = target(*args, **kwargs)
        # Only now: within the mode, what the codec makes for bytes and NumPy's values would have no data either.
        encoder = self._encoder([])
        return self._reply({"status": "ok", "value": encoder.encode(value)}, encoder)

    def _attribute(self, content: dict[str, Json], buffers: bytes) -> Frame:
        target = Decoder(buffers, self._resolve, faithful=True).decode(content["target"])
        with _student_output():
            value = getattr(target, str(content["attribute"]))
        encoder = self._encoder([])
        return self._reply({"status": "ok", "value": encoder.encode(value)}, encoder)

    def _value(self, content: dict[str, Json], buffers: bytes) -> Frame:
        """The value behind a name or a handle, as data where it is data."""
        value = Decoder(buffers, self._resolve, faithful=True).decode(content["target"])
        encoder = self._encoder([])
        return self._reply({"status": "ok", "value": encoder.encode(value)}, encoder)

    def _put(self, content: dict[str, Json], buffers: bytes) -> Frame:
        """Keeps a value here and answers with its handle, so that a check can ask about it after a call."""
        value = Decoder(buffers, self._resolve, faithful=True).decode(content["value"])
        return Frame({"status": "ok", "value": {"object": self._keep(value), "type": type(value).__name__}})

    def _define(self, content: dict[str, Json], _buffers: bytes) -> Frame:
        """Runs a check's own ``source`` in a fresh namespace and keeps what it binds to ``name``.

        This is how a check hands over a function, a spy module or a data set: as source that holds no secret.
        """
        scope: dict[str, Any] = {"__name__": "aulatorch_input", "torch": torch, "np": np}
        filename = f"<input {content['name']}>"
        source = str(content["source"])
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        exec(compile(source, filename, "exec"), scope)  # noqa: S102 - the grader's own source
        value = scope[str(content["name"])]
        return Frame(
            {
                "status": "ok",
                "value": {
                    "object": self._keep(value),
                    "type": type(value).__name__,
                    "callable": callable(value),
                },
            }
        )

    def _release(self, content: dict[str, Json], _buffers: bytes) -> Frame:
        """Forgets handles (all of them when ``handles`` is null)."""
        handles = content.get("handles")
        for handle in list(self.objects) if handles is None else handles:
            self.objects.pop(handle, None)
        return Frame({"status": "ok", "value": None})

    # ---------------------------------------------------------------------------------------- plumbing

    def _resolve(self, node: Mapping[str, Json]) -> object:
        if "object" in node:
            if node["object"] not in self.objects:
                raise ValueFormatError("the request names an object that is not kept")
            return self.objects[node["object"]]
        name = str(node["name"])
        if name not in self.namespace:
            raise MissingNameError(name)
        return self.namespace[name]

    def _keep(self, value: object) -> int:
        for handle, kept in self.objects.items():
            if kept is value:
                return handle
        if len(self.objects) >= MAX_OBJECTS:
            raise ValueFormatError("too many objects are kept")
        handle = max(self.objects, default=0) + 1
        self.objects[handle] = value
        return handle

    def _encoder(self, inputs: list[Buffer]) -> Encoder:
        def shares(value: Buffer) -> list[int]:
            found = [position for position, other in enumerate(inputs) if _share_memory(value, other)]
            grads = [
                -position - 1
                for position, other in enumerate(inputs)
                if isinstance(other, torch.Tensor)
                and other.is_leaf
                and other.grad is not None
                and _share_memory(value, other.grad)
            ]
            return found + grads

        return Encoder(keep=self._keep, shares=shares, max_bytes=self.max_reply)

    def _reply(self, content: dict[str, Json], encoder: Encoder) -> Frame:
        return Frame(content, encoder.buffers())

    def _describe_error(self, error: BaseException) -> dict[str, Json]:
        kind = type(error)
        try:
            message = str(error)[:MAX_MESSAGE]
        except BaseException:  # noqa: BLE001 - a student's exception may fail to print itself
            message = ""
        bases = [base.__name__ for base in kind.__mro__ if getattr(builtins, base.__name__, None) is base]
        return {
            "type": kind.__qualname__[:200],
            "bases": bases,
            "message": message,
            "frames": self._student_frames(error),
            "own_words": is_raised_in(error, self.namespace),
        }

    def _student_frames(self, error: BaseException) -> list[Json]:
        frames = []
        for frame, line in traceback.walk_tb(error.__traceback__):
            if frame.f_globals is self.namespace:
                text = linecache.getline(frame.f_code.co_filename, line).strip()
                frames.append({"function": frame.f_code.co_name[:200], "line": line, "text": text[:300]})
        return frames[-MAX_FRAMES:]


# ------------------------------------------------------------------------------------------- observation


_left: Final[list[torch.inference_mode]] = []
"""What switched inference mode off: it holds as long as the object lives."""


def leave_inference_mode() -> None:
    """Ends an inference mode that some code entered and did not leave."""
    if torch.is_inference_mode_enabled():
        _left.append(torch.inference_mode(False))
        _left[-1].__enter__()


def _switch_autograd_on() -> None:
    leave_inference_mode()
    torch.set_grad_enabled(True)


@contextlib.contextmanager
def _student_output() -> Iterator[None]:
    """Sends what the student's code writes to stderr to stdout: a warning is no failure."""
    with contextlib.redirect_stderr(sys.stdout):
        yield


def _operations_counted(content: Mapping[str, Json]) -> contextlib.AbstractContextManager[Counter[str] | None]:
    return counting_operations() if content.get("operations") is True else contextlib.nullcontext()


@contextlib.contextmanager
def _quiet(logger: str) -> Iterator[None]:
    """Silences warnings and a logger: what fake tensors cannot do is no news."""
    log = logging.getLogger(logger)
    before, log.disabled = log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = before


def _share_memory(left: Buffer, right: Buffer) -> bool:
    spans = [_memory_span(left), _memory_span(right)]
    return spans[0] is not None and spans[1] is not None and _overlap(spans[0], spans[1])


def _memory_span(value: Buffer) -> tuple[int, int] | None:
    if isinstance(value, np.ndarray):
        while isinstance(value.base, np.ndarray):
            value = value.base
        return value.ctypes.data, value.ctypes.data + value.nbytes
    try:
        storage = value.untyped_storage()
        return storage.data_ptr(), storage.data_ptr() + storage.nbytes()
    except (RuntimeError, NotImplementedError):
        return None  # fake and sparse tensors have no storage to compare


def _overlap(left: tuple[int, int], right: tuple[int, int]) -> bool:
    return max(left[0], right[0]) < min(left[1], right[1])


@dataclass(frozen=True)
class _Snapshot:
    data: Buffer
    version: int
    requires_grad: bool


def _snapshot(value: Buffer) -> _Snapshot:
    if isinstance(value, np.ndarray):
        return _Snapshot(value.copy(), 0, False)
    return _Snapshot(value.detach().clone(), value._version, value.requires_grad)


def _effect(encoder: Encoder, before: _Snapshot, after: Buffer) -> dict[str, Json]:
    """What a call did to one input: its new value if it changed, its version counter, its `.grad`."""
    effect: dict[str, Json] = {"changed": not _same_bits(before.data, after)}
    if isinstance(after, torch.Tensor):
        effect["writes"] = after._version - before.version
        effect["requires_grad_changed"] = after.requires_grad != before.requires_grad
        effect["grad"] = encoder.encode(after.grad) if after.is_leaf and after.grad is not None else None
    if effect["changed"]:
        effect["value"] = encoder.encode(after)
    return effect


def _same_bits(before: Buffer, after: Buffer) -> bool:
    if isinstance(before, np.ndarray) or isinstance(after, np.ndarray):
        left, right = np.asarray(before), np.asarray(after)
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    after = after.detach()
    if before.shape != after.shape or before.dtype != after.dtype:
        return False
    kind = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64, 16: torch.int64}
    if before.dtype is torch.bool:
        return torch.equal(before, after)
    if before.is_complex():
        before, after = torch.view_as_real(before), torch.view_as_real(after)
    bits = kind[before.element_size()]
    return torch.equal(before.contiguous().view(bits), after.contiguous().view(bits))


def _gradients(value: object, inputs: list[Buffer], cotangents: list[Any]) -> list[torch.Tensor | None]:
    """Gradients of sum(cotangent * output) for each input that requires one; None where the graph is cut."""
    candidates = value if isinstance(value, list | tuple) else [value]
    outputs = [item for item in candidates if isinstance(item, torch.Tensor)]
    pairs = [
        (output, cotangent)
        for output, cotangent in zip(outputs, cotangents, strict=False)
        if output.requires_grad and output.shape == cotangent.shape
    ]
    wanted = [tensor for tensor in inputs if isinstance(tensor, torch.Tensor) and tensor.requires_grad]
    if not pairs or not wanted:
        return [None] * len(wanted)
    return list(
        torch.autograd.grad(
            [output for output, _ in pairs],
            wanted,
            [cotangent.to(output.dtype) for output, cotangent in pairs],
            allow_unused=True,
        )
    )
