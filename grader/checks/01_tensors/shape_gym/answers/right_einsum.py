"""Dimensions by name, and indices with None."""


def shape_gym(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    rows = x.unflatten(0, (2, -1))
    cols_first = torch.einsum("in->ni", rows)
    return rows, cols_first, torch.ravel(cols_first), rows[:, None, :]
