"""Only for labels in one dimension."""
# hint: y may have several dimensions
# pista: y puede tener varias dimensiones


def one_hot(y: torch.Tensor, num_classes: int) -> torch.Tensor:
    table = torch.zeros(len(y), num_classes, device=y.device)
    table[torch.arange(len(y), device=y.device), y] = 1
    return table
