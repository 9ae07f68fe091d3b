"""The length is the size of the first dimension only."""
# hint: Does it hold for every number of dimensions?
# pista: ¿Vale para cualquier número de dimensiones?


def describe(x: torch.Tensor) -> dict[str, object]:
    return {
        "ndim": x.ndim,
        "shape": tuple(x.shape),
        "dtype": x.dtype,
        "device": str(x.device),
        "numel": len(x) if x.ndim else 1,
        "requires_grad": x.requires_grad,
    }
