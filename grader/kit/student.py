"""`student`: the student's notebook as a check sees it, in this process or in another."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import torch

from grader.kit.calls import Call, Effect, Labelled, describe
from grader.kit.cells import unreadable_line
from grader.kit.connections import Connection, Loopback
from grader.kit.failures import CheckFailure, UndefinedNameError, WorkerReplyError, student_error
from grader.kit.messages import tr
from grader.kit.observations import note
from grader.wire.decoding import Decoder
from grader.wire.frames import Frame
from grader.wire.values import Encoder, Json, ValueFormatError, WorkerReference


class Remote(Labelled):
    """A function, class or object of the student's notebook.

    Call it; read its attributes (data comes back as data, anything else as another `Remote`); or `fetch()` it. Whatever
    reaches the notebook raises what `Student.call` raises.

    Attributes:
        label: what it is called in a diagnosis.
        type_name: the name of its class, where it is an object that a call returned.
    """

    def __init__(self, student: Student, node: Json, label: str, type_name: str = "") -> None:
        self._student = student
        self._node = node
        self.label = label
        self.type_name = type_name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._student.call(self, *args, **kwargs).value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self._student.attribute(self, name)

    def __repr__(self) -> str:
        return f"<{self.label}{' of type ' + self.type_name if self.type_name else ''}>"

    def fetch(self) -> Any:
        """The value itself, where it is data; a `Remote` where it is not."""
        return self._student.fetch(self)


_last_call: ContextVar[Call | None] = ContextVar("last_call", default=None)


def last_call() -> Call | None:
    """The latest call that a check made, for its diagnosis."""
    return _last_call.get()


class Student:
    """The student's notebook: ``student.name`` is what the notebook calls ``name``, a `Remote`.

    ``student["name"]`` is the same, also where the word means something here (``student["call"]``). That the notebook
    has no such name shows when it is used: verdict ``error``.

    Attributes:
        last_call: the latest call and its side effects; None before the first. Of a call that raised it has the
            arguments alone.
    """

    def __init__(self, connection: Connection, *, seconds: float | None = None) -> None:
        self._connection = connection
        self._seconds = seconds
        self.last_call: Call | None = None

    def __getattr__(self, name: str) -> Remote:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Remote:
        """`name` of the notebook, also where the word means something else here."""
        return Remote(self, {"name": name}, name)

    @property
    def cells(self) -> Sequence[str]:
        """The notebook's code cells that ran so far, as the grader read them."""
        return self._connection.cells()

    def file(self, name: str, *, max_bytes: int) -> bytes | None:
        """A file that was handed in beside the notebook, as it was handed in: untrusted bytes.

        Args:
            name: its path, relative to the notebook's folder.
            max_bytes: the most that it may hold.

        Returns:
            Its content, or None where there is no such file. Links are no files.

        Raises:
            CheckFailure: it is larger.
        """
        content = self._connection.read_file(name, max_bytes + 1)
        if content is not None and len(content) > max_bytes:
            raise CheckFailure(
                tr("`{name}` is too large.", name=name),
                expected=tr("at most {size} MB", size=f"{max_bytes / 2**20:g}"),
            )
        return content

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """Gives each call in the ``with`` block this time to answer, for code that trains.

        Args:
            seconds: wall-clock seconds, in place of the setting ``call_timeout``. A call that takes longer ends the
                check with the verdict ``timeout``; in a student's own notebook nothing limits it.
        """
        before, self._seconds = self._seconds, seconds
        try:
            yield
        finally:
            self._seconds = before

    def call(
        self,
        target: Remote,
        *args: Any,
        _fake_device: str | None = None,
        _cotangents: Sequence[torch.Tensor] | None = None,
        _operations: bool = False,
        **kwargs: Any,
    ) -> Call:
        """Calls `target` and reports everything about the call; ``target(…)`` gives its value alone.

        Args:
            target: a function, class or object of the notebook.
            args: passed on; tensors keep their strides and `requires_grad`.
            kwargs: passed on.
            _fake_device: run on data-less tensors on this device, such as ``"cuda"``.
            _cotangents: one tensor for each tensor that the call returns; gradients of the arguments that
                require them come back, weighted by these.
            _operations: count PyTorch's operations during the call.

        Raises:
            StudentError: the student's code raised, or the notebook has no such name.
            WorkerFault: no readable answer came: too slow, too large, or the process is gone. Let it pass.
            TypeError: an argument is not data: use `put` or `define`.
        """
        encoder = Encoder(keep=_refuse)
        content: dict[str, Json] = {
            "op": "call",
            "target": target._node,
            "args": [encoder.encode(_as_sent(value)) for value in args],
            "kwargs": {name: encoder.encode(_as_sent(value)) for name, value in kwargs.items()},
        }
        if _fake_device is not None:
            content["fake_device"] = _fake_device
        if _cotangents is not None:
            content["cotangents"] = [encoder.encode(tensor) for tensor in _cotangents]
        if _operations:
            content["operations"] = True
        self.last_call = Call(target.label, args, kwargs)
        _last_call.set(self.last_call)
        reply = self._request(Frame(content, encoder.buffers()))
        self.last_call = self._read_call(target.label, args, kwargs, reply)
        _last_call.set(self.last_call)
        return self.last_call

    def attribute(self, target: Remote, name: str) -> Any:
        """An attribute of something in the notebook, as ``target.name`` gives it; for names that `Remote` has itself.

        Raises:
            StudentError: there is none, or reading it raised.
        """
        reply = self._request(Frame({"op": "attribute", "target": target._node, "attribute": name}))
        return self._decoder(reply, f"{target.label}.{name}").decode(reply.content["value"])

    def fetch(self, target: Remote | str) -> Any:
        """The value of a `Remote`, or of a name in the notebook, as data where it is data.

        Raises:
            StudentError: the notebook has no such name.
            WorkerFault: it is too large, or cannot be read.
        """
        remote = self[target] if isinstance(target, str) else target
        reply = self._request(Frame({"op": "value", "target": remote._node}))
        return self._decoder(reply, remote.label).decode(reply.content["value"])

    def put(self, value: Any) -> Remote:
        """Places a value beside the student's code, to be passed to several calls and looked at after them.

        Raises:
            TypeError: it is not data.
        """
        encoder = Encoder(keep=_refuse)
        node = encoder.encode(value)
        reply = self._request(Frame({"op": "put", "value": node}, encoder.buffers()))
        return Remote(self, {"object": _handle(reply)}, describe(value, reveal=False), type(value).__name__)

    def define(self, function: Callable[..., Any] | type | str, name: str | None = None) -> Remote:
        """Places a function or class of the check beside the student's code, by its source.

        Args:
            function: it may use only its arguments, ``torch``, ``np`` and what it imports itself. A string is
                taken as source.
            name: what the source binds, when `function` is a string.

        Returns:
            The function over there. The student's code can read it: it must hold nothing secret.

        Raises:
            ValueError: `function` is a string and `name` is missing.
        """
        source = function if isinstance(function, str) else _source(function)
        bound = name if isinstance(function, str) else function.__name__
        if bound is None:
            raise ValueError("say which name the source binds")
        reply = self._request(Frame({"op": "define", "source": source, "name": bound}))
        return Remote(self, {"object": _handle(reply)}, bound)

    # ---------------------------------------------------------------------------------------- plumbing

    def _request(self, frame: Frame) -> Frame:
        reply = self._connection.request(frame, self._seconds)
        note(frame, reply)
        match reply.content.get("status"):
            case "ok":
                return reply
            case "error":
                error = student_error(reply.content, self._connection.cells())
                if isinstance(self._connection, Loopback):
                    error.__traceback__ = self._connection.take_traceback()
                raise error
            case "missing":
                name = str(reply.content.get("name"))[:200]
                raise UndefinedNameError("NameError", name, unreadable_line(self._connection.cells(), name))
            case "refused":
                raise WorkerReplyError(str(reply.content.get("reason"))[:500])
            case _:
                raise WorkerReplyError("the reply has no known status")

    def _decoder(self, reply: Frame, label: str) -> Decoder:
        def resolve(node: Mapping[str, Json]) -> Remote:
            if "object" not in node:
                raise ValueFormatError("the reply names something that is not a value")
            return Remote(self, {"object": node["object"]}, label, str(node.get("type", ""))[:200])

        try:
            return _StudentDecoder(reply.buffers, resolve)
        except ValueFormatError as error:
            raise WorkerReplyError(str(error)) from error

    def _read_call(self, label: str, args: tuple[Any, ...], kwargs: dict[str, Any], reply: Frame) -> Call:
        decoder = self._decoder(reply, f"{label}(…)")
        content = reply.content
        effects = content.get("effects", [])
        changed, defaults = content.get("random_changed", []), content.get("defaults_changed", [])
        gradients = decoder.decode(content["gradients"]) if "gradients" in content else []
        if not (isinstance(effects, list) and isinstance(changed, list) and isinstance(defaults, list)):
            raise WorkerReplyError("the reply to a call is malformed")
        if not isinstance(gradients, list):
            raise WorkerReplyError("the gradients of a call are malformed")
        seconds = content.get("seconds", 0.0)
        return Call(
            label,
            args,
            kwargs,
            value=decoder.decode(content.get("value")),
            effects=tuple(_read_effect(decoder, effect) for effect in effects),
            gradients=tuple(item if isinstance(item, torch.Tensor) else None for item in gradients),
            random_changed=tuple(str(name)[:20] for name in changed),
            defaults_changed=tuple(str(name)[:20] for name in defaults),
            seconds=seconds if isinstance(seconds, float) else 0.0,
            operations=content.get("operations", {}),
        )


