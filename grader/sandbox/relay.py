"""Between a kernel's channels and the grader: passes messages on, and ends a kernel that sends one without end.

ZeroMQ bounds the length of a message's parts and the number of messages that wait, but not the number of a message's
parts: it gathers them all before anybody can read the first. So the kernel's bytes pass through here, in the warden's
process, and are counted on their way.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

MAX_MESSAGE: Final = 16 * 2**20
"""Bytes of one message from a kernel; a larger one is its end."""

_CHANNELS: Final = ("shell_port", "iopub_port", "control_port")
_CHUNK: Final = 2**16
_RETRY: Final = 0.005
"""Seconds between attempts to reach a kernel that has not opened its channels yet."""

_GREETING: Final = 64
_MORE, _LARGE, _COMMAND = 1, 2, 4
_MAX_COMMAND: Final = 2**16
_PART_COST: Final = 128
"""Bytes that ZeroMQ spends on a part, however short."""


def relayed(address: str) -> str:
    """Where the grader connects to reach a kernel whose channels are at `address`."""
    return f"{address}r"


class EndlessMessageError(Exception):
    """The kernel sends what no message is."""


class Meter:
    """Follows the frames of ZMTP 3, ZeroMQ's protocol (rfc.zeromq.org/spec/23), and counts each message's bytes."""

    def __init__(self) -> None:
        self._greeted = 0
        self._header = bytearray()
        self._body = 0
        self._message = 0

    def take(self, data: bytes) -> None:
        """Counts the next bytes of the stream.

        Raises:
            EndlessMessageError: a message is larger than any may be, or this is another protocol.
        """
        position = self._take_greeting(data)
        while position < len(data):
            step = min(self._body, len(data) - position)
            self._body -= step
            position += step
            if position < len(data):
                self._header.append(data[position])
                position += 1
                self._take_header()

    def _take_greeting(self, data: bytes) -> int:
        taken = data[: _GREETING - self._greeted]
        for offset, byte in enumerate(taken, self._greeted):
            # Older versions frame their messages in other ways; ours speak the third.
            if (offset == 0 and byte != 0xFF) or (offset == 9 and byte != 0x7F) or (offset == 10 and byte != 3):
                raise EndlessMessageError("the kernel speaks another protocol")
        self._greeted += len(taken)
        return len(taken)

    def _take_header(self) -> None:
        flags = self._header[0]
        if flags & ~(_MORE | _LARGE | _COMMAND):
            raise EndlessMessageError("the kernel speaks another protocol")
        if len(self._header) < (9 if flags & _LARGE else 2):
            return
        self._body = int.from_bytes(self._header[1:], "big")
        self._header.clear()
        if flags & _COMMAND:
            is_too_large = self._body > _MAX_COMMAND
        else:
            self._message += self._body + _PART_COST
            is_too_large = self._message > MAX_MESSAGE
            if not flags & _MORE:
                self._message = 0
        if is_too_large:
            raise EndlessMessageError("the kernel sends a message that is too large")


class _Link:
    """One connection from the grader, and the one to the kernel that it goes on through."""

    def __init__(self, grader: socket.socket, address: str) -> None:
        self.grader, self.address = grader, address
        self.kernel = socket.socket(socket.AF_UNIX)
        self.meter = Meter()
        self.waiting = {self.grader: b"", self.kernel: b""}
        for end in self.waiting:
            end.setblocking(False)

    def reach(self) -> bool:
        """Whether the kernel's channel is open by now."""
        try:
            self.kernel.connect(self.address)
        except OSError:
            return False
        return True

    def other(self, end: socket.socket) -> socket.socket:
        return self.kernel if end is self.grader else self.grader

    def pass_on(self, end: socket.socket, events: int) -> None:
        """Reads from one end as soon as the other has taken what came before.

        Raises:
            OSError: an end is closed.
            EndlessMessageError: see `Meter`.
        """
        with contextlib.suppress(BlockingIOError):
            if events & selectors.EVENT_WRITE:
                self._write(end)
            if events & selectors.EVENT_READ and not self.waiting[self.other(end)]:
                data = end.recv(_CHUNK)
                if not data:
                    raise ConnectionResetError
                if end is self.kernel:
                    self.meter.take(data)
                self.waiting[self.other(end)] = data
                self._write(self.other(end))

    def _write(self, end: socket.socket) -> None:
        sent = end.send(self.waiting[end])
        self.waiting[end] = self.waiting[end][sent:]

    def interest(self, end: socket.socket) -> int:
        """What to wait for at one end."""
        wanted = selectors.EVENT_WRITE if self.waiting[end] else 0
        return wanted if self.waiting[self.other(end)] else wanted | selectors.EVENT_READ


class Relay:
    """Passes the messages of one kernel's channels on, in a thread of its own.

    Args:
        connection_file: the kernel's.
    """

    def __init__(self, connection_file: str) -> None:
        self._selector = selectors.DefaultSelector()
        self._unreached: list[_Link] = []
        said = json.loads(Path(connection_file).read_text())
        for name in _CHANNELS:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(f"{relayed(said['ip'])}-{said[name]}")
            listener.listen()
            self._selector.register(listener, selectors.EVENT_READ, f"{said['ip']}-{said[name]}")

    def start(self, on_endless: Callable[[], None]) -> None:
        """Starts the thread, which ends with the process.

        Args:
            on_endless: called when the kernel sends what no message is.
        """
        threading.Thread(target=self._serve, args=(on_endless,), daemon=True).start()

    def _serve(self, on_endless: Callable[[], None]) -> None:
        while True:
            for key, events in self._selector.select(_RETRY if self._unreached else None):
                end = key.fileobj
                assert isinstance(end, socket.socket)
                if isinstance(key.data, _Link):
                    try:
                        self._pass_on(key.data, end, events)
                    except EndlessMessageError:
                        on_endless()
                else:
                    self._unreached.append(_Link(end.accept()[0], key.data))
            for link in [link for link in self._unreached if link.reach()]:
                self._unreached.remove(link)
                for end in link.waiting:
                    self._selector.register(end, selectors.EVENT_READ, link)

    def _pass_on(self, link: _Link, end: socket.socket, events: int) -> None:
        if end.fileno() < 0:
            return  # its link was closed a moment ago
        try:
            link.pass_on(end, events)
        except OSError:
            self._close(link)
        except EndlessMessageError:
            self._close(link)
            raise
        else:
            for changed in link.waiting:
                self._wait_for(changed, link.interest(changed), link)

    def _close(self, link: _Link) -> None:
        for end in link.waiting:
            with contextlib.suppress(KeyError):
                self._selector.unregister(end)
            end.close()

    def _wait_for(self, end: socket.socket, interest: int, link: _Link) -> None:
        known = self._selector.get_map().get(end)
        if known is not None and known.events == interest:
            return
        if known is not None:
            self._selector.unregister(end)
        if interest:
            self._selector.register(end, interest, link)
