"""Both vectors become rows."""
# hint: on the same side
# pista: en el mismo lado


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a[None] * b[None]
