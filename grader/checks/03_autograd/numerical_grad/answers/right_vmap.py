"""All the moved points of one axis, f by vmap."""


def numerical_grad(f, x, eps=1e-6):
    flat = x.detach().double().reshape(-1)
    if flat.numel() == 0:
        return flat.reshape(x.shape)
    moves = eps * torch.eye(len(flat), dtype=flat.dtype)
    at = torch.vmap(lambda point: f(point.reshape(x.shape)))
    return ((at(flat + moves) - at(flat - moves)) / (2 * eps)).reshape(x.shape)
