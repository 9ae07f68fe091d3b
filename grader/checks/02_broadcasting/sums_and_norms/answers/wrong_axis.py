"""axis read as what is left."""
# hint: axis is the dimension that disappears
# pista: axis es la dimensión que desaparece


def mean_table(x: torch.Tensor, axis: int) -> torch.Tensor:
    return x.mean(dim=1 - axis % 2)


def norms(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.abs().sum(), x.pow(2).sum().sqrt()


def elementwise_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a * b


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a @ b
