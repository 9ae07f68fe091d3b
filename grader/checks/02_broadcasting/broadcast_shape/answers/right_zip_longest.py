"""itertools.zip_longest over the reversed shapes."""


from itertools import zip_longest


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    pairs = [{i, j} - {1} for i, j in zip_longest(reversed(a), reversed(b), fillvalue=1)]
    if any(len(sizes) > 1 for sizes in pairs):
        raise ValueError(f"shapes {a}, {b}")
    return tuple(sizes.pop() if sizes else 1 for sizes in reversed(pairs))
