"""The expanded form with addmm and relu."""


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    base = (X * X).sum(-1, keepdim=True) + (Y * Y).sum(-1)
    return torch.relu(torch.addmm(base, X, Y.t(), alpha=-2))
