"""Ones scattered into zeros."""


def one_hot(y: torch.Tensor, num_classes: int) -> torch.Tensor:
    zeros = torch.zeros(*y.shape, num_classes, device=y.device)
    return zeros.scatter(-1, y.unsqueeze(-1), 1.0)
