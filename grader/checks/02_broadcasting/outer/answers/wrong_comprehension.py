"""A list comprehension over the entries."""
# hint: There is a Python loop ([… for …]) in outer
# pista: Hay un bucle de Python ([… for …]) en outer


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.stack([value * b for value in a]) if len(a) else a[:, None] * b
