"""The device is not text."""
# hint: str(…) turns it into text
# pista: str(…) lo convierte en texto


def describe(x: torch.Tensor) -> dict[str, object]:
    return {
        "ndim": x.ndim,
        "shape": tuple(x.shape),
        "dtype": x.dtype,
        "device": x.device,
        "numel": x.numel(),
        "requires_grad": x.requires_grad,
    }
