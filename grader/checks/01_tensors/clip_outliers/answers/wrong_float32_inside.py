"""float64 goes through float32."""
# hint.en: Clipping rounds nothing
# hint.es: Recortar no redondea nada


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    n_changed = int(((x < low) | (x > high)).sum())
    if x.is_floating_point():
        return x.float().clone().clamp(low, high).to(x.dtype), n_changed
    return x.clamp(low, high), n_changed
