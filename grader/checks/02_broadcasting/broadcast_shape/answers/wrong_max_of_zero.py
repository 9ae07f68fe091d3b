"""Checks that they fit, then takes the larger size: 1 wins over 0."""
# hint: A 1 stretches to the other size, and to 0
# pista: Un 1 se estira hasta el otro tamaño, y también hasta 0


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    rank = max(len(a), len(b))
    first, second = a, b
    a, b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    shape = []
    for i, j in zip(a, b):
        if i != j and 1 not in (i, j):
            raise ValueError(f"{first} and {second}")
        shape.append(max(i, j))
    return tuple(shape)
