"""A loop over the classes."""
# hint: There is a Python loop
# pista: Hay un bucle de Python


def one_hot(y: torch.Tensor, num_classes: int) -> torch.Tensor:
    return torch.stack([(y == c).float() for c in range(num_classes)], dim=-1)
