"""It flattens the rows, not the transpose."""
# hint: You read it row by row
# pista: Lo has leído fila a fila


def shape_gym(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    n = x.numel() // 2
    rows = x.reshape(2, n)
    cols_first = rows.T
    flat = rows.flatten()
    lifted = rows.unsqueeze(1)
    return rows, cols_first, flat, lifted
