"""Random values rounded to whole numbers: all zero."""
# hint.en: give rand a float dtype
# hint.es: dale a rand un dtype decimal


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator), torch.randn(shape, generator=generator)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    make = {"zeros": torch.zeros, "ones": torch.ones, "rand": torch.rand}[kind]
    return make(x.shape, device=x.device).to(dtype or x.dtype)
