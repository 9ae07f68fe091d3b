"""The dtype is text."""
# hint: `dtype` is of the wrong type
# pista: `dtype` es de otro tipo


def describe(x: torch.Tensor) -> dict[str, object]:
    return {
        "ndim": x.ndim,
        "shape": tuple(x.shape),
        "dtype": str(x.dtype),
        "device": str(x.device),
        "numel": x.numel(),
        "requires_grad": x.requires_grad,
    }
