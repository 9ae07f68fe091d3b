"""reshape(n, 2) has the shape of the transpose, and another order."""
# hint: Same shape, different order
# pista: La misma forma, otro orden


def shape_gym(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    n = x.numel() // 2
    rows = x.reshape(2, n)
    cols_first = x.reshape(n, 2)
    flat = cols_first.flatten()
    lifted = rows.unsqueeze(1)
    return rows, cols_first, flat, lifted
