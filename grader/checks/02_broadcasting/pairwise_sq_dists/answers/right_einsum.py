"""einsum over the differences."""


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    difference = X.unsqueeze(1) - Y.unsqueeze(0)
    return torch.einsum("nmd,nmd->nm", difference, difference)
