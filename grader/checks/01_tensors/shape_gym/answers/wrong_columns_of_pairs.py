"""Neighbours on top of one another: the transpose of reshape(n, 2)."""
# hint: Same shape, different order
# pista: La misma forma, otro orden


def shape_gym(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    n = x.numel() // 2
    rows = x.reshape(n, 2).T
    cols_first = rows.T
    flat = cols_first.flatten()
    lifted = rows.unsqueeze(1)
    return rows, cols_first, flat, lifted
