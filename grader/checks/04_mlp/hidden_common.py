"""Inputs of several hidden checks of 04_mlp."""


def distinct_sizes(rng, depth):
    """Sizes of which no two are equal, so that each parameter is known by its shape."""
    return tuple((rng.permutation(20)[:depth] + 2).tolist())
