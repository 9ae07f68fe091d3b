"""squeeze removes every dimension of size 1."""
# hint: n = 1 is no exception
# pista: n = 1 no es una excepción


def shape_gym(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    n = x.numel() // 2
    rows = x.reshape(2, n)
    cols_first = rows.T.squeeze()
    flat = cols_first.flatten()
    lifted = rows.unsqueeze(1)
    return rows, cols_first, flat, lifted
