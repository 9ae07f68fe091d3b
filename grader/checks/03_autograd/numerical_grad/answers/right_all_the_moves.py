"""All moved points are made at once, as rows."""


def numerical_grad(f, x, eps=1e-6):
    flat = x.detach().to(torch.float64).reshape(-1)
    moves = eps * torch.eye(flat.numel(), dtype=torch.float64)
    value = lambda point: float(f(point.reshape(x.shape)))
    slopes = [(value(flat + move) - value(flat - move)) / (2 * eps) for move in moves]
    return torch.tensor(slopes, dtype=torch.float64).reshape(x.shape)
