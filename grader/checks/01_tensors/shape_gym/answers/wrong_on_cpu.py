"""The buffer lies on the CPU, wherever x lies."""
# hint: lies on the CPU while the input lies on the GPU
# pista: está en la CPU y la entrada en la GPU


def shape_gym(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    n = x.numel() // 2
    rows = torch.zeros(2, n, dtype=x.dtype)
    rows[0] = x[:n]
    rows[1] = x[n:]
    return rows, rows.T, rows.T.flatten(), rows.unsqueeze(1)
