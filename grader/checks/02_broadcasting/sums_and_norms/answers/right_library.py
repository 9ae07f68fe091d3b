"""PyTorch's named functions."""


def mean_table(x: torch.Tensor, axis: int) -> torch.Tensor:
    return torch.mean(x, axis=axis)


def norms(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.linalg.norm(x, ord=1), torch.linalg.norm(x, ord=2)


def elementwise_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.multiply(a, b)


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.matmul(a, b)
