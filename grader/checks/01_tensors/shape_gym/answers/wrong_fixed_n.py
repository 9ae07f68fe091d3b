"""The number of columns is fixed."""
# hint: The new shape holds another number of elements
# pista: La forma nueva tiene otro número de elementos


def shape_gym(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    n = x.numel() // 2
    rows = x.reshape(2, 5)
    cols_first = rows.T
    flat = cols_first.flatten()
    lifted = rows.unsqueeze(1)
    return rows, cols_first, flat, lifted
