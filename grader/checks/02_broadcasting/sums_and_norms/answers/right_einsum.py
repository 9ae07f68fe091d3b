"""Einstein's notation."""


def mean_table(x: torch.Tensor, axis: int) -> torch.Tensor:
    return torch.einsum("ij->j" if axis % 2 == 0 else "ij->i", x) / x.shape[axis]


def norms(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.dot(x, x.sign()), torch.einsum("i,i->", x, x) ** 0.5


def elementwise_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.einsum("...,...->...", a, b)


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.einsum("...nm,...mp->...np", a, b)
