"""It multiplies the first two sizes, which not every tensor has."""
# hint: The code counts on more dimensions
# pista: El código cuenta con más dimensiones


def describe(x: torch.Tensor) -> dict[str, object]:
    return {
        "ndim": x.ndim,
        "shape": tuple(x.shape),
        "dtype": x.dtype,
        "device": str(x.device),
        "numel": x.shape[0] * x.shape[1],
        "requires_grad": x.requires_grad,
    }
