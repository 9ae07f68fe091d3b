"""The global generator, put back afterwards; constructors with everything said."""


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return torch.rand(*shape), torch.normal(0.0, 1.0, shape)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    dtype = dtype or x.dtype
    if kind == "rand" and not dtype.is_floating_point:
        dtype = torch.float32
    make = {"zeros": torch.zeros, "ones": torch.ones, "rand": torch.rand}[kind]
    return make(x.shape, dtype=dtype, device=x.device)
