"""NaN becomes low."""
# hint.en: NaN is neither below low nor above high
# hint.es: NaN no está ni por debajo de low ni por encima de high


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    y = torch.where(x > low, x, torch.full_like(x, low))
    y = torch.where(y > high, torch.full_like(x, high), y)
    return y, int(((x < low) | (x > high)).sum())
