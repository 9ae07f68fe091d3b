"""|x|² + |y|² - 2 x·y, cut at 0."""


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    squares = X.pow(2).sum(1)[:, None] + Y.pow(2).sum(1)
    return (squares - 2 * X @ Y.T).clamp(min=0)
