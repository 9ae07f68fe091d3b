"""Only values above high count."""
# hint: both count
# pista: Cuentan los valores


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    return x.clamp(low, high), int((x > high).sum())
