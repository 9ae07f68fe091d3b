"""An index goes beyond the beginning of the shorter shape."""
# title.es: Un índice se sale por el principio de la forma más corta.
# hint.en: Your code asks the shorter shape for sizes that it does not have. What stands in for them?
# hint.es: Tu código le pide a la forma más corta tamaños que no tiene. ¿Qué se pone en su lugar?
# class: fatal


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    shape = []
    for place in range(1, max(len(a), len(b)) + 1):
        i, j = a[-place], b[-place]
        if i != j and 1 not in (i, j):
            raise ValueError(f"{a} and {b}")
        shape.insert(0, j if i == 1 else i)
    return tuple(shape)
