"""or between two masks."""
# hint: use &, | and ~
# pista: usa &, | y ~


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    return x.clamp(low, high), int(((x < low) or (x > high)).sum())
