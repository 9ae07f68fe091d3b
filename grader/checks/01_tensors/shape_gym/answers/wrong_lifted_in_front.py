"""The new dimension is in front."""
# hint: puts the new dimension at position k
# pista: pone la dimensión nueva en la posición k


def shape_gym(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    n = x.numel() // 2
    rows = x.reshape(2, n)
    cols_first = rows.T
    flat = cols_first.flatten()
    lifted = rows.unsqueeze(0)
    return rows, cols_first, flat, lifted
