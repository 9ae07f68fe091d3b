"""A size of 0 fits with every other one."""
# title.es: Un tamaño 0 encaja con cualquier otro.
# hint.en: Your code lets a size of 0 pass beside any other one. Only a 1 stretches: 0 and 2 are as different as 2 and 3.
# hint.es: Tu código deja pasar un tamaño 0 junto a cualquier otro. Solo un 1 se estira: 0 y 2 son tan distintos como 2 y 3.
# class: serious


def broadcast_shape(a, b):
    rank = max(len(a), len(b))
    long_a, long_b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    shape = []
    for i, j in zip(long_a, long_b):
        if i != j and i > 1 and j > 1:
            raise ValueError(f"the shapes {a} and {b} do not broadcast")
        shape.append(j if i == 1 else i)
    return tuple(shape)
