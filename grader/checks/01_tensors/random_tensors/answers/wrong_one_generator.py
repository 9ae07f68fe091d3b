"""One generator for the whole notebook: the second call goes on where the first one ended."""
# hint: Two calls with the same seed
# pista: Dos llamadas con la misma semilla


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    global _generator
    if "_generator" not in globals():
        _generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=_generator), torch.randn(shape, generator=_generator)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    if kind == "zeros":
        return torch.zeros_like(x, dtype=dtype)
    if kind == "ones":
        return torch.ones_like(x, dtype=dtype)
    if dtype is None and not x.is_floating_point():
        dtype = torch.float32
    return torch.rand_like(x, dtype=dtype)
