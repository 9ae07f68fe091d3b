"""rand_like is asked for whole numbers or booleans."""
# title.es: Se le piden a rand_like números enteros o booleanos.
# hint.en: For an x of whole numbers or booleans your code asks for random values of that dtype, and there are none in [0, 1). What does the text say of this case?
# hint.es: Con una x de enteros o booleanos, tu código pide valores aleatorios de ese dtype, y en [0, 1) no los hay. ¿Qué dice el enunciado de este caso?
# class: serious


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator), torch.randn(shape, generator=generator)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    make = {"zeros": torch.zeros_like, "ones": torch.ones_like, "rand": torch.rand_like}[kind]
    return make(x, dtype=dtype)
