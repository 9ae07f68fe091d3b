"""The larger size wins, whether or not they fit."""
# hint: Only a size of 1 stretches
# pista: Solo se estira un tamaño de 1


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    rank = max(len(a), len(b))
    a, b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    shape = []
    for i, j in zip(a, b):
        shape.append(max(i, j))
    return tuple(shape)
