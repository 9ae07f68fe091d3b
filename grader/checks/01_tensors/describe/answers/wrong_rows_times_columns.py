"""It multiplies the first two sizes."""
# hint: Does it hold for every number of dimensions?
# pista: ¿Vale para cualquier número de dimensiones?


def describe(x: torch.Tensor) -> dict[str, object]:
    rows = x.shape[0] if x.ndim > 0 else 1
    columns = x.shape[1] if x.ndim > 1 else 1
    return {
        "ndim": x.ndim,
        "shape": tuple(x.shape),
        "dtype": x.dtype,
        "device": str(x.device),
        "numel": rows * columns,
        "requires_grad": x.requires_grad,
    }
