"""A float32 buffer, filled in place."""
# hint: a buffer from torch.zeros is float32
# pista: un tensor de torch.zeros es float32


def mean_table(x: torch.Tensor, axis: int) -> torch.Tensor:
    return x.mean(dim=axis)


def norms(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.abs().sum(), x.pow(2).sum().sqrt()


def elementwise_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a * b


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    out = torch.zeros(a.shape[:-1] + b.shape[-1:], device=a.device)
    out += a @ b
    return out
