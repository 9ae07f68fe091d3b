"""A uniform distribution with the mean and the standard deviation of the normal one."""
# hint: About 68 % of normal values
# pista: Alrededor del 68 %


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    uniform = torch.rand(shape, generator=generator)
    return uniform, (torch.rand(shape, generator=generator) - 0.5) * 12**0.5


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    if kind == "zeros":
        return torch.zeros_like(x, dtype=dtype)
    if kind == "ones":
        return torch.ones_like(x, dtype=dtype)
    if dtype is None and not x.is_floating_point():
        dtype = torch.float32
    return torch.rand_like(x, dtype=dtype)
