"""The new tensor lies on the CPU, wherever x lies."""
# hint: lies on the CPU while the input lies on the GPU
# pista: está en la CPU y la entrada en la GPU


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator), torch.randn(shape, generator=generator)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    dtype = dtype or x.dtype
    if kind == "rand" and not dtype.is_floating_point:
        dtype = torch.float32
    make = {"zeros": torch.zeros, "ones": torch.ones, "rand": torch.rand}[kind]
    return make(x.shape, dtype=dtype)
