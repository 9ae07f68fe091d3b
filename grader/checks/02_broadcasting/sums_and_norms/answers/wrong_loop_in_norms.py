"""Python's sum over the entries."""
# hint: There is a Python loop
# pista: Hay un bucle de Python


def mean_table(x: torch.Tensor, axis: int) -> torch.Tensor:
    return x.mean(dim=axis)


def norms(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return sum(abs(v) for v in x), sum(v * v for v in x) ** 0.5


def elementwise_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a * b


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a @ b
