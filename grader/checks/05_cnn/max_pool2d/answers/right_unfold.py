"""Windows as a view."""


def max_pool2d(x: torch.Tensor, k: int, stride: int | None = None) -> torch.Tensor:
    step = k if stride is None else stride
    return x.unfold(2, k, step).unfold(3, k, step).amax((-2, -1))
