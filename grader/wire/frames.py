"""Messages on a stream socket: a fixed header, JSON, then the raw buffers, each of a declared and bounded size."""

from __future__ import annotations

import json
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


def dump(frame: Frame) -> bytes:
    """The bytes of a frame."""
    text = json.dumps(frame.content, allow_nan=False, separators=(",", ":")).encode()
    return HEADER.pack(MAGIC, len(text), len(frame.buffers)) + text + frame.buffers


def send(stream: socket.socket, frame: Frame, deadline: float | None = None) -> None:
    """Writes a frame, waiting no later than `deadline` (on the `time.monotonic` clock).

    Raises:
        TimeoutError: the other side did not read in time.
        ConnectionLostError: the other side is gone.
    """
    stream.settimeout(_remaining(deadline))
    try:
        stream.sendall(dump(frame))
    except TimeoutError:
        raise
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
    text = _read(stream, json_size, deadline)
    buffers = _read(stream, buffers_size, deadline)
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


def _remaining(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left


def _read(stream: socket.socket, size: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        stream.settimeout(_remaining(deadline))
        try:
            part = stream.recv(min(size - len(parts), 2**20))
        except TimeoutError:
            raise
        except OSError as error:
            raise ConnectionLostError("the stream is closed") from error
        if not part:
            raise ConnectionLostError("the stream ended")
        parts += part
    return bytes(parts)
