"""PyTorch's own rule, with its error turned into a ValueError."""


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    try:
        return tuple(torch.broadcast_shapes(a, b))
    except RuntimeError:
        raise ValueError(f"shapes {a} and {b} do not fit") from None
