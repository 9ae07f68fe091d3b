"""The shorter shape is padded on its right."""
# hint: Align the shapes from the right
# pista: Alinea las formas por la derecha


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    rank = max(len(a), len(b))
    first, second = a, b
    a, b = a + (1,) * (rank - len(a)), b + (1,) * (rank - len(b))
    shape = []
    for i, j in zip(a, b):
        if i != j and 1 not in (i, j):
            raise ValueError(f"{first} and {second}")
        shape.append(j if i == 1 else i)
    return tuple(shape)
