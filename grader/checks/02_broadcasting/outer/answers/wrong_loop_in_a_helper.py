"""A loop in Python goes over the entries."""
# title.es: Un bucle de Python recorre los elementos.
# hint.en: Your code goes from item to item in Python, in whatever form, and each step costs about a microsecond. Which tensor operation does all of them at once?
# hint.es: Tu código va de elemento en elemento en Python, en la forma que sea, y cada paso cuesta alrededor de un microsegundo. ¿Qué operación con tensores los hace todos a la vez?
# class: serious


def fill(table, a, b):
    for i in range(len(a)):
        table[i] = a[i] * b
    return table


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return fill(a[:, None] * torch.zeros_like(b), a, b)
