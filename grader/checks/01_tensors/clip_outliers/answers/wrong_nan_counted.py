"""y != x counts NaN."""
# hint: NaN differs from everything
# pista: NaN es distinto de todo


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    y = x.clamp(low, high)
    return y, int((y != x).sum())
