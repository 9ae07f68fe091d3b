"""It never asks where the tensor lies."""
# hint: Ask the tensor where it lies
# pista: Pregúntale al tensor dónde está


def describe(x: torch.Tensor) -> dict[str, object]:
    return {
        "ndim": x.ndim,
        "shape": tuple(x.shape),
        "dtype": x.dtype,
        "device": "cpu",
        "numel": x.numel(),
        "requires_grad": x.requires_grad,
    }
