"""Rows of the identity matrix."""


def one_hot(y: torch.Tensor, num_classes: int) -> torch.Tensor:
    return torch.eye(num_classes, device=y.device)[y]
