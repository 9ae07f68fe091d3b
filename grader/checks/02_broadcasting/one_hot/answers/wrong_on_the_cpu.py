"""A table that is made on the CPU."""
# hint: must lie where y lies
# pista: donde está y


def one_hot(y: torch.Tensor, num_classes: int) -> torch.Tensor:
    return torch.eye(num_classes)[y]
