"""It looks for a gradient instead of asking whether there will be one."""
# hint: whether autograd follows the tensor
# pista: si autograd sigue al tensor


def describe(x: torch.Tensor) -> dict[str, object]:
    return {
        "ndim": x.ndim,
        "shape": tuple(x.shape),
        "dtype": x.dtype,
        "device": str(x.device),
        "numel": x.numel(),
        "requires_grad": x.grad is not None,
    }
