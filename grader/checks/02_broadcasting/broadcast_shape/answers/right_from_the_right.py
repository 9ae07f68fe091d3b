"""Walks both shapes from their last size on."""


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    shape = ()
    for place in range(1, max(len(a), len(b)) + 1):
        i = a[-place] if place <= len(a) else 1
        j = b[-place] if place <= len(b) else 1
        if i == j or j == 1:
            shape = (i, *shape)
        elif i == 1:
            shape = (j, *shape)
        else:
            raise ValueError(f"{a} and {b} cannot be broadcast together")
    return shape
