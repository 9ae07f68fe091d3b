"""The shapes are tested with an assert."""
# hint: An assert always raises AssertionError
# pista: Un assert lanza siempre AssertionError


def broadcast_shape(a, b):
    n = max(len(a), len(b))
    long_a, long_b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    shape = ()
    for i, j in zip(long_a, long_b):
        assert i == j or i == 1 or j == 1, f"{a} and {b} do not fit"
        shape += (j if i == 1 else i,)
    return shape
