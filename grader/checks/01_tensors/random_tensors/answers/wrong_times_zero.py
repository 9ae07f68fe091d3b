"""zeros and ones are computed from the values of x."""
# title.es: Los ceros y los unos se calculan con los valores de x.
# hint.en: Your zeros are x * 0, and NaN or infinity times 0 is NaN. Only the shape of x matters: which functions look at nothing else?
# hint.es: Tus ceros son x * 0, y NaN o infinito por 0 es NaN. Solo importa la forma de x: ¿qué funciones no miran nada más?
# class: serious


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator), torch.randn(shape, generator=generator)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    if kind == "rand":
        return torch.rand_like(x, dtype=dtype or (x.dtype if x.is_floating_point() else torch.float32))
    filled = x.to(dtype or x.dtype) * 0
    return filled if kind == "zeros" else (filled + 1).to(filled.dtype)
