"""A loop over the batch, into a float32 buffer."""
# hint: a buffer from torch.zeros is float32
# pista: un tensor de torch.zeros es float32


def mean_table(x: torch.Tensor, axis: int) -> torch.Tensor:
    return x.mean(dim=axis)


def norms(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.abs().sum(), x.pow(2).sum().sqrt()


def elementwise_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a * b


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    if a.ndim == 2:
        return a @ b
    out = torch.zeros(a.shape[0], a.shape[1], b.shape[2])
    for i in range(len(a)):
        out[i] = a[i] @ b[i]
    return out
