"""Values equal to a limit count."""
# hint: A value equal to low or to high is no outlier
# pista: Un valor igual a low o a high no es atípico


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    return x.clamp(low, high), int(((x <= low) | (x >= high)).sum())
