"""like's random values reach 0.5 only."""
# hint: The values of `like` do not follow the distribution
# pista: Los valores de `like` no siguen la distribución


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator), torch.randn(shape, generator=generator)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    if kind == "zeros":
        return torch.zeros_like(x, dtype=dtype)
    if kind == "ones":
        return torch.ones_like(x, dtype=dtype)
    return torch.rand_like(x, dtype=dtype or (x.dtype if x.is_floating_point() else torch.float32)) / 2
