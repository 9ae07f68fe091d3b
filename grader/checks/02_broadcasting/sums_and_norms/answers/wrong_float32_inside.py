"""float64 computed in float32 and cast back."""
# hint: something on the way was float32
# pista: algo por el camino era float32


def mean_table(x: torch.Tensor, axis: int) -> torch.Tensor:
    return x.float().mean(dim=axis).to(x.dtype)


def norms(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.abs().sum(), x.pow(2).sum().sqrt()


def elementwise_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a * b


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a @ b
