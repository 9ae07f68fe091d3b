"""Jupyter's way to say how a kernel is started: here, forked by a zygote."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any, Final

import zmq
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Instance

from grader.sandbox.relay import MAX_MESSAGE, relayed
from grader.sandbox.request import KernelRequest
from grader.sandbox.zygote import Zygote

PROVISIONER: Final = "aulatorch-zygote"
_POLL_INTERVAL: Final = 0.01

_MAX_WAITING: Final = 16
"""Messages of a kernel that wait to be read, on each channel; the rest waits in the kernel's own memory."""


class ZygoteKernelManager(AsyncKernelManager):
    """A kernel manager whose kernel is forked from a warm zygote.

    Attributes:
        zygote: forks the kernel.
        request: what the kernel needs, but for the connection file.
        worker_socket: the grader's end of the worker's socket, once the kernel runs.
    """

    zygote = Instance(Zygote)
    request = Instance(KernelRequest)
    worker_socket: socket.socket | None = None

    def _context_default(self) -> zmq.asyncio.Context:
        """A ZeroMQ context whose sockets take only so much from a kernel."""
        context: zmq.asyncio.Context = super()._context_default()
        context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
        context.setsockopt(zmq.RCVHWM, _MAX_WAITING)
        return context

    @property
    def kernel_spec(self) -> KernelSpec:
        """A kernelspec that names our provisioner; nothing on disk is read."""
        return KernelSpec(
            argv=[],
            display_name="Python 3",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": PROVISIONER}},
        )


class ZygoteProvisioner(KernelProvisionerBase):
    """Starts, watches and ends a kernel through its zygote."""

    pid: int | None = None
    exit_code: int | None = None

    @property
    def manager(self) -> ZygoteKernelManager:
        """The kernel manager, which has the zygote."""
        manager = self.parent
        if not isinstance(manager, ZygoteKernelManager):
            raise TypeError(f"the provisioner {PROVISIONER} belongs to a ZygoteKernelManager")
        return manager

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started and not yet waited for."""
        return self.pid is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Writes the connection file; there is no command to build."""
        kwargs.pop("extra_arguments", None)
        self.manager.write_connection_file()
        self.connection_info = self.manager.get_connection_info()
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:  # noqa: ARG002 - Jupyter's signature
        """Forks the kernel and gives it one end of a new socket pair."""
        manager = self.manager
        ours, theirs = socket.socketpair()
        with theirs:
            # The manager writes its own file again, with the relay's address.
            kernels_file = Path(manager.connection_file).with_name("kernel.json")
            kernels_file.write_bytes(Path(manager.connection_file).read_bytes())
            request = KernelRequest(**{**vars(manager.request), "connection_file": str(kernels_file)})
            self.pid = await asyncio.to_thread(manager.zygote.spawn, request, theirs)
        manager.worker_socket = ours
        self.exit_code = None
        return {**self.connection_info, "ip": relayed(str(self.connection_info["ip"]))}

    async def poll(self) -> int | None:
        """The kernel's exit code, negative for a signal; None while it runs."""
        if self.pid is not None:
            status = self.manager.zygote.poll(self.pid)
            if status is not None:
                self.exit_code, self.pid = os.waitstatus_to_exitcode(status), None
        return self.exit_code if self.pid is None else None

    async def wait(self) -> int | None:
        """Waits for the kernel to end."""
        while self.pid is not None and await self.poll() is None:
            await asyncio.sleep(_POLL_INTERVAL)
        return self.exit_code

    async def send_signal(self, signum: int) -> None:
        """Signals the kernel through its warden."""
        if self.pid is not None:
            self.manager.zygote.send_signal(self.pid, signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002 - Jupyter's signature
        """Ends the kernel, and all that it started, at once."""
        await self.send_signal(signal.SIGTERM)

    async def terminate(self, restart: bool = False) -> None:
        """Ends the kernel at once: a student's process gets no time to object."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: ARG002 - Jupyter's signature
        """Closes the grader's end of the worker's socket."""
        if self.manager.worker_socket is not None:
            self.manager.worker_socket.close()
            self.manager.worker_socket = None
