"""Runs a notebook's cells in a forked kernel, within limits on time and output."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import secrets
import select
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from grader.sandbox.confinement import ConfinementError, require_protections
from grader.sandbox.folders import KERNELS, PrivateFolder, write_files
from grader.sandbox.import_path import ImportPathError, Opened, last_line
from grader.sandbox.outputs import CellOutputs
from grader.sandbox.provisioner import ZygoteKernelManager
from grader.sandbox.request import KernelRequest
from grader.sandbox.warden import NOT_CONFINED, OUT_OF_DISK, OUT_OF_MEMORY
from grader.sandbox.zygote import Zygote, ZygoteError

GRACE: Final = 2.0
"""Seconds that an interrupted cell or call gets to end by itself before its kernel is killed."""

_READY_TIMEOUT: Final = 60.0
_NOTEBOOK_FACTOR: Final = 50
"""All cells of a notebook together may write this many times what one may."""
_LEAST_ROOM: Final = 1_000
_MARK_COST: Final = 200
"""Characters that a tag or a colour counts for: pages with some 50,000 take half a minute to make, already."""
_FLOOD_FACTOR: Final = 10
"""A cell that writes this many times its limit is interrupted, rather than read to its end."""
_REASONS: Final = {OUT_OF_MEMORY: "memory", OUT_OF_DISK: "disk"}

log = logging.getLogger(__name__)


class KernelLostError(Exception):
    """The kernel is gone; `reason` is ``died``, ``hung``, ``memory`` or ``disk``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the kernel is lost: {reason}")


@dataclass(frozen=True)
class Limits:
    """What one kernel may use.

    Attributes:
        cell_seconds: for one cell.
        output_characters: kept of one cell's output.
        reply_bytes: of tensors in one reply to a check.
        memory_bytes: that its processes may hold together.
        scratch_bytes: that its folder may hold.
        cpu_seconds: of processor time, in one process.
    """

    cell_seconds: float
    output_characters: int
    reply_bytes: int
    memory_bytes: int = 4 * 2**30
    scratch_bytes: int = 2**30
    cpu_seconds: float = 600.0


class _CellClient(NotebookClient):
    """nbclient, starting faster and keeping only so much output of a cell."""

    found: CellOutputs
    flooded: asyncio.Future[None]

    async def async_start_new_kernel_client(self) -> Any:
        """Connects to the kernel; the kernel's own welcome on iopub says when, so nothing is polled.

        Raises:
            KernelLostError: it ended instead.
        """
        assert self.km is not None
        self.kc = self.km.client()
        self.kc.start_channels(stdin=False, hb=False)
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

    def begin_cell(self, limit: int, flood: int) -> None:
        """Starts collecting a cell's outputs; `flooded` is done once there is far too much of them."""
        self.found = CellOutputs(limit, flood)
        self.flooded = asyncio.get_running_loop().create_future()

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> None:  # noqa: ARG002
        """Takes one message from iopub. nbclient's own way trusts it, and keeps widgets besides."""
        kind, content = msg.get("msg_type"), msg.get("content")
        if kind == "status" and isinstance(content, dict) and content.get("execution_state") == "idle":
            raise CellExecutionComplete
        if kind == "execute_input" and isinstance(content, dict) and type(content.get("execution_count")) is int:
            cell["execution_count"] = content["execution_count"]
        self.found.take(kind, content)
        if self.found.is_flood and not self.flooded.done():
            self.flooded.set_result(None)


