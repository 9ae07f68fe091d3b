"""a * b pairs entries with equal places."""
# hint: Add a dimension of size 1
# pista: Añade una dimensión de tamaño 1


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a * b
