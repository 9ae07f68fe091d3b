"""Both vectors become columns."""
# hint: on the same side
# pista: en el mismo lado


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a.unsqueeze(1) * b.unsqueeze(1)
