"""Messages on a stream socket: a fixed header, JSON, then the raw buffers, each of a declared and bounded size."""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any, Final

from grader.wire.values import Json, ValueFormatError

MAGIC: Final = b"AULA"
HEADER: Final = struct.Struct("!4sIQ")
MAX_JSON: Final = 8 * 2**20
"""Bytes of JSON in one message."""


class FrameError(ValueFormatError):
    """A frame is malformed or larger than it may be; the stream cannot be read any further."""


class ConnectionLostError(ConnectionError):
    """The other side closed the stream in the middle of a message, or before one."""


@dataclass(frozen=True)
class Frame:
    """One message: its JSON and its safetensors bytes (empty when it holds no tensor)."""

    content: dict[str, Json]
    buffers: bytes = b""


_ENCODER: Final = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


def dump(frame: Frame) -> bytes:
    """The bytes of a frame."""
    text = _ENCODER.encode(frame.content).encode()
    return HEADER.pack(MAGIC, len(text), len(frame.buffers)) + text + frame.buffers


def send(stream: socket.socket, frame: Frame, deadline: float | None = None) -> None:
    """Writes a frame, waiting no later than `deadline` (on the `time.monotonic` clock).

    Raises:
        TimeoutError: the other side did not read in time.
        ConnectionLostError: the other side is gone.
    """
    data = memoryview(dump(frame))
    while data:
        try:
            data = data[stream.send(data, 0 if deadline is None else socket.MSG_DONTWAIT) :]
        except BlockingIOError:  # there is no room for more
            _wait(stream, select.POLLOUT, deadline)
        except OSError as error:
            raise ConnectionLostError("the stream is closed") from error


def receive(stream: socket.socket, max_buffers: int, deadline: float | None = None) -> Frame:
    """Reads one frame.

    Args:
        max_buffers: the most bytes of tensors to accept.
        deadline: on the `time.monotonic` clock; it bounds the whole frame, however slowly it drips in.

    Raises:
        TimeoutError: no whole frame came in time.
        ConnectionLostError: the stream ended.
        FrameError: the frame is malformed or too large.
    """
    magic, json_size, buffers_size = HEADER.unpack(_read(stream, HEADER.size, deadline))
    if magic != MAGIC:
        raise FrameError("the reply does not begin as a message does")
    if json_size > MAX_JSON or buffers_size > max_buffers:
        raise FrameError(f"the reply is too large: {json_size + buffers_size:,} bytes")
    body = _read(stream, json_size + buffers_size, deadline)
    text, buffers = body[:json_size], body[json_size:]
    try:
        content = _DECODER.decode(text.decode())
    except (ValueError, RecursionError) as error:
        raise FrameError("the reply is not JSON") from error
    if not isinstance(content, dict):
        raise FrameError("the reply is not a JSON object")
    return Frame(content, buffers)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def _wait(stream: socket.socket, event: int, deadline: float | None) -> None:
    """Waits until the stream is ready, or has ended."""
    waiting = select.poll()
    waiting.register(stream, event)
    while not waiting.poll(None if deadline is None else _left(deadline) * 1000):
        pass


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left


def _read(stream: socket.socket, size: int, deadline: float | None) -> bytes:
    """Reads so many bytes, and takes memory only for what has come.

    Each system call of a confined kernel passes its filter, so there is one where one will do: the stream itself
    blocks, and where there is a deadline it is waited for in another way.
    """
    part = _part(stream, size, deadline)
    if len(part) == size:
        return part
    parts = bytearray(part)
    while len(parts) < size:
        parts += _part(stream, size - len(parts), deadline)
    return bytes(parts)


def _part(stream: socket.socket, size: int, deadline: float | None) -> bytes:
    if size == 0:
        return b""
    if deadline is not None:
        _wait(stream, select.POLLIN, deadline)
    try:
        part = stream.recv(min(size, 2**20))
    except OSError as error:
        raise ConnectionLostError("the stream is closed") from error
    if not part:
        raise ConnectionLostError("the stream ended")
    return part
