"""Runs a notebook's cells in a forked kernel, within limits on time and output."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Final, Self

from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat.notebooknode import NotebookNode

from grader.sandbox.provisioner import ZygoteKernelManager
from grader.sandbox.zygote import KernelRequest, Zygote, ZygoteError

GRACE: Final = 2.0
"""Seconds that an interrupted cell or call gets to end by itself before its kernel is killed."""

_READY_TIMEOUT: Final = 60.0
_FLOOD_FACTOR: Final = 10
"""A cell that writes this many times its limit is interrupted, rather than read to its end."""


class KernelLostError(Exception):
    """The kernel is gone; `reason` is ``died`` or ``hung``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the kernel {reason}")


@dataclass(frozen=True)
class Limits:
    """What one kernel may use.

    Attributes:
        cell_seconds: for one cell.
        output_characters: kept of one cell's output.
        reply_bytes: of tensors in one reply to a check.
    """

    cell_seconds: float
    output_characters: int
    reply_bytes: int


class _CellClient(NotebookClient):
    """nbclient, starting faster and keeping only so much output of a cell."""

    output_limit = 0
    _written = 0
    flooded: asyncio.Future[None]

    async def async_start_new_kernel_client(self) -> Any:
        """Connects to the kernel; the kernel's own welcome on iopub says when, so nothing is polled."""
        assert self.km is not None
        self.kc = self.km.client()
        self.kc.start_channels(hb=False)
        self.kc.allow_stdin = False
        deadline = time.monotonic() + _READY_TIMEOUT
        welcome = asyncio.ensure_future(self.kc.iopub_channel.get_msg(timeout=_READY_TIMEOUT))
        while not welcome.done():
            await asyncio.wait({welcome}, timeout=0.25)
            alive = await ensure_async(self.km.is_alive())
            if not welcome.done() and (not alive or time.monotonic() > deadline):
                welcome.cancel()
                raise KernelLostError("died")
        welcome.result()
        return self.kc

    def begin_cell(self) -> None:
        """Starts counting a cell's output; `flooded` is done once there is far too much of it."""
        self._written = 0
        self.flooded = asyncio.get_running_loop().create_future()

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Keeps an output, or drops it where the cell has written too much."""
        size = len(str(msg["content"]))
        before, self._written = self._written, self._written + size
        if self._written <= self.output_limit or msg["msg_type"] == "error":
            return super().output(outs, msg, display_id, cell_index)
        if msg["msg_type"] == "stream" and before < self.output_limit:
            msg["content"]["text"] = msg["content"]["text"][: self.output_limit - before]
            super().output(outs, msg, display_id, cell_index)
        if self._written > self.output_limit * _FLOOD_FACTOR and not self.flooded.done():
            self.flooded.set_result(None)
        return None


class Kernel:
    """One kernel and its private folder; a context manager.

    Args:
        zygote: forks the kernel.
        notebook: the notebook whose cells will run.
        files: the files beside the notebook, by relative path.
        limits: what the kernel may use.
        device: where it computes.
    """

    def __init__(
        self, zygote: Zygote, notebook: NotebookNode, files: Mapping[str, bytes], limits: Limits, device: str
    ) -> None:
        self._zygote, self._notebook, self._files = zygote, notebook, files
        self._limits, self._device = limits, device
        self._loop = asyncio.new_event_loop()
        self._folder: Path | None = None
        self._manager: ZygoteKernelManager | None = None
        self._client: _CellClient | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="aulatorch-"))
        try:
            self._loop.run_until_complete(self._start())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _start(self) -> None:
        assert self._folder is not None
        work, scratch, channels = (self._folder / name for name in ("work", "scratch", "channels"))
        for folder in (work, scratch, channels):
            folder.mkdir(mode=0o700)
        write_files(self._files, work)
        request = KernelRequest(
            connection_file="",
            scratch=str(scratch),
            cwd=str(work),
            max_reply=self._limits.reply_bytes,
            device=self._device,
        )
        self._manager = ZygoteKernelManager(
            zygote=self._zygote,
            request=request,
            transport="ipc",
            ip=str(channels / "k"),
            connection_file=str(channels / "connection.json"),
        )
        client = _CellClient(self._notebook, km=self._manager, allow_errors=True, shutdown_kernel="immediate")
        client.output_limit = self._limits.output_characters
        client.reset_execution_trackers()
        self._client = client
        await self._manager.start_kernel()
        await client.async_start_new_kernel_client()

    @property
    def worker_socket(self) -> socket.socket:
        """The grader's end of the stream to the worker."""
        assert self._manager is not None
        assert self._manager.worker_socket is not None
        return self._manager.worker_socket

    def run_cell(self, cell: NotebookNode, index: int, seconds: float) -> str | None:
        """Runs a code cell; its outputs are written into it.

        Args:
            cell: the cell.
            index: its position in the notebook.
            seconds: how long it may run; the limit of a cell applies as well.

        Returns:
            Why it was cut short, ``timeout`` or ``output``, or None.

        Raises:
            KernelLostError: the kernel died, or had to be killed because it would not stop.
        """
        return self._loop.run_until_complete(self._run_cell(cell, index, min(seconds, self._limits.cell_seconds)))

    async def _run_cell(self, cell: NotebookNode, index: int, seconds: float) -> str | None:
        assert self._client is not None
        self._client.begin_cell()
        execution = asyncio.ensure_future(self._client.async_execute_cell(cell, index, store_history=True))
        lost = self._loop.create_future()
        descriptor = self.worker_socket.fileno()
        # Between requests the worker has nothing to say: what arrives is its end, or a forgery.
        self._loop.add_reader(descriptor, _settle, lost)
        flooded = self._client.flooded
        try:
            await asyncio.wait({execution, lost, flooded}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if execution.done():
                execution.result()
                return None
            if lost.done():
                await _cancelled(execution)
                raise KernelLostError("died")
            await self._stop(execution)
            return "output" if flooded.done() else "timeout"
        except (DeadKernelError, CellControlSignal) as error:
            raise KernelLostError("died") from error
        finally:
            self._loop.remove_reader(descriptor)

    async def _stop(self, execution: asyncio.Future[Any]) -> None:
        """Interrupts the running cell, and gives up on the kernel if that does not help."""
        assert self._manager is not None
        assert self._client is not None
        await self._manager.signal_kernel(signal.SIGINT)
        await asyncio.wait({execution}, timeout=GRACE)
        if not execution.done():
            await _cancelled(execution)
            raise KernelLostError("hung")
        execution.result()

    def interrupt(self) -> None:
        """Interrupts the call that the worker is busy with."""
        assert self._manager is not None
        self._loop.run_until_complete(self._manager.signal_kernel(signal.SIGINT))

    def close(self) -> None:
        """Ends the kernel and removes its folder."""
        self._loop.run_until_complete(self._shut_down())
        self._loop.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    async def _shut_down(self) -> None:
        if self._client is not None and self._client.kc is not None:
            self._client.kc.stop_channels()
        if self._manager is not None and self._manager.provisioner is not None:
            with contextlib.suppress(ZygoteError):  # then its kernels are gone too
                await self._manager.provisioner.kill()
                await self._manager.provisioner.wait()
            await self._manager.cleanup_resources()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            await _cancelled(task)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _cancelled(task: asyncio.Future[Any]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes files under `folder`.

    Raises:
        ValueError: a path leads out of the folder.
    """
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"the file name {name!r} leads out of the folder")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
