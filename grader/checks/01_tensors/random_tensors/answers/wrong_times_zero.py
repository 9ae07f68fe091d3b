"""zeros and ones from the values of x."""
# hint.en: It is computed from the values of x
# hint.es: Sale de los valores de x


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator), torch.randn(shape, generator=generator)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    if kind == "rand":
        return torch.rand_like(x, dtype=dtype or (x.dtype if x.is_floating_point() else torch.float32))
    filled = x.to(dtype or x.dtype) * 0
    return filled if kind == "zeros" else (filled + 1).to(filled.dtype)
