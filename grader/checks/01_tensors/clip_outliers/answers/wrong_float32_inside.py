"""float64 is computed in float32 and loses digits."""
# title.es: float64 se calcula en float32 y pierde cifras.
# hint.en: Your code converts decimal numbers to float32 and back, which rounds float64 to 7 digits. Which step needs the conversion?
# hint.es: Tu código convierte los decimales a float32 y de vuelta, lo que redondea float64 a 7 cifras. ¿Qué paso necesita la conversión?
# class: serious


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    n_changed = int(((x < low) | (x > high)).sum())
    if x.is_floating_point():
        return x.float().clone().clamp(low, high).to(x.dtype), n_changed
    return x.clamp(low, high), n_changed
