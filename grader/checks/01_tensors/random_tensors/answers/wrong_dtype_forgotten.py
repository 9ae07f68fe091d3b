"""dtype= is not used."""
# hint: dtype=None means the dtype of x
# pista: dtype=None significa el dtype de x


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator), torch.randn(shape, generator=generator)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    if kind == "zeros":
        return torch.zeros_like(x)
    if kind == "ones":
        return torch.ones_like(x)
    return torch.rand_like(x.float())
