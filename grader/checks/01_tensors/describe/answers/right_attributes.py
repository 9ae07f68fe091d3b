"""Each fact from the tensor's attribute."""


def describe(x: torch.Tensor) -> dict[str, object]:
    return {
        "ndim": x.ndim,
        "shape": tuple(x.shape),
        "dtype": x.dtype,
        "device": str(x.device),
        "numel": x.numel(),
        "requires_grad": x.requires_grad,
    }
