"""clamp, and a mask for the count."""


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    outliers = (x < low) | (x > high)
    return x.clamp(low, high), int(outliers.sum())
