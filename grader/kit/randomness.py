"""Random inputs for checks: fresh at every grading, and the same again for the same seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch


class Rng:
    """Draws tensors from a generator of its own; the global random state is never touched.

    Args:
        seed: the grading's seed.
        stream: a name that gives each check its own draws, whatever ran before it.

    Attributes:
        generator: the `torch.Generator`, on the CPU, for anything that no method draws.
    """

    def __init__(self, seed: int, stream: str = "") -> None:
        digest = hashlib.sha256(f"{seed}/{stream}".encode()).digest()
        self.generator = torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") % 2**63)

    def normal(
        self, *shape: int, dtype: torch.dtype = torch.float32, mean: float = 0.0, std: float = 1.0
    ) -> torch.Tensor:
        """Independent normal values, a tensor of shape `shape`; without one a 0-d tensor."""
        return torch.randn(shape, generator=self.generator, dtype=dtype) * std + mean

    def uniform(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Independent uniform values in [low, high), a tensor of shape `shape`."""
        return torch.rand(shape, generator=self.generator, dtype=dtype) * (high - low) + low

    def integers(self, low: int, high: int, *shape: int, dtype: torch.dtype = torch.int64) -> torch.Tensor:
        """Independent whole numbers in [low, high), a tensor of shape `shape`."""
        return torch.randint(low, high, shape, generator=self.generator, dtype=dtype)

    def integer(self, low: int, high: int) -> int:
        """One whole number in [low, high), a Python int."""
        return int(self.integers(low, high, 1).item())

    def permutation(self, n: int) -> torch.Tensor:
        """The numbers 0 to n - 1 in a random order, int64 of shape (n,)."""
        return torch.randperm(n, generator=self.generator)

    def choice(self, options: Sequence[int]) -> int:
        """One of `options`, each as likely; there must be one at least."""
        return options[self.integer(0, len(options))]
