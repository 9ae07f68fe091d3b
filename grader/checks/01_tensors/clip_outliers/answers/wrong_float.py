"""Whole numbers become decimals."""
# hint: y has the dtype of x
# pista: y tiene el dtype de x


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    y = x.float().clamp(low, high)
    return y, int(((x < low) | (x > high)).sum())
