"""Only leaves count as followed."""
# hint: Autograd follows the results of operations too
# pista: autograd sigue también los resultados de las operaciones


def describe(x: torch.Tensor) -> dict[str, object]:
    return {
        "ndim": x.dim(),
        "shape": tuple(x.shape),
        "dtype": x.dtype,
        "device": str(x.device),
        "numel": x.numel(),
        "requires_grad": x.is_leaf and x.requires_grad,
    }