@lru_cache(maxsize=1024)
def _source(function: Callable[..., Any] | type) -> str:
    return textwrap.dedent(inspect.getsource(function))  # reads the whole file, word by word


class _StudentDecoder(Decoder):
    """Reads replies; what is out of format is a fault of the other side."""

    def decode(self, node: Json, depth: int = 0) -> Any:
        try:
            return super().decode(node, depth)
        except ValueFormatError as error:
            raise WorkerReplyError(str(error)) from error


def _read_effect(decoder: Decoder, node: Json) -> Effect:
    if not isinstance(node, dict):
        raise WorkerReplyError("the reply to a call is malformed")
    writes, grad, value = node.get("writes", 0), node.get("grad"), node.get("value")
    if grad is not None:
        grad = decoder.decode(grad)
    return Effect(
        changed=node.get("changed") is not False,
        value=decoder.decode(value) if value is not None else None,
        writes=writes if isinstance(writes, int) else 0,
        requires_grad_changed=node.get("requires_grad_changed") is True,
        grad=grad if isinstance(grad, torch.Tensor) else None,
    )


def _handle(reply: Frame) -> int:
    value = reply.content.get("value")
    handle = value.get("object") if isinstance(value, dict) else None
    if not isinstance(handle, int):
        raise WorkerReplyError("the reply holds no handle")
    return handle


def _as_sent(value: Any) -> Any:
    if isinstance(value, Remote):
        return WorkerReference(value._node)
    if type(value) in (list, tuple):
        return type(value)(_as_sent(item) for item in value)
    if type(value) is dict:
        return {key: _as_sent(item) for key, item in value.items()}
    return value


def _refuse(value: object) -> int:
    raise TypeError(f"a check cannot pass a {type(value).__qualname__}; use student.put or student.define")
