"""rand_like of whole numbers."""
# hint.en: give a floating dtype
# hint.es: da un dtype decimal


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator), torch.randn(shape, generator=generator)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    make = {"zeros": torch.zeros_like, "ones": torch.ones_like, "rand": torch.rand_like}[kind]
    return make(x, dtype=dtype)
