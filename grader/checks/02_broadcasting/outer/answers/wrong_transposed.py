"""b along the rows."""
# hint: The result is the transpose
# pista: El resultado es el transpuesto


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return b[:, None] * a
