"""x is lifted instead of the rows."""
# hint: puts the new dimension at position k
# pista: pone la dimensión nueva en la posición k


def shape_gym(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    n = x.numel() // 2
    rows = x.reshape(2, n)
    cols_first = rows.T
    flat = cols_first.flatten()
    lifted = x.unsqueeze(1)
    return rows, cols_first, flat, lifted
