"""NaN becomes low."""
# title.es: NaN se convierte en low.
# hint.en: Your condition keeps the values that are above low, and NaN is not: it gets low. Which values are to be replaced, rather than kept?
# hint.es: Tu condición conserva los valores que están por encima de low, y NaN no lo está: recibe low. ¿Qué valores hay que reemplazar, en lugar de conservar?
# class: serious


def clip_outliers(x: torch.Tensor, low: float, high: float) -> tuple[torch.Tensor, int]:
    y = torch.where(x > low, x, torch.full_like(x, low))
    y = torch.where(y > high, torch.full_like(x, high), y)
    return y, int(((x < low) | (x > high)).sum())
