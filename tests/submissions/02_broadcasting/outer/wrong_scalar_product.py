"""@ of two vectors is one number."""
# hint: The products were added up
# pista: Los productos se han sumado


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a @ b
