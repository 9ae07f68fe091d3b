"""torch.mm takes no batch."""
# hint: torch.mm takes only matrices
# pista: torch.mm solo admite matrices


def mean_table(x: torch.Tensor, axis: int) -> torch.Tensor:
    return x.mean(dim=axis)


def norms(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.abs().sum(), x.pow(2).sum().sqrt()


def elementwise_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a * b


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.mm(a, b)
