"""view on the transpose, which is not contiguous."""
# hint: reshape copies when it must
# pista: reshape copia cuando hace falta


def shape_gym(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    n = x.numel() // 2
    rows = x.reshape(2, n)
    cols_first = rows.T
    flat = cols_first.view(-1)
    lifted = rows.unsqueeze(1)
    return rows, cols_first, flat, lifted
