"""Without outliers it returns x itself."""
# hint: y is x itself
# pista: y es el propio x


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    outliers = (x < low) | (x > high)
    if not outliers.any():
        return x, 0
    return x.clamp(low, high), int(outliers.sum())
