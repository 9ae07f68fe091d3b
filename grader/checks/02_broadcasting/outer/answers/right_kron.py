"""The Kronecker product of a column and a row."""


def outer(a, b):
    return torch.kron(a.reshape(-1, 1), b.reshape(1, -1))
