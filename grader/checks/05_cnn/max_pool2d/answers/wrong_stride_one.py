"""Windows overlap without a stride."""
# hint: Without a stride the windows do not overlap
# pista: Sin stride, las ventanas no se solapan


def max_pool2d(x: torch.Tensor, k: int, stride: int | None = None) -> torch.Tensor:
    step = 1 if stride is None else stride
    return x.unfold(2, k, step).unfold(3, k, step).amax((-2, -1))
