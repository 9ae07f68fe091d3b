"""rand draws from the normal distribution."""
# hint: rand draws from [0, 1)
# pista: rand saca valores de [0, 1)


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator), torch.randn(shape, generator=generator)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    if kind == "zeros":
        return torch.zeros_like(x, dtype=dtype)
    if kind == "ones":
        return torch.ones_like(x, dtype=dtype)
    if dtype is None and not x.is_floating_point():
        dtype = torch.float32
    return torch.randn_like(x, dtype=dtype)
