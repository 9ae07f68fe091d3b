"""A Dask cluster on this machine, for tests and benchmarks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.sandbox.zygote import ONE_THREAD


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and worker processes over TCP, in a new folder: its address, and the processes, scheduler first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    folder.mkdir()
    start = [sys.executable, "-m"]
    scheduler = [*start, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    worker = [*start, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    with (folder / "output.txt").open("w") as output:
        processes = [
            subprocess.Popen(command, cwd=folder, env=os.environ | ONE_THREAD, stdout=output, stderr=output)
            for command in (scheduler, *[worker] * workers)
        ]
        try:
            yield address, processes
        finally:
            for process in reversed(processes):
                process.terminate()
            for process in processes:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
