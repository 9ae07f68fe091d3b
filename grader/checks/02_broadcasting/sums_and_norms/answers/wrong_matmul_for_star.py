"""@ where * was asked."""
# hint: This is the matrix product
# pista: Este es el producto de matrices


def mean_table(x: torch.Tensor, axis: int) -> torch.Tensor:
    return x.mean(dim=axis)


def norms(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.abs().sum(), x.pow(2).sum().sqrt()


def elementwise_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a @ b


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a @ b