class Kernel:
    """One kernel and its private folder; a context manager.

    Args:
        zygote: forks the kernel.
        notebook: the notebook whose cells will run.
        files: the files beside the notebook, by relative path.
        limits: what the kernel may use.
        device: where it computes.
        variables: of its environment, besides the sandbox's own.
        readable: folders of released data.
        private: places of the course that no notebook may read, wherever Python's import path leads.
        accept_unprotected: names of protections that the course does without where the machine lacks them.
        figure_text: what stands in place of a figure; empty where figures are drawn.
        debugger_text: what is printed where a breakpoint is passed by.
        asking_text: what `input()` says, as nobody can answer.

    Attributes:
        packages: what of Python's import path it may read, once entered.

    Raises:
        ConfinementError: on entering, where the machine lacks a protection.
        ZygoteError: on entering, where no kernel can be had.
    """

    def __init__(
        self,
        zygote: Zygote,
        notebook: NotebookNode,
        files: Mapping[str, bytes],
        limits: Limits,
        device: str,
        *,
        variables: Mapping[str, str] | None = None,
        readable: Sequence[str] = (),
        private: Sequence[str] = (),
        accept_unprotected: Sequence[str] = (),
        figure_text: str = "",
        debugger_text: str = "",
        asking_text: str = "",
    ) -> None:
        self._zygote, self._notebook, self._files = zygote, notebook, files
        self._limits, self._device, self._variables = limits, device, dict(variables or {})
        self._readable, self._accept_unprotected = tuple(readable), tuple(accept_unprotected)
        self._private, self._figure_text = tuple(private), figure_text
        self.packages = Opened((), {})
        self._debugger_text = debugger_text
        self._asking_text = asking_text
        self._room = limits.output_characters * _NOTEBOOK_FACTOR
        self._loop = asyncio.new_event_loop()
        self._folder: PrivateFolder | None = None
        self._manager: ZygoteKernelManager | None = None
        self._client: _CellClient | None = None

    def __enter__(self) -> Self:
        require_protections(self._accept_unprotected)
        try:
            self.packages = self._zygote.import_path.opened(self._private)
        except ImportPathError as error:
            raise ZygoteError(str(error)) from error
        self._folder = PrivateFolder.make(KERNELS)
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
        work, scratch, channels = (self._folder.path / name for name in ("work", "scratch", "channels"))
        for folder in (work, scratch, channels):
            folder.mkdir(mode=0o700)
        write_files(self._files, work)
        request = KernelRequest(
            connection_file="",
            scratch=str(scratch),
            cwd=str(work),
            max_reply=self._limits.reply_bytes,
            device=self._device,
            variables=self._variables,
            memory_bytes=self._limits.memory_bytes,
            scratch_bytes=self._limits.scratch_bytes,
            cpu_seconds=self._limits.cpu_seconds,
            readable=self._readable,
            packages=self.packages.folders,
            accept_unprotected=self._accept_unprotected,
            figure_text=self._figure_text,
            debugger_text=self._debugger_text,
            asking_text=self._asking_text,
        )
        self._manager = ZygoteKernelManager(
            zygote=self._zygote,
            request=request,
            transport="ipc",
            ip=str(channels / "k"),
            connection_file=str(channels / "connection.json"),
        )
        client = _CellClient(self._notebook, km=self._manager, allow_errors=True, shutdown_kernel="immediate")
        client.skip_cells_with_tag = secrets.token_hex(8)  # a student's tag must not keep a graded cell from running
        client.reset_execution_trackers()
        self._client = client
        await self._manager.start_kernel()
        try:
            await client.async_start_new_kernel_client()
        except KernelLostError as lost:
            code = await self._exit_code()
            said = (scratch / "kernel.log").read_text(errors="replace")
            if code == NOT_CONFINED:
                raise ConfinementError(f"the kernel did not start: {said}") from lost
            log.error("the kernel did not start: %s", said)
            unopened = f"\nOf Python's import path it may not read:{self.packages}" if self.packages.refused else ""
            raise ZygoteError(f"the kernel did not start: {last_line(said)}{unopened}") from lost

    @property
    def worker_socket(self) -> socket.socket:
        """The grader's end of the stream to the worker."""
        assert self._manager is not None
        assert self._manager.worker_socket is not None
        return self._manager.worker_socket

    @property
    def is_out_of_step(self) -> bool:
        """Whether the worker said something unasked, or is gone: what it says next answers no question of ours."""
        return not self.is_alive_after(0.0)

    def is_alive_after(self, seconds: float) -> bool:
        """Waits with nothing running; whether the kernel is still there, and silent, as it was told nothing."""
        waiting = select.poll()
        waiting.register(self.worker_socket, select.POLLIN)
        return not waiting.poll(math.ceil(seconds * 1000))

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
        room = max(min(self._limits.output_characters, self._room), _LEAST_ROOM)
        self._client.begin_cell(room, self._limits.output_characters * _FLOOD_FACTOR)
        found = self._client.found
        cell.outputs = found.outputs
        plain = new_code_cell(cell.source)  # without metadata, which the student wrote as well
        execution = asyncio.ensure_future(self._client.async_execute_cell(plain, index, store_history=True))
        lost = self._loop.create_future()
        descriptor = self.worker_socket.fileno()
        # Between requests the worker has nothing to say: what arrives is its end, or a forgery.
        self._loop.add_reader(descriptor, _settle, lost)
        flooded = self._client.flooded
        try:
            await asyncio.wait({execution, lost, flooded}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if lost.done():
                raise KernelLostError(await self._why_lost())
            if not execution.done():
                await self._stop(execution)
                return "output" if flooded.done() else "timeout"
            self._check(execution)
            return None
        finally:
            self._room -= min(found.written, room) + found.marks * _MARK_COST
            self._loop.remove_reader(descriptor)
            await _cancelled(execution)

    async def _stop(self, execution: asyncio.Future[Any]) -> None:
        """Interrupts the running cell, and gives up on the kernel if that does not help."""
        assert self._manager is not None
        await self._manager.signal_kernel(signal.SIGINT)
        await asyncio.wait({execution}, timeout=GRACE)
        if not execution.done():
            raise KernelLostError("hung")
        self._check(execution)

    def _check(self, execution: asyncio.Future[Any]) -> None:
        """Sees how running a cell ended; whatever a kernel says that Jupyter cannot understand is the kernel's end."""
        error = execution.exception()
        if error is not None:
            log.debug("the kernel is lost", exc_info=error)
            raise KernelLostError("died") from error

    def why_lost(self) -> str:
        """Why the kernel is gone: ``died``, ``memory`` or ``disk``."""
        return self._loop.run_until_complete(self._why_lost())

    async def _why_lost(self) -> str:
        return _REASONS.get(await self._exit_code(), "died")

    async def _exit_code(self) -> int:
        """The warden's exit code; 0 for a kernel that only seemed to end."""
        assert self._manager is not None
        assert self._manager.provisioner is not None
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self._manager.provisioner.wait(), GRACE) or 0
        return 0

    def interrupt(self) -> None:
        """Interrupts the call that the worker is busy with."""
        assert self._manager is not None
        self._loop.run_until_complete(self._manager.signal_kernel(signal.SIGINT))

    def close(self) -> None:
        """Ends the kernel and removes its folder."""
        self._loop.run_until_complete(self._shut_down())
        self._loop.close()
        if self._folder is not None:
            self._folder.remove()
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
