"""The loop hides in a helper."""
# hint.en: There is a Python loop (for) in fill
# hint.es: Hay un bucle de Python (for) en fill


def fill(table, a, b):
    for i in range(len(a)):
        table[i] = a[i] * b
    return table


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return fill(a[:, None] * torch.zeros_like(b), a, b)
