"""What the grader asks of the zygote for each kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class KernelRequest:
    """What a kernel needs to start.

    Attributes:
        connection_file: Jupyter's connection file.
        scratch: the kernel's private folder; its home and temporary files go there.
        cwd: its working directory.
        max_reply: the most bytes of tensors in one reply.
        device: where the notebook computes: ``cpu``, ``cuda`` or ``mps``.
        variables: of its environment, besides the sandbox's own.
        memory_bytes: that its processes may hold together.
        scratch_bytes: that its folders may hold, and one file.
        cpu_seconds: of processor time, in one process.
        readable: folders of released data.
        packages: folders of Python's import path outside its own prefix, to read and run.
        accept_unprotected: names of protections that the course does without where the machine lacks them.
        figure_text: what stands in place of a figure; empty where figures are drawn.
        debugger_text: what is printed where a breakpoint is passed by.
        asking_text: what `input()` says, as nobody can answer.
    """

    connection_file: str
    scratch: str
    cwd: str
    max_reply: int
    device: str = "cpu"
    variables: Mapping[str, str] = field(default_factory=dict)
    memory_bytes: int = 4 * 2**30
    scratch_bytes: int = 2**30
    cpu_seconds: float = 600.0
    readable: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    accept_unprotected: tuple[str, ...] = ()
    figure_text: str = ""
    debugger_text: str = ""
    asking_text: str = ""
