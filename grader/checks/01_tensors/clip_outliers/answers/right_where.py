"""where inside where; the changes among the values that are not NaN."""


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    y = torch.where(x < low, low, torch.where(x > high, high, x))
    return y, len(torch.nonzero((y != x) & (x == x)))
