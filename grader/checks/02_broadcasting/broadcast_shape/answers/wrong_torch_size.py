"""A torch.Size, and PyTorch's own exception."""
# hint: A torch.Size is a special tuple
# pista: Un torch.Size es una tupla especial


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    return torch.broadcast_shapes(a, b)
