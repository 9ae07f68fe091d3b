"""zip ends with the shorter shape."""
# hint: The shorter shape is filled up with ones
# pista: La forma más corta se completa con unos


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    rank = max(len(a), len(b))
    
    shape = []
    for i, j in zip(reversed(a), reversed(b)):
        if i != j and 1 not in (i, j):
            raise ValueError(f"{a} and {b}")
        shape.append(j if i == 1 else i)
    return tuple(reversed(shape))
