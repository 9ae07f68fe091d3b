"""Everything becomes float32."""
# hint: float32 keeps 7 digits
# pista: float32 guarda 7 cifras


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a.float()[:, None] * b.float()
