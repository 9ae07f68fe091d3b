"""A list where a tuple was asked."""
# hint: is of the wrong type
# pista: es de otro tipo


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    rank = max(len(a), len(b))
    first, second = a, b
    a, b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    shape = []
    for i, j in zip(a, b):
        if i != j and 1 not in (i, j):
            raise ValueError(f"{first} and {second}")
        shape.append(j if i == 1 else i)
    return shape
