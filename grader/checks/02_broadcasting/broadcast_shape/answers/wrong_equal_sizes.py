"""Two equal sizes above 1 are refused."""
# hint: Two equal sizes fit, whatever they are
# pista: Dos tamaños iguales encajan, sean cuales sean


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    rank = max(len(a), len(b))
    a_long, b_long = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    shape = []
    for i, j in zip(a_long, b_long):
        if i != 1 and j != 1:
            raise ValueError(f"{a} {b}")
        shape.append(j if i == 1 else i)
    return tuple(shape)
