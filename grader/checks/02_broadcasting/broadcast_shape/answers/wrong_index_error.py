"""No padding, and an index beyond the end of the shorter shape."""
# hint.en: The shorter shape is filled up with ones
# hint.es: La forma más corta se completa con unos


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    shape = []
    for place in range(1, max(len(a), len(b)) + 1):
        i, j = a[-place], b[-place]
        if i != j and 1 not in (i, j):
            raise ValueError(f"{a} and {b}")
        shape.insert(0, j if i == 1 else i)
    return tuple(shape)
