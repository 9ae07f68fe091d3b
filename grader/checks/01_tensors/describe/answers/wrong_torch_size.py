"""The shape is still a torch.Size."""
# hint: A torch.Size is a special tuple
# pista: Un torch.Size es una tupla especial


def describe(x: torch.Tensor) -> dict[str, object]:
    return {
        "ndim": x.ndim,
        "shape": x.shape,
        "dtype": x.dtype,
        "device": str(x.device),
        "numel": x.numel(),
        "requires_grad": x.requires_grad,
    }
