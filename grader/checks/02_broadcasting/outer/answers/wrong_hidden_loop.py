"""A loop in Python goes over the entries."""
# title.es: Un bucle de Python recorre los elementos.
# hint.en: Your code goes from item to item in Python, in whatever form, and each step costs about a microsecond. Which tensor operation does all of them at once?
# hint.es: Tu código va de elemento en elemento en Python, en la forma que sea, y cada paso cuesta alrededor de un microsegundo. ¿Qué operación con tensores los hace todos a la vez?
# class: serious


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return sum(torch.diag(a)[:, :, None] * b, torch.zeros((), dtype=a.dtype)).to(torch.promote_types(a.dtype, b.dtype)) if len(a) else a[:, None] * b
