"""A matrix product of column and row, of one dtype only."""
# hint: print both, and convert one
# pista: convierte uno con .to


def outer(a, b):
    return a.view(len(a), 1) @ b.view(1, len(b))
