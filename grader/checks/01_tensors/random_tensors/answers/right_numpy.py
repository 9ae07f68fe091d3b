"""NumPy's generator; tensors filled in place."""


def seeded_samples(shape: tuple[int, ...], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = np.random.default_rng(seed)
    uniform = generator.random(shape, dtype=np.float32)
    normal = generator.standard_normal(shape, dtype=np.float32)
    return torch.from_numpy(uniform), torch.from_numpy(normal)


def like(x: torch.Tensor, kind: str, dtype: torch.dtype | None = None) -> torch.Tensor:
    if dtype is None:
        whole = not x.is_floating_point()
        dtype = torch.get_default_dtype() if whole and kind == "rand" else x.dtype
    result = torch.empty(x.shape, dtype=dtype, device=x.device)
    if kind == "rand":
        return result.uniform_()
    return result.fill_(1 if kind == "ones" else 0)
