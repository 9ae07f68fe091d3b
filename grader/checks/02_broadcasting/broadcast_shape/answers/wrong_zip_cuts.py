"""zip stops at the shorter shape."""
# hint: is filled up with ones on its left
# pista: se completa con unos por la izquierda


def broadcast_shape(a, b):
    shape = []
    for i, j in zip(reversed(a), reversed(b)):
        if i != j and i != 1 and j != 1:
            raise ValueError(f"cannot broadcast {a} and {b}")
        shape.insert(0, j if i == 1 else i)
    return tuple(shape)
