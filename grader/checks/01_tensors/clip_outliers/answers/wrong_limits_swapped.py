"""The outliers get the other limit."""
# hint: `y` has the right shape but wrong values
# pista: `y`: la forma es correcta, pero los valores no


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    y = x.clone()
    y[x < low] = high
    y[x > high] = low
    return y, int(((x < low) | (x > high)).sum())
