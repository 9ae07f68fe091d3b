"""It writes in x to find what is above."""
# hint: Your function changed its input in place
# pista: Tu función ha cambiado su entrada


def slice_practice(
    x: torch.Tensor, threshold: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    above = x[x > threshold]
    x[x <= threshold] = 0
    return x[-1], x[:, 2:3], x[::2, 1::2], above
