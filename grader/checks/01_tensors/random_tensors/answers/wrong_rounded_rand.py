"""Random values become whole numbers, all 0."""
# title.es: Los valores aleatorios se vuelven enteros, todos 0.
# hint.en: For an x of whole numbers your code converts random values to its dtype, which cuts all of them to 0. What does the text say of this case?
# hint.es: Con una x de enteros, tu código convierte los valores aleatorios a su dtype, lo que los corta todos a 0. ¿Qué dice el enunciado de este caso?
# class: serious


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator), torch.randn(shape, generator=generator)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    make = {"zeros": torch.zeros, "ones": torch.ones, "rand": torch.rand}[kind]
    return make(x.shape, device=x.device).to(dtype or x.dtype)
