"""The error does not say which shapes."""
# hint: Put both shapes into the message
# pista: Pon las dos formas en el mensaje


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    rank = max(len(a), len(b))
    a, b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    shape = []
    for i, j in zip(a, b):
        if i != j and 1 not in (i, j):
            raise ValueError("the shapes do not fit")
        shape.append(j if i == 1 else i)
    return tuple(shape)
