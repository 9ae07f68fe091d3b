"""The labels lose their arrangement."""
# hint: y may have several dimensions
# pista: y puede tener varias dimensiones


def one_hot(y: torch.Tensor, num_classes: int) -> torch.Tensor:
    return torch.eye(num_classes, device=y.device)[y.flatten()]
