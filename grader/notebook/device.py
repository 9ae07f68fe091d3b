"""Where a notebook computes: `device()`, a GPU where there is one."""

from __future__ import annotations

import os
from typing import Final

import torch

DEVICE_VARIABLE: Final = "AULATORCH_DEVICE"
"""Environment variable with the course's choice: ``auto``, ``cpu``, ``cuda`` or ``mps``. Graded kernels have it set."""


def device() -> torch.device:
    """The device to compute on: what the course says, else CUDA, else Apple's MPS, else the CPU.

    What the course asks for and this machine does not have is not used: the same notebook runs everywhere.
    """
    available = ["cpu"]
    if torch.backends.mps.is_available():
        available.insert(0, "mps")
    if torch.cuda.is_available():
        available.insert(0, "cuda")
    wanted = os.environ.get(DEVICE_VARIABLE, "auto")
    return torch.device(wanted if wanted in available else available[0] if wanted == "auto" else "cpu")
