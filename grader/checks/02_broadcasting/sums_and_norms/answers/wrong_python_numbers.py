"""Numbers where tensors were asked."""
# hint: A tensor was asked
# pista: Se pedía un tensor


def mean_table(x: torch.Tensor, axis: int) -> torch.Tensor:
    return x.mean(dim=axis)


def norms(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.abs().sum().item(), x.norm().item()


def elementwise_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a * b


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a @ b
