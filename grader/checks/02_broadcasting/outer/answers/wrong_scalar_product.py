"""@ of two vectors is one number."""
# hint: @ of two vectors adds the products up
# pista: @ entre dos vectores suma los productos


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a @ b
