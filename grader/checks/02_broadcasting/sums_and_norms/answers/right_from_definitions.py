"""Sums, broadcasting and einsum; the norms in a list."""


def mean_table(x: torch.Tensor, axis: int) -> torch.Tensor:
    return x.sum(axis) / x.shape[axis]


def norms(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return [torch.sum(torch.abs(x)), torch.sqrt(x @ x)]


def elementwise_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.einsum("...,...->...", a, b)


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a.unsqueeze(-1) * b.unsqueeze(-3)).sum(-2)
