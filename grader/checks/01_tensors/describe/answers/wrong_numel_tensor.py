"""The count is a tensor."""
# hint: .item() turns it into a Python number
# pista: .item() lo convierte en un número de Python


def describe(x: torch.Tensor) -> dict[str, object]:
    return {
        "ndim": x.ndim,
        "shape": tuple(x.shape),
        "dtype": x.dtype,
        "device": str(x.device),
        "numel": torch.tensor(x.numel()),
        "requires_grad": x.requires_grad,
    }
